using System.Management.Automation;

namespace RunwarePS.Pipeline;

/// <summary>The one table from failures to error records.</summary>
internal static class ErrorRecords
{
    /// <param name="exception">What failed.</param>
    /// <param name="target">What it concerns.</param>
    /// <param name="name">Which of many that is, in words.</param>
    public static ErrorRecord From(Exception exception, object? target, string? name = null)
    {
        var failure = exception as RunwareException
            ?? new RunwareException(ErrorCodes.Unexpected, RunwareErrorCategory.Unknown, exception.Message, exception);
        return new ErrorRecord(failure, failure.ErrorId, Category(failure), target)
        {
            // The text of a server is shown without escape sequences, so that it can't control the terminal.
            ErrorDetails = new ErrorDetails(DisplayText.Lines(name is null ? failure.Message : $"{name}: {failure.Message}"))
            {
                RecommendedAction = failure.RecommendedAction,
            },
        };
    }

    private static ErrorCategory Category(RunwareException e) => e.Code switch
    {
        ErrorCodes.UnreadableReply => ErrorCategory.InvalidData,
        ErrorCodes.FileExists => ErrorCategory.ResourceExists,
        ErrorCodes.SaveFailed => ErrorCategory.WriteError,
        _ => e.Category switch
        {
            RunwareErrorCategory.Authentication => e.StatusCode == 403 ? ErrorCategory.PermissionDenied : ErrorCategory.AuthenticationError,
            RunwareErrorCategory.Quota or RunwareErrorCategory.RateLimit => ErrorCategory.LimitsExceeded,
            RunwareErrorCategory.Validation => ErrorCategory.InvalidArgument,
            RunwareErrorCategory.Safety => ErrorCategory.PermissionDenied,
            RunwareErrorCategory.Timeout => ErrorCategory.OperationTimeout,
            RunwareErrorCategory.NotFound => ErrorCategory.ObjectNotFound,
            RunwareErrorCategory.Provider or RunwareErrorCategory.Server => ErrorCategory.ResourceUnavailable,
            RunwareErrorCategory.Connection => ErrorCategory.ConnectionError,
            _ => ErrorCategory.NotSpecified,
        },
    };
}
