namespace RunwarePS;

/// <summary>A medium that the API stores. Other tasks take it by its UUID.</summary>
public sealed class RunwareMediaReference : RunwareMedia
{
    /// <summary>The SHA-256 of its content; null if the API fetched it from a URL.</summary>
    public string? Sha256 { get; set; }
}
