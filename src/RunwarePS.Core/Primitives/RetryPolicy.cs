namespace RunwarePS.Primitives;

/// <summary>What a failed request means for the task it carried.</summary>
internal static class RetryPolicy
{
    /// <summary>The API's word for an id that it has seen before: an earlier submit was accepted.</summary>
    public const string Conflict = "conflictTaskUUID";

    /// <summary>The API's word for an ID that it doesn't know yet, or no longer. It doesn't determine what became of the task.</summary>
    public const string Unknown = "taskNotFound";

    /// <summary>
    /// Whether the same request may be sent again under its ID: the connection failed, the request timed out, or the API limits the rate.
    /// A refusal on grounds of content, key, credit or form is final, whatever status it came with.
    /// </summary>
    public static bool IsRepeatable(RunwareException e) => e.Category switch
    {
        RunwareErrorCategory.Safety or RunwareErrorCategory.Validation or RunwareErrorCategory.Authentication
            or RunwareErrorCategory.Quota or RunwareErrorCategory.NotFound => false,
        RunwareErrorCategory.RateLimit => true,
        _ when IsEndOfTask(e) => false,
        _ =>
            e.Code == ErrorCodes.UnreadableReply || e.StatusCode is 408 or 429 or >= 500
                || e.Code is ErrorCodes.RequestTimeout or ErrorCodes.ConnectionFailed or ErrorCodes.UnreadableReply,
    };

    /// <summary>
    /// Whether a gateway's timeout is the failure of the task itself, such as its provider's. Any other 5xx is unclear.
    /// Source: https://runware.ai/docs/platform/errors.
    /// </summary>
    public static bool IsEndOfTask(RunwareException e) => e is { StatusCode: 504, NamesTask: true };

    /// <summary>Whether the API turned the request away before it looked at it: then it cannot have been accepted.</summary>
    public static bool IsBusy(RunwareException e) => e.StatusCode == 429 || e.Category == RunwareErrorCategory.RateLimit;

    /// <summary>Whether the connection was never made: then nothing was sent.</summary>
    public static bool WasNeverSent(RunwareException e) => e.InnerException is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError
    };

    /// <summary>Whether the task may have been accepted all the same.</summary>
    public static bool IsIndeterminate(RunwareException e) => IsRepeatable(e) && !IsBusy(e) && !WasNeverSent(e);

    /// <summary>The failure of a task that the response omits.</summary>
    public static RunwareException MissingResponse(Guid taskUuid) =>
        new(ErrorCodes.UnreadableReply, RunwareErrorCategory.Unknown, Strings.ResponseOmitsTask.With(taskUuid)) { TaskUuid = taskUuid };
}
