namespace RunwarePS;

/// <summary>Which record an error concerns: the target of the error records.</summary>
public sealed class RunwareErrorTarget
{
    /// <summary>What was asked for; null where the record has none.</summary>
    public string? Prompt { get; set; }

    /// <summary>The position of the record in the pipeline, from 0.</summary>
    public int InputIndex { get; set; }

    /// <summary>The user's own mark.</summary>
    public string? Tag { get; set; }

    /// <summary>Null where the record failed before it had a task.</summary>
    public Guid? TaskUuid { get; set; }

    /// <summary>The prompt, at most its first 60 characters.</summary>
    public override string ToString() => DisplayText.Cut(Prompt ?? "", 60);
}
