using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace RunwarePS.Completion;

/// <summary>Completes the tokens of a file name, after the text before the last brace.</summary>
internal sealed class FileNameCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = CommandWord.Typed(wordToComplete);
        var brace = typed.LastIndexOf('{');
        var open = brace >= 0 && typed.IndexOf('}', brace) < 0;
        var (before, token) = open ? (typed[..brace], typed[brace..]) : (typed, "");
        return from t in FileNameTemplate.Tokens
               where t.StartsWith(token, StringComparison.OrdinalIgnoreCase)
               select new CompletionResult(CommandWord.Quote(before + t), t, CompletionResultType.ParameterValue, t);
    }
}
