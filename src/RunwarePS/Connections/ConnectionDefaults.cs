using System.Net;
using System.Security;

namespace RunwarePS.Connections;

/// <summary>Where key and endpoint come from when they are not given.</summary>
internal static class ConnectionDefaults
{
    public const string KeyVariable = "RUNWARE_API_KEY";
    public const string EndpointVariable = "RUNWARE_BASE_URL";

    /// <summary>The endpoint: as given, else from the environment, else the API's own.</summary>
    public static Uri Endpoint(Uri? given)
    {
        if (given is not null)
        {
            return given;
        }

        var text = Environment.GetEnvironmentVariable(EndpointVariable);
        if (string.IsNullOrWhiteSpace(text))
        {
            return new Uri(ConnectionSettings.DefaultEndpoint);
        }

        return Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri)
            ? uri
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, EndpointVariable,
                Strings.EnvironmentEndpointNotAbsolute.With(EndpointVariable));
    }

    /// <summary>The key: as given, else from the environment.</summary>
    public static (ApiKey? Key, string Source) Key(SecureString? given)
    {
        var (text, source) = given is not null
            ? (new NetworkCredential("", given).Password, "Parameter")
            : (Environment.GetEnvironmentVariable(KeyVariable), "Environment");
        var key = ApiKey.From(text);
        if (key is { IsSendable: false })
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "ApiKey", Strings.ApiKeyNotSendable);
        }

        return (key, key is null ? "None" : source);
    }

    /// <summary>The connection from the environment, if there is no explicit one.</summary>
    public static ConnectionEntry FromEnvironment()
    {
        var (key, source) = Key(given: null);
        var journal = JournalLocation.Default;
        var settings = ConnectionSettings.Create(Endpoint(given: null), key) with { JournalRequired = journal is ServerAddress };
        return new ConnectionEntry(settings, source, "Environment", Sandbox: null, journal);
    }
}
