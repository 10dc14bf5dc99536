using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using RunwarePS.Connections;
using RunwarePS.Isolation;

namespace RunwarePS.Completion;

/// <summary>Completes what the journal of the connection in force holds. Asks no server, makes no file, and never throws.</summary>
internal abstract class JournalCompleter : IArgumentCompleter
{
    private protected const int MostOffered = 50;

    /// <summary>Completion runs while the user types.</summary>
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(1);

    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete,
        CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var connection = ConnectionStore.Current ?? ConnectionDefaults.FromEnvironment();
            using var journal = JournalStore.OpenForReading(connection.Journal);
            using var timeout = new CancellationTokenSource(s_timeout);
            if (journal is null)
            {
                return [];
            }

            // Completion has no asynchronous form.
            var scope = JournalScope.Of(connection.Settings, journal.Salt);
            var rows = journal.ReadAsync(scope, timeout.Token).GetAwaiter().GetResult();
            return rows is null ? [] : Complete(rows, CommandWord.Typed(wordToComplete), timeout.Token).ToArray();
        }
        catch (Exception)
        {
            return []; // without a connection or a readable journal there are no completions, and completion can't report errors
        }
    }

    private protected abstract IEnumerable<CompletionResult> Complete(
        IJournalReader journal, string typed, CancellationToken cancellationToken);
}

/// <summary>Completes the ids of tasks, newest first, and tells by their prompts which is which.</summary>
internal sealed class TaskCompleter : JournalCompleter
{
    private const int PromptLength = 60;

    private protected override IEnumerable<CompletionResult> Complete(
        IJournalReader journal, string typed, CancellationToken cancellationToken)
    {
        var query = new TaskQuery { IdBeginning = typed.ToLowerInvariant(), Newest = MostOffered };
        return
            from task in journal.QueryAsync(query, cancellationToken).ToBlockingEnumerable(cancellationToken)
            let id = task.TaskUuid.ToString("D")
            let age = DisplayText.Age(DateTime.UtcNow - task.SubmittedAt)
            let about = $"{age}, {task.Status}: {DisplayText.Line(task.Metadata.Prompt, PromptLength)}"
            select new CompletionResult(id, id, CompletionResultType.ParameterValue, about);
    }
}

/// <summary>Completes tags, the last used first.</summary>
internal class TagCompleter : JournalCompleter
{
    /// <summary>How many of the last used tags are considered.</summary>
    private const int MostTags = 10_000;

    private protected override IEnumerable<CompletionResult> Complete(
        IJournalReader journal, string typed, CancellationToken cancellationToken)
    {
        var used = journal.TagsAsync(MostTags, cancellationToken).GetAwaiter().GetResult();
        var offered =
            from tag in used
            let value = Value(tag.Tag)
            where tag.Tag == DisplayText.Line(tag.Tag) // one with a control character would speak to the terminal
                && (tag.Tag.StartsWith(typed, StringComparison.OrdinalIgnoreCase)
                    || value.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            let about = Strings.TagLastUsed.With(DisplayText.Age(DateTime.UtcNow - tag.At))
            select new CompletionResult(CommandWord.Quote(value), tag.Tag, CompletionResultType.ParameterValue, about);
        return offered.Take(MostOffered);
    }

    /// <summary>What the parameter has to be given for this tag.</summary>
    private protected virtual string Value(string tag) => tag;
}

/// <summary>Completes tags where wildcards are taken: those within a tag stand for themselves.</summary>
internal sealed class TagPatternCompleter : TagCompleter
{
    private protected override string Value(string tag) => WildcardPattern.Escape(tag);
}
