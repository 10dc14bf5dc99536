using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RunwarePS.Completion;

/// <summary>Completes the task types that the API's pages name. Others are taken, too.</summary>
internal sealed class TaskTypeCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = CommandWord.Typed(wordToComplete);
        return from type in TaskTypes.All
               where type.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
               select new CompletionResult(CommandWord.Quote(type), type, CompletionResultType.ParameterValue, type);
    }
}
