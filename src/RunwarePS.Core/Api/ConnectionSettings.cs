namespace RunwarePS.Api;

/// <summary>Where requests go, with which key and how patiently. Never printed as a whole: the key is in it.</summary>
internal sealed record ConnectionSettings
{
    public const int DefaultTimeoutSeconds = 300;
    public const int DefaultMaxRetryCount = 3;
    public const string DefaultEndpoint = "https://api.runware.ai/v1";

    public required Uri Endpoint { get; init; }

    /// <summary>Null where a loopback endpoint needs none.</summary>
    public ApiKey? Key { get; init; }

    /// <summary>How long one request may take. Pictures take minutes, so this is no usual HTTP time-out.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(DefaultTimeoutSeconds);

    public int MaxRetryCount { get; init; } = DefaultMaxRetryCount;

    /// <summary>What all tasks of this endpoint and key may cost on one UTC day, in USD, across processes; null for no cap.</summary>
    public decimal? MaxCost { get; init; }

    /// <summary>True where nothing may be sent without a journal.</summary>
    public bool JournalRequired { get; init; }

    /// <summary>Checks endpoint and key before anything is sent.</summary>
    /// <exception cref="RunwareException"><c>EndpointInsecure</c>, <c>ApiKeyMissing</c> or <c>ParameterOutOfRange</c>.</exception>
    public static ConnectionSettings Create(Uri endpoint, ApiKey? key, int? timeoutSeconds = null, int? maxRetryCount = null)
    {
        if (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https"))
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "Endpoint", $"'{endpoint}' is no absolute http or https address.");
        }

        if (endpoint.Scheme == "http" && !endpoint.IsLoopback)
        {
            throw RunwareException.Invalid(ErrorCodes.EndpointInsecure, "Endpoint", $"{Redaction.Address(endpoint)} is plain http and not loopback.");
        }

        if (key is null && !endpoint.IsLoopback)
        {
            throw new RunwareException(ErrorCodes.ApiKeyMissing, RunwareErrorCategory.Authentication,
                "There is no API key. Give one with Connect-Runware -ApiKey or -Credential, or in the environment variable RUNWARE_API_KEY.") { Parameter = "ApiKey" };
        }

        return new ConnectionSettings
        {
            Endpoint = endpoint,
            Key = key,
            Timeout = TimeSpan.FromSeconds(timeoutSeconds ?? DefaultTimeoutSeconds),
            MaxRetryCount = maxRetryCount ?? DefaultMaxRetryCount,
        };
    }

    public override string ToString() => Redaction.Address(Endpoint);
}
