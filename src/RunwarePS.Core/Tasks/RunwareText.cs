using System.Collections;

namespace RunwarePS;

/// <summary>One text that the API wrote.</summary>
public sealed class RunwareText : RunwareOutput
{
    /// <summary>The text itself.</summary>
    public string? Text { get; set; }

    /// <summary>The data, if the model returned structured data.</summary>
    public Hashtable? Data { get; set; }

    /// <summary>Why the model stopped, where it reports that. Source: https://runware.ai/docs, finishReason.</summary>
    public string? FinishReason { get; set; }

    /// <summary>How many tokens were used, where the model reports that. Source: https://runware.ai/docs, usage.</summary>
    public Hashtable? Usage { get; set; }
}
