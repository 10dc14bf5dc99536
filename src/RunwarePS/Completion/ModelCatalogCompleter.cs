using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using RunwarePS.Commands;

namespace RunwarePS.Completion;

/// <summary>Completes what the model catalog owns. Offline, never in the way of another value, and never throwing.</summary>
internal sealed class ModelCatalogCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = CommandWord.Typed(wordToComplete);
        var model = ModelCatalog.Default.Find(fakeBoundParameters?["Model"] as string) ?? ModelCatalog.Default.DefaultModel;
        return from value in Values(parameterName, model)
               where value.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
               select new CompletionResult(CommandWord.Quote(value.Text), value.Text, CompletionResultType.ParameterValue, value.ToolTip);
    }

    private static IEnumerable<(string Text, string ToolTip)> Values(string parameter, ModelInfo model) => parameter switch
    {
        nameof(NewRunwareImageCommand.Model) => ModelCatalog.Default.Models.Select(m => (m.Air, $"{m.Name} ({m.Status})")),
        nameof(NewRunwareImageCommand.Size) => (model.Sizes ?? []).Select(s => (s.Name, s.ToString())),
        nameof(NewRunwareImageCommand.Quality) => Allowed(model, model.PathOf("quality")),
        nameof(NewRunwareImageCommand.Background) => Allowed(model, model.PathOf("background")),
        nameof(NewRunwareImageCommand.SafetyMode) => Allowed(model, "safety.mode"),
        _ => Allowed(model, char.ToLowerInvariant(parameter[0]) + parameter[1..]),
    };

    private static IEnumerable<(string, string)> Allowed(ModelInfo model, string? path) =>
        path is not null && model.Parameters.TryGetValue(path, out var rule)
            ? (rule.Allowed ?? []).Select(a => (a, a == rule.Default ? $"{a} (default)" : a))
            : [];
}
