namespace RunwarePS;

/// <summary>A piece of a text, as it arrived.</summary>
public sealed class RunwareTextDelta
{
    /// <summary>The task that writes the text. Source: https://runware.ai/docs/models/openai-gpt-image-1#response-taskuuid.</summary>
    public Guid TaskUuid { get; set; }

    /// <summary>The position of its record in the pipeline, from 0.</summary>
    public int? InputIndex { get; set; }

    /// <summary>
    /// Which of the texts of its task, from 0. Pieces of different texts can alternate. Source: https://runware.ai/docs, resultIndex.
    /// </summary>
    public int ResultIndex { get; set; }

    /// <summary>
    /// The next piece of the text; null if this is a piece of the reasoning only. Source: https://runware.ai/docs, delta.text.
    /// </summary>
    public string? Text { get; set; }

    /// <summary>
    /// The next piece of the reasoning, which comes before the text. Source: https://runware.ai/docs, delta.reasoningContent.
    /// </summary>
    public string? ReasoningContent { get; set; }

    /// <summary>The piece of the text.</summary>
    public override string ToString() => Text ?? "";
}
