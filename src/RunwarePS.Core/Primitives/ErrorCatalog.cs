namespace RunwarePS.Primitives;

using static RunwareErrorCategory;

/// <summary>
/// The category and the recommended action of the API's codes. The order and the sets follow the API's official clients; comments explain
/// the differences.
/// </summary>
internal static class ErrorCatalog
{
    /// <summary>Why a model stopped that refused to write on, though the API reports a success.</summary>
    public const string ContentFilter = "content_filter";

    /// <summary>Codes with a category of their own. They are looked up before <see cref="s_rules"/>.</summary>
    private static readonly Dictionary<string, RunwareErrorCategory> s_codes = new(StringComparer.Ordinal)
    {
        ["quotaExceeded"] = Quota,
        ["paymentRequired"] = Quota,
        ["rateLimitExceeded"] = RateLimit,

        ["contentPolicyViolation"] = Safety,
        ["providerContentPolicyViolation"] = Safety,
        ["sensitiveContentDetected"] = Safety,
        ["unsafeContentDetected"] = Safety,
        ["nsfwContentDetected"] = Safety,
        ["promptBlocked"] = Safety,
        ["imageBlocked"] = Safety,
        ["moderationFailed"] = Safety,
        [ContentFilter] = Safety,
        ["invalidProviderContent"] = Safety, // ours: officially validation, by its prefix; it is the provider's moderation
        ["invalidBFLContent"] = Safety, // ours: as above

        ["unauthorized"] = Authentication,
        ["authenticationFailed"] = Authentication,
        ["invalidAuthentication"] = Authentication,
        ["invalidCredentials"] = Authentication,
        ["missingAuthentication"] = Authentication,
        ["tokenExpired"] = Authentication,
        ["tokenInvalid"] = Authentication,
        ["tokenMissing"] = Authentication,
        ["tokenRevoked"] = Authentication,
        ["forbidden"] = Authentication,
        ["permissionDenied"] = Authentication,
        ["insufficientPermissions"] = Authentication,
        ["accountSuspended"] = Authentication,
        ["accountDisabled"] = Authentication,
        ["organizationSuspended"] = Authentication,
        ["organizationDisabled"] = Authentication,
        ["workspaceSuspended"] = Authentication,
        ["workspaceDisabled"] = Authentication,

        ["timeoutProvider"] = Timeout, // ours: officially unknown, because of its lower-case t

        ["taskCancelled"] = NotFound,
        ["taskFailedOrNotFound"] = NotFound,

        ["internalServerError"] = Server,
        ["serviceUnavailable"] = Server,
        ["serverUnavailable"] = Server,
        ["standardError"] = Server,
        ["unknownError"] = Server,
        ["undefinedError"] = Server,
        ["defaultError"] = Server,
        ["unrecognizedResponse"] = Server,
        ["errorRetrievingAccountManagement"] = Server,

        ["inferenceError"] = Provider,
        ["processingFailed"] = Provider,
        ["taskFailed"] = Provider,
        ["downloadFailed"] = Provider,
        ["uploadFailed"] = Provider,
        ["noAvailableServer"] = Provider,
        ["modelUnavailable"] = Provider,
        ["modelDisabled"] = Provider,
        ["modelNotReady"] = Provider,
        ["mediaStorageFileCouldNotBeMoved"] = Provider,

        ["unknownParameter"] = Validation,
        ["incompatibleParameters"] = Validation,
        ["validationFailed"] = Validation,
        ["mismatchProviderSettingsProvider"] = Validation,
        ["unknownProviderSettingsProvider"] = Validation,
        ["transparentModelMismatch"] = Validation,
        ["modelOwnershipValidationError"] = Validation,
        ["modelAlreadyExists"] = Validation,
    };

