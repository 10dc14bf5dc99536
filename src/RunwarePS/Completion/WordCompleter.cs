using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RunwarePS.Completion;

/// <summary>Completes words of the API that aren't in the data of a model. Others are taken, too.</summary>
internal sealed class WordCompleter : IArgumentCompleter
{
    private static readonly Dictionary<string, string[]> s_words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Category"] = ["checkpoint", "embeddings", "lora", "lycoris", "vae"],
        ["GroupBy"] = ["apiKey", "date", "model"],
        ["Operation"] = ["Caption", "ControlNetPreprocess", "ImageMasking", "RemoveBackground", "Upscale", "Vectorize"],
        ["TaskType"] = TaskTypes.All,
        ["Visibility"] = ["favorite", "owned", "private", "public"],
    };

    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = CommandWord.Typed(wordToComplete);
        return from word in s_words.GetValueOrDefault(parameterName) ?? []
               where word.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
               select new CompletionResult(CommandWord.Quote(word), word, CompletionResultType.ParameterValue, word);
    }

    /// <summary>A word in the API's spelling; any other as it is.</summary>
    public static string? NormalizeCase(string parameter, string? word) =>
        Array.Find(s_words[parameter], w => w.Equals(word, StringComparison.OrdinalIgnoreCase)) ?? word;
}
