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
        return from value in Values(commandName, parameterName, fakeBoundParameters)
               where value.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
               select new CompletionResult(CommandWord.Quote(value.Text), value.Text, CompletionResultType.ParameterValue, value.ToolTip);
    }

    private static IEnumerable<(string Text, string ToolTip)> Values(string command, string parameter, IDictionary? given)
    {
        var catalog = ModelCatalog.Default;
        var model = catalog.Find(given?["Model"] as string) ?? catalog.DefaultModel;
        return parameter switch
        {
            nameof(NewRunwareImageCommand.Model) => ModelsFor(TaskTypesOf(command, given)).Select(m => (m.Air, $"{m.Name} ({m.Status})")),
            nameof(GetRunwareModelCommand.Status) => Distinct(catalog.Models.Select(m => m.Status)),
            nameof(GetRunwareModelCommand.Capability) => Distinct(catalog.Models.SelectMany(m => m.Capabilities)),
            nameof(NewRunwareImageCommand.Size) => (model.Sizes ?? []).Select(s => (s.Name, s.ToString())),
            nameof(NewRunwareImageCommand.SafetyMode) => Allowed(model, "safety.mode"),
            _ => Allowed(model, model.PathOf(char.ToLowerInvariant(parameter[0]) + parameter[1..])),
        };
    }

    private static IEnumerable<ModelInfo> ModelsFor(string[] types) =>
        ModelCatalog.Default.Models.Where(m => types.Length == 0 || types.Contains(m.TaskType, StringComparer.OrdinalIgnoreCase));

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
