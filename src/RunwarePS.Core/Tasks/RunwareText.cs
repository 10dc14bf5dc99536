using System.Text.Json;

namespace RunwarePS;

/// <summary>One text that the API wrote.</summary>
public sealed class RunwareText : RunwareOutput
{
    /// <summary>The text itself.</summary>
    public string? Text { get; set; }

    /// <summary>
    /// The data, if JSON was requested or the model returned structured data: a hashtable, an array, a text, a number or a Boolean.
    /// </summary>
    public object? Data { get; set; }

    /// <summary>The reasoning before the text, where the model reports it. Source: https://runware.ai/docs, reasoningContent.</summary>
    public string? ReasoningContent { get; set; }

    /// <summary>Why the model stopped, where it reports that. Source: https://runware.ai/docs, finishReason.</summary>
    public string? FinishReason { get; set; }

    /// <summary>How many tokens were used, where the model reports that. Source: https://runware.ai/docs, usage.</summary>
    public System.Collections.Hashtable? Usage { get; set; }

    /// <summary>Why the model refused to write, which the API reports as a success; null where it didn't refuse.</summary>
    internal RunwareException? Refusal => FinishReason != ErrorCatalog.ContentFilter ? null
        : new RunwareException(ErrorCatalog.ContentFilter, RunwareErrorCategory.Safety,
            Strings.TextRefused.With(Index, TaskUuid))
            { IsFromServer = true, TaskUuid = TaskUuid };

    /// <summary>
    /// Reads the text as JSON, bare or in a Markdown block. Text that isn't JSON, for example because it was truncated, doesn't have data.
    /// </summary>
    internal void ReadData()
    {
        try
        {
            using var json = JsonDocument.Parse(WithoutFence(Text ?? ""));
            Data = ValueReader.ToValue(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            Data = null;
        }
    }

    private static string WithoutFence(string text)
    {
        text = text.Trim();
        return text.StartsWith("```", StringComparison.Ordinal) && text.EndsWith("```", StringComparison.Ordinal)
            && text.IndexOf('\n', StringComparison.Ordinal) is > 0 and var line
            ? text[line..^3]
            : text;
    }
}
