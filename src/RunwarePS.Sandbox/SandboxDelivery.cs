namespace RunwarePS.Sandbox;

/// <summary>One attempt to deliver a result to a webhookURL or an uploadEndpoint.</summary>
public sealed class SandboxDelivery
{
    internal SandboxDelivery(DateTime at, string kind, string target, string taskUuid, int attempt, int? statusCode, bool refused)
    {
        At = at;
        Kind = kind;
        Target = target;
        TaskUuid = taskUuid;
        Attempt = attempt;
        StatusCode = statusCode;
        Refused = refused;
    }

    /// <summary>When the attempt ended (UTC).</summary>
    public DateTime At { get; }

    /// <summary>Webhook or Upload.</summary>
    public string Kind { get; }

    /// <summary>Host and path. The query may hold a secret and is not kept.</summary>
    public string Target { get; }

    /// <summary>The task whose result this is.</summary>
    public string TaskUuid { get; }

    /// <summary>1 for the first attempt; 0 where none was made.</summary>
    public int Attempt { get; }

    /// <summary>The HTTP status of the response; null if there was none.</summary>
    public int? StatusCode { get; }

    /// <summary>True where the host is not loopback: a sandbox connects to nothing else.</summary>
    public bool Refused { get; }

    /// <summary>The kind, target and outcome.</summary>
    public override string ToString() =>
        Refused ? $"{Kind} {Target} refused" : FormattableString.Invariant($"{Kind} {Target} {StatusCode}");
}
