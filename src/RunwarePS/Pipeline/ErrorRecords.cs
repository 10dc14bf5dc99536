using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>The one table from failures to error records.</summary>
internal static class ErrorRecords
{
    public static ErrorRecord From(Exception exception, object? target)
    {
        var failure = exception as RunwareException
            ?? new RunwareException(ErrorCodes.Unexpected, RunwareErrorCategory.Unknown, exception.Message, exception);
        return new ErrorRecord(failure, failure.ErrorId, Category(failure), target)
        {
            ErrorDetails = new ErrorDetails(failure.Message) { RecommendedAction = failure.RecommendedAction },
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
