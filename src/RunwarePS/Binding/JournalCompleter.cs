using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using RunwarePS.Connections;
using RunwarePS.Isolation;

namespace RunwarePS.Binding;

/// <summary>Completes what the journal of the connection in force holds. Asks no server, makes no file, and never throws.</summary>
internal abstract class JournalCompleter : IArgumentCompleter
{
    private protected const int MostOffered = 50;

    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Complete(ConnectionStore.Current ?? ConnectionLadder.FromEnvironment(), CommandWord.Typed(wordToComplete)).ToArray();
        }
        catch (Exception)
        {
            return []; // no connection, no journal, one that is locked or another version's: there is nothing to offer, and nobody to tell
        }
    }

    private protected abstract IEnumerable<CompletionResult> Complete(ConnectionEntry connection, string typed);
}

/// <summary>Completes the ids of tasks, newest first, and tells by their prompts which is which.</summary>
internal sealed class TaskCompleter : JournalCompleter
{
    private const int PromptLength = 60;

    private protected override IEnumerable<CompletionResult> Complete(ConnectionEntry connection, string typed) =>
        from task in JournalStore.GlanceAtTasks(connection.JournalPath, connection.Settings, typed.ToLowerInvariant(), MostOffered)
        let id = task.TaskUuid.ToString("D")
        let about = $"{ViewText.Age(DateTime.UtcNow - task.SubmittedAt)}, {task.Status}: {ViewText.Line(task.Prompt, PromptLength)}"
        select new CompletionResult(id, id, CompletionResultType.ParameterValue, about);
}

/// <summary>Completes tags, the last used first.</summary>
internal class TagCompleter : JournalCompleter
{
    private const int MostLookedAt = 1000;

    private protected override IEnumerable<CompletionResult> Complete(ConnectionEntry connection, string typed) =>
        (from used in JournalStore.GlanceAtTags(connection.JournalPath, connection.Settings, MostLookedAt)
         let tag = used.Tag
         let value = Value(tag)
         where tag == ViewText.Line(tag) // one with a control character would speak to the terminal
             && (tag.StartsWith(typed, StringComparison.OrdinalIgnoreCase) || value.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
         select new CompletionResult(CommandWord.Quote(value), tag, CompletionResultType.ParameterValue, $"last used {ViewText.Age(DateTime.UtcNow - used.At)}")).Take(MostOffered);

    /// <summary>What the parameter has to be given for this tag.</summary>
    private protected virtual string Value(string tag) => tag;
}

/// <summary>Completes tags where wildcards are taken: those within a tag stand for themselves.</summary>
internal sealed class TagPatternCompleter : TagCompleter
{
    private protected override string Value(string tag) => WildcardPattern.Escape(tag);
}
