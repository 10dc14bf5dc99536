namespace RunwarePS;

/// <summary>Which record an error concerns: the target of the error records.</summary>
public sealed class RunwareRequest
{
    public string? Prompt { get; set; }

    /// <summary>The position of the record in the pipeline, from 0.</summary>
    public int InputIndex { get; set; }

    public string? Tag { get; set; }

    public Guid? TaskUuid { get; set; }

    public override string ToString() => Prompt is { Length: > 60 } ? Prompt[..60] + "…" : Prompt ?? "";
}
