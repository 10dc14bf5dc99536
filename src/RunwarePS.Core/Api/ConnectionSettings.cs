namespace RunwarePS.Api;

/// <summary>The endpoint, the key and the limits of requests. Never printed as a whole, because it contains the key.</summary>
internal sealed record ConnectionSettings
{
    public const int DefaultTimeoutSeconds = 300;
    public const int DefaultMaxRetryCount = 3;
    public const string DefaultEndpoint = "https://api.runware.ai/v1";

    public required Uri Endpoint { get; init; }

    /// <summary>The API key; null for a loopback address, which doesn't need one.</summary>
    public ApiKey? Key { get; init; }

    /// <summary>The time limit of one request. Images can take minutes, so it is longer than is usual for HTTP.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(DefaultTimeoutSeconds);

    public int MaxRetryCount { get; init; } = DefaultMaxRetryCount;

    /// <summary>
    /// The most that all tasks of this endpoint and key may cost in one UTC day, in USD, across processes; null for no limit.
    /// </summary>
    public decimal? MaxCost { get; init; }

    /// <summary>True if tasks must not be sent without a journal.</summary>
    public bool JournalRequired { get; init; }

    /// <summary>Checks endpoint and key before anything is sent.</summary>
    /// <exception cref="RunwareException"><c>EndpointInsecure</c>, <c>ApiKeyMissing</c> or <c>ParameterOutOfRange</c>.</exception>
    public static ConnectionSettings Create(Uri endpoint, ApiKey? key, int? timeoutSeconds = null, int? maxRetryCount = null)
    {
        if (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https"))
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "Endpoint", Strings.EndpointNotAbsolute.With(endpoint));
        }

        if (endpoint.Scheme == "http" && !endpoint.IsLoopback)
        {
            throw RunwareException.Invalid(ErrorCodes.EndpointInsecure, "Endpoint",
                Strings.EndpointInsecure.With(Redaction.Address(endpoint)));
        }

        if (key is null && !endpoint.IsLoopback)
        {
            throw new RunwareException(ErrorCodes.ApiKeyMissing, RunwareErrorCategory.Authentication, Strings.ApiKeyMissing)
            { Parameter = "ApiKey" };
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