    /// <summary>Rules for whole families of codes, first match wins.</summary>
    private static readonly (Func<string, bool> Matches, RunwareErrorCategory Category)[] s_rules =
    [
        (c => Contains(c, "Credits") || Contains(c, "Quota") || Contains(c, "Balance"), Quota),
        (c => Contains(c, "RateLimit"), RateLimit),
        (c => Contains(c, "ApiKey"), Authentication),
        (c => Contains(c, "Timeout") || c == "timeout", Timeout),
        (c => c.EndsWith("NotFound", StringComparison.Ordinal) || c.EndsWith("Expired", StringComparison.Ordinal), NotFound),
        (c => Starts(c, "provider"), Provider),
        (c => Starts(c, "invalid") || Starts(c, "missing") || Starts(c, "conflict") || Starts(c, "duplicate")
            || Starts(c, "unsupported") || Starts(c, "value") || Starts(c, "array") || Starts(c, "max"), Validation),
    ];

    /// <summary>Texts that identify a safety refusal under a code that has other meanings, too.</summary>
    private static readonly string[] s_refusals = ["safety system", "safety_violations", "content_policy_violation", "content policy"];

    /// <summary>Codes that mean that the model no longer exists.</summary>
    private static readonly HashSet<string> s_modelGone = new(StringComparer.Ordinal)
    { "modelNotFound", "modelDisabled", "modelUnavailable" };

    /// <summary>The category of a code that the API sent. The message decides only where the code cannot.</summary>
    public static RunwareErrorCategory Categorize(string code, string? message, int? status)
    {
        // Ours: officially provider, so repeated; but OpenAI returns this for a refused prompt too, and a refusal is never repeated.
        if (code == "providerBadRequest" && message is not null
            && Array.Exists(s_refusals, r => message.Contains(r, StringComparison.OrdinalIgnoreCase)))
        {
            return Safety;
        }

        if (s_codes.TryGetValue(code, out var category))
        {
            return category;
        }

        var rule = Array.Find(s_rules, r => r.Matches(code));
        return rule.Matches is not null ? rule.Category : status is { } http ? OfStatus(http) : Unknown;
    }

    /// <summary>The category of an HTTP status, if the body doesn't contain an error.</summary>
    public static RunwareErrorCategory OfStatus(int status) => status switch
    {
        400 => Validation,
        401 or 403 => Authentication,
        402 => Quota,
        404 or 410 => NotFound,
        408 or 504 => Timeout,
        429 => RateLimit,
        >= 500 => Server,
        _ => Unknown,
    };

    /// <summary>
    /// The category of an HTTP status of a result's URL. Downloads send no key, so a refused one means that the signed link has expired.
    /// </summary>
    public static RunwareErrorCategory OfDownload(int status) => status is 401 or 403 or 404 or 410 ? NotFound : OfStatus(status);

    /// <summary>Whether the same request may succeed later. A task that may cost money and a refusal are never transient.</summary>
    public static bool IsTransient(RunwareErrorCategory category) => category is Provider or Timeout or Connection or RateLimit or Server;

    public static bool IsModelGone(string code) => s_modelGone.Contains(code);

    /// <summary>What a user can do about a failure.</summary>
    public static string Action(RunwareException e) => OfCode(e) ?? OfState(e) ?? OfCategory(e.Category);

