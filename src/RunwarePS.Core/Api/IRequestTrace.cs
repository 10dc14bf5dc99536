namespace RunwarePS.Api;

/// <summary>Hears what is sent and received, without secrets and without image data. Called on any thread.</summary>
internal interface IRequestTrace
{
    /// <summary>True where bodies are wanted: they cost time to redact.</summary>
    bool WantsBody { get; }

    /// <summary>One line per request.</summary>
    void Request(string line);

    /// <summary>A redacted body.</summary>
    void Body(string text);
}
