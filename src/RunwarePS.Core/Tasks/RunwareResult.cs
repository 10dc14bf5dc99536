namespace RunwarePS;

/// <summary>One result that is none of the other kinds. What the API sent is in <see cref="RunwareOutput.AdditionalData"/>.</summary>
public sealed class RunwareResult : RunwareOutput
{
    /// <summary>The type of the task. Source: https://runware.ai/docs/models/openai-gpt-image-1#response-tasktype.</summary>
    public string? TaskType
    {
        get => Metadata.TaskType;
        set => Metadata.TaskType = value;
    }
}
