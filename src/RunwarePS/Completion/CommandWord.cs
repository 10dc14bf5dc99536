using System.Management.Automation.Language;
using System.Text;

namespace RunwarePS.Completion;

/// <summary>A word of a command line that is being completed: what was meant so far, and how a value is typed.</summary>
internal static class CommandWord
{
    // PowerShell takes the quotes of word processors for its own.
    private const string SingleQuotes = "'\u2018\u2019\u201A\u201B";
    private const string DoubleQuotes = "\"\u201C\u201D\u201E";

    /// <summary>The value of a word, whether or not its quotes are closed yet.</summary>
    public static string Typed(string? word)
    {
        if (string.IsNullOrEmpty(word))
        {
            return "";
        }

        var quotes = SingleQuotes.Contains(word[0]) ? SingleQuotes : DoubleQuotes.Contains(word[0]) ? DoubleQuotes : "";
        var typed = new StringBuilder(word.Length);
        for (var i = quotes.Length > 0 ? 1 : 0; i < word.Length; i++)
        {
            if (quotes.Contains(word[i]))
            {
                if (i + 1 == word.Length || !quotes.Contains(word[i + 1]))
                {
                    break; // the closing one; a doubled one is one
                }

                i++;
            }
            else if (word[i] == '`' && quotes != SingleQuotes && ++i == word.Length)
            {
                break;
            }

            typed.Append(word[i]);
        }

        return typed.ToString();
    }

    /// <summary>A value as one word. Whatever could mean something else to the parser puts it into quotes.</summary>
    public static string Quote(string text) =>
        text.Length > 0 && text[0] != '-' && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
            ? text
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}
