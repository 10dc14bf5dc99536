namespace RunwarePS.Primitives;

using static RunwareErrorCategory;

/// <summary>
/// What a code of the API means, and what helps. The order and the sets follow the API's official clients; where we differ, the line says so.
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

    /// <summary>Texts by which a refusal on grounds of safety shows under a code that also means other things.</summary>
    private static readonly string[] s_refusals = ["safety system", "safety_violations", "content_policy_violation", "content policy"];

    /// <summary>Codes that say the model itself is gone.</summary>
    private static readonly HashSet<string> s_modelGone = new(StringComparer.Ordinal) { "modelNotFound", "modelDisabled", "modelUnavailable" };

    /// <summary>The category of a code that the API sent. The message decides only where the code cannot.</summary>
    public static RunwareErrorCategory Categorize(string code, string? message, int? status)
    {
        // Ours: officially provider, so repeated; but OpenAI answers this to a refused prompt too, and a refusal is never repeated.
        if (code == "providerBadRequest" && message is not null && Array.Exists(s_refusals, r => message.Contains(r, StringComparison.OrdinalIgnoreCase)))
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

    /// <summary>The category of an HTTP status, where no body says more.</summary>
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

    /// <summary>Whether the same request may succeed later. What costs money or says no is never among these.</summary>
    public static bool IsTransient(RunwareErrorCategory category) => category is Provider or Timeout or Connection or RateLimit or Server;

    public static bool IsModelGone(string code) => s_modelGone.Contains(code);

    /// <summary>What a user can do about a failure.</summary>
    public static string Action(RunwareException e) => e.Code switch
    {
        ErrorCodes.ApiKeyMissing =>
            "Run Connect-Runware -ApiKey (Read-Host -AsSecureString), or Connect-Runware -Credential, or set the environment variable RUNWARE_API_KEY. Connect-Runware -Sandbox needs no key.",
        ErrorCodes.EndpointInsecure => "Use an https endpoint. Plain http is for loopback only, because the key would travel in clear text.",
        ErrorCodes.PromptMissing => "Give -Prompt, pipe a string, or pipe objects that have a Prompt or positivePrompt property.",
        ErrorCodes.ReferenceImageNotFound => "Give an existing file (the path counts from the current location), an http(s) address, a data URI, base64 text, a media UUID, bytes or an image.",
        ErrorCodes.ParameterConflict => "Give it once: by its parameter, or as an additional key.",
        ErrorCodes.UploadEndpointNeedsSingleResult => "Give each result an upload endpoint of its own, or leave it away and use Save-RunwareImage.",
        ErrorCodes.BudgetExceeded => "Raise -MaxCost, of New-RunwareImage or for the day of Connect-Runware, if you mean to spend more; Get-RunwareSpend shows what was spent.",
        ErrorCodes.PriceUnknown => "Leave -MaxCost away for this model, or choose a size and quality with a known price (Get-RunwareModel).",
        ErrorCodes.JournalNotLocal => "Give -JournalPath on a disk of this machine. To share work between machines, use -IdempotencyKey.",
        ErrorCodes.JournalUnavailable => "Check that it is a file of this version that can be written, or give another -JournalPath.",
        ErrorCodes.TaskTimeout when e.TaskUuid is { } id => $"The task lives on: Receive-RunwareTask {id} -Wait gets its images.",
        ErrorCodes.ImageNotFound => "Check the path; it counts from the current location.",
        ErrorCodes.ImageUnreadable => "Give a JPG, PNG or WEBP file that you may read.",
        ErrorCodes.ImageInfoNotFound => "Only pictures that Save-RunwareImage wrote, without -NoMetadata or with -Sidecar, say where they come from.",
        ErrorCodes.TaskNotFound => "Check the id. A task that was sent a moment ago may not be known yet: Receive-RunwareTask -Wait waits for it.",
        ErrorCodes.ConnectionFailed when e.Parameter == "Port" => "Choose another -Port, or 0 for any that is free.",
        ErrorCodes.ModelNotFound => "Get-RunwareModel lists the models that are known.",
        ErrorCodes.FileExists => "Use -Force to overwrite it, or another name.",
        ErrorCodes.PathLooksLikeFile => "Give a folder to -Path, and the name to -FileName.",
        ErrorCodes.FileNameNotPlain => "Keep the names under -Path: no drive, no leading slash, no '..'.",
        ErrorCodes.TransparencyNeedsAlpha => "Add -OutputFormat PNG or WEBP, or choose another -Background.",
        ErrorCodes.TaskUuidReused => "Leave -TaskUuid away for more than one record: each task gets an id of its own.",
        ErrorCodes.DownloadFailed when e.Parameter is not null =>
            e.TaskUuid is { } id
                ? $"The data was cut off on its way to this cmdlet. To get the image again, run Receive-RunwareTask {id}."
                : "The data was cut off: give all of it.",
        ErrorCodes.DownloadFailed when e.Category == NotFound && e.StatusCode is not null =>
            $"The link has expired. Get a current one with Receive-RunwareTask{(e.TaskUuid is { } id ? $" {id}" : "")}, while the API stores the result.",
        ErrorCodes.DownloadFailed => "Pipe the image to Save-RunwareImage again: the picture stays at its address until its time-to-live ends.",
        ErrorCodes.ConnectionFailed when RetryPolicy.WasNeverSent(e) =>
            "Nothing was sent. Check the network, the proxy and the endpoint (Get-RunwareConnection), and run it again.",
        ErrorCodes.HttpStatus when e.StatusCode == 404 => "Check the endpoint (Get-RunwareConnection): the API's address ends in /v1.",
        ErrorCodes.RequestTimeout or ErrorCodes.UnreadableReply or ErrorCodes.ConnectionFailed or ErrorCodes.HttpStatus
            when e.TaskUuid is { } id && RetryPolicy.IsIndeterminate(e) =>
            $"The task may have been accepted and charged. Resume-RunwareTask {id} -Wait settles it under the same id, without buying it twice.",
        _ when e.IsFromServer && e.Code == "conflictTaskUUID" && e.TaskUuid is { } id =>
            $"This id was accepted before. Get-RunwareTask {id} shows its result; a new task needs a new id.",
        _ when e.Category == RateLimit && e.TaskUuid is { } id =>
            $"Wait as long as the API asks, then run Resume-RunwareTask {id} -Wait. Lower -ThrottleLimit for later runs.",
        _ when e.IsFromServer && IsModelGone(e.Code) => "Choose another model with -Model. Get-RunwareModel lists the known models.",
        _ => Action(e.Category),
    };

    private static string Action(RunwareErrorCategory category) => category switch
    {
        Validation => "Correct the parameter that the message names.",
        Authentication => "Check the API key and its rights, then run Connect-Runware again.",
        Quota => "Add credit to the Runware account.",
        RateLimit => "Wait a moment and send it again, or lower -ThrottleLimit.",
        Safety => "Change the prompt or the reference images: this content was refused.",
        NotFound => "Check the id or name. Results are kept for a limited time.",
        Provider => "Send it again later: the model's provider failed.",
        Server => "Send it again later: the API failed.",
        Timeout => "Send it again later, or raise -TimeoutSec.",
        Connection => "Check the network, the proxy and the endpoint (Get-RunwareConnection).",
        _ => "See the message, and the API's documentation where the error names it.",
    };

    private static bool Contains(string code, string part) => code.Contains(part, StringComparison.Ordinal);

    private static bool Starts(string code, string prefix) => code.StartsWith(prefix, StringComparison.Ordinal);
}
