using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using RunwarePS.Commands;

namespace RunwarePS.Completion;

/// <summary>Completes values from the model catalog. It's offline, allows other values, and never throws.</summary>
internal sealed class ModelCatalogCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = CommandWord.Typed(wordToComplete);
        return parameterName == nameof(NewRunwareImageCommand.Model) ? Models(typed, TaskTypesOf(commandName, fakeBoundParameters))
            : from value in Values(parameterName, fakeBoundParameters)
              where value.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
              select Result(value.Text, value.ToolTip);
    }

    private static CompletionResult Result(string text, string toolTip) =>
        new(CommandWord.Quote(text), text, CompletionResultType.ParameterValue, toolTip);

    /// <summary>
    /// The models that a text can stand for, by AIR, slug or name, the closest matches first. What is inserted is always the AIR.
    /// </summary>
    private static IEnumerable<CompletionResult> Models(string typed, string[] types) =>
        from model in ModelCatalog.Default.Models
        where model.Gone is null && (types.Length == 0 || types.Contains(model.TaskType, StringComparer.OrdinalIgnoreCase))
        let rank = Rank(typed, model)
        where rank is not null
        orderby rank
        select Result(model.Air, $"{model.Name} ({model.Status})");

    // Shorter texts are in too many names.
    private static int? Rank(string typed, ModelInfo model)
    {
        const int ShortestWord = 2;
        const int ShortestPart = 3;
        if (model.Air.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
        {
            return 0;
        }

        var names = new[] { model.Air, model.Slug, model.Name };
        return Array.Exists(names, n => n.StartsWith(typed, StringComparison.OrdinalIgnoreCase)) ? 1
            : typed.Length >= ShortestWord && Array.Exists(names, n => Begins(n, typed)) ? 2
            : typed.Length >= ShortestPart && Array.Exists(names, n => n.Contains(typed, StringComparison.OrdinalIgnoreCase)) ? 3
            : null;
    }

    /// <summary>Whether a text is the beginning of a word of a name.</summary>
    private static bool Begins(string name, string typed)
    {
        for (var at = 0; (at = name.IndexOf(typed, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            if (at > 0 && !char.IsLetterOrDigit(name[at - 1]))
            {
                return true;
            }
        }

        return false;
    }

    private static IEnumerable<(string Text, string ToolTip)> Values(string parameter, IDictionary? given)
    {
        var catalog = ModelCatalog.Default;
        var model = catalog.Find(given?["Model"] as string) ?? catalog.DefaultModel;
        return parameter switch
        {
            nameof(GetRunwareModelCommand.TaskType) => Distinct(catalog.Models.Select(m => m.TaskType)),
            nameof(GetRunwareModelCommand.Status) => Distinct(catalog.Models.Select(m => m.Status)),
            nameof(GetRunwareModelCommand.Capability) => Distinct(catalog.Models.SelectMany(m => m.Capabilities)),
            nameof(NewRunwareImageCommand.Size) => (model.Sizes ?? []).Select(s => (s.Name, s.ToString())),
            nameof(NewRunwareImageCommand.SafetyMode) => Allowed(model, "safety.mode"),
            _ => Allowed(model, model.PathOf(char.ToLowerInvariant(parameter[0]) + parameter[1..])),
        };
    }

    /// <summary>The task types that a cmdlet, or what is typed so far, leaves open; none for all.</summary>
    private static string[] TaskTypesOf(string command, IDictionary? given) =>
        (given?["TaskType"] ?? given?["Operation"]) is string type ? [type]
        : command == TaskTypes.AnyTypeCmdlet ? []
        : Array.FindAll(TaskTypes.All, t => TaskTypes.CmdletFor(t) == command);

    private static IEnumerable<(string, string)> Distinct(IEnumerable<string> values) =>
        values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(v => (v, v));

    private static IEnumerable<(string, string)> Allowed(ModelInfo model, string? path) =>
        path is not null && model.Parameters.TryGetValue(path, out var rule)
            ? (rule.Allowed ?? []).Select(a => (a, a == rule.Default ? $"{a} (default)" : a))
            : [];
}