    private static string? OfCode(RunwareException e) => e.Code switch
    {
        ErrorCodes.ApiKeyMissing => Strings.ActionApiKeyMissing,
        ErrorCodes.EndpointInsecure => Strings.ActionEndpointInsecure,
        ErrorCodes.PromptMissing => e.Parameter == "Text" ? Strings.ActionTextMissing : Strings.ActionPromptMissing,
        ErrorCodes.ReferenceImageNotFound => e.Parameter == "Path" ? Strings.ActionPathNotFound : Strings.ActionReferenceImageNotFound,
        ErrorCodes.ParameterConflict => Strings.ActionParameterConflict,
        ErrorCodes.ParameterOutOfRange when e.AdditionalData is { } facts && facts["model"] is string model && facts["source"] is string source =>
            Strings.ActionModelRule.With(model, source),
        ErrorCodes.UploadEndpointNeedsSingleResult => Strings.ActionUploadEndpointNeedsSingleResult,
        ErrorCodes.BudgetExceeded => Strings.ActionBudgetExceeded,
        ErrorCodes.PriceUnknown => Strings.ActionPriceUnknown,
        ErrorCodes.JournalNotLocal => Strings.ActionJournalNotLocal,
        ErrorCodes.JournalUnavailable => Strings.ActionJournalUnavailable,
        ErrorCodes.ImageNotFound => Strings.ActionImageNotFound,
        ErrorCodes.ImageUnreadable => Strings.ActionImageUnreadable,
        ErrorCodes.ImageInfoNotFound => Strings.ActionImageInfoNotFound,
        ErrorCodes.TaskNotFound => Strings.ActionTaskNotFound,
        ErrorCodes.ModelNotFound => e.AdditionalData?["taskType"] is null ? Strings.ActionModelNotFound : Strings.ActionModelMissing,
        ErrorCodes.FileExists => Strings.ActionFileExists,
        ErrorCodes.PathLooksLikeFile => Strings.ActionPathLooksLikeFile,
        ErrorCodes.FileNameNotPlain => Strings.ActionFileNameNotPlain,
        ErrorCodes.TransparencyNeedsAlpha => Strings.ActionTransparencyNeedsAlpha,
        ErrorCodes.TaskUuidReused => Strings.ActionTaskUuidReused,
        ErrorCodes.DownloadFailed => OfDownload(e),
        _ => null,
    };

    private static string? OfState(RunwareException e) => e.Code switch
    {
        ErrorCodes.TaskTimeout when e.TaskUuid is { } id => Strings.ActionTaskTimeout.With(id),
        ErrorCodes.ConnectionFailed when e.Parameter == "Port" => Strings.ActionPortInUse,
        ErrorCodes.ConnectionFailed when RetryPolicy.WasNeverSent(e) => Strings.ActionNothingSent,
        ErrorCodes.HttpStatus when e.StatusCode == 404 => Strings.ActionEndpointPath,
        _ when e.TaskUuid is { } id && RetryPolicy.IsIndeterminate(e) => Strings.ActionIndeterminate.With(id),
        RetryPolicy.Conflict when e.IsFromServer && e.TaskUuid is { } id => Strings.ActionConflict.With(id),
        _ when e.Category == RateLimit && e.TaskUuid is { } id => Strings.ActionRateLimitedTask.With(id),
        _ when e.IsFromServer && IsModelGone(e.Code) => Strings.ActionModelGone,
        _ => null,
    };

    private static string OfDownload(RunwareException e) => e switch
    {
        { Parameter: not null, TaskUuid: { } id } => Strings.ActionDataCutOff.With(id),
        { Parameter: not null } => Strings.ActionDataCutOffWithoutTask,
        { Category: NotFound, StatusCode: not null, TaskUuid: { } id } => Strings.ActionLinkExpired.With(id),
        { Category: NotFound, StatusCode: not null } => Strings.ActionLinkExpiredWithoutTask,
        _ => Strings.ActionDownloadFailed,
    };

    private static string OfCategory(RunwareErrorCategory category) => category switch
    {
        Validation => Strings.ActionValidation,
        Authentication => Strings.ActionAuthentication,
        Quota => Strings.ActionQuota,
        RateLimit => Strings.ActionRateLimit,
        Safety => Strings.ActionSafety,
        NotFound => Strings.ActionNotFound,
        Provider => Strings.ActionProvider,
        Server => Strings.ActionServer,
        Timeout => Strings.ActionTimeout,
        Connection => Strings.ActionConnection,
        _ => Strings.ActionUnknown,
    };

    private static bool Contains(string code, string part) => code.Contains(part, StringComparison.Ordinal);

    private static bool Starts(string code, string prefix) => code.StartsWith(prefix, StringComparison.Ordinal);
}
