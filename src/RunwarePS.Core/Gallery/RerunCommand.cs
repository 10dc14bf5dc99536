using System.Globalization;
using System.Text;

namespace RunwarePS.Gallery;

/// <summary>The PowerShell command that generates an image again. Whatever a prompt contains, it stays one text.</summary>
internal static class RerunCommand
{
    /// <summary>The command; null where the prompt is unknown, or another cmdlet generated the media.</summary>
    public static string? Of(GenerationMetadata metadata)
    {
        if (string.IsNullOrEmpty(metadata.Prompt) || metadata.TaskType is not (null or TaskTypes.ImageInference))
        {
            return null;
        }

        var given = metadata is { Width: not null, Height: not null } ? metadata : metadata with { Width = null, Height = null };
        var command = new StringBuilder("New-RunwareImage");
        foreach (var field in GenerationMetadata.Fields)
        {
            if (field.Has(FieldUse.Rerun) && field.TextOf(given) is { } text)
            {
                command.Append(CultureInfo.InvariantCulture, $" -{field.Name} {(field.Get(given) is string ? Quote(text) : text)}");
            }
        }

        return command.ToString();
    }

    /// <summary>A text as PowerShell reads it back: in single quotes, where nothing is expanded.</summary>
    /// <remarks>
    /// What a terminal obeys instead of showing it (control characters, those that turn the direction of writing) and torn surrogates are
    /// spelled out: pasted as they are, they could end the paste or make a command look like another.
    /// </remarks>
    public static string Quote(string text)
    {
        const string Reopened = " + '";
        var quoted = new StringBuilder(text.Length + 2).Append('\'');
        var (isSpelled, wasSpelled) = (false, false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var isPair = char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            if (!isPair && IsUnsafe(c))
            {
                quoted.Length -= wasSpelled ? Reopened.Length : 0;
                quoted.Append(CultureInfo.InvariantCulture, $"{(wasSpelled ? "" : "'")} + [char]0x{(int)c:X}{Reopened}");
                isSpelled = wasSpelled = true;
                continue;
            }

            wasSpelled = false;
            _ = isPair ? quoted.Append(c).Append(text[++i]) : quoted.Append(c, IsSingleQuote(c) ? 2 : 1);
        }

        quoted.Append('\'');
        return isSpelled ? $"({quoted})" : quoted.ToString();
    }

    // The engine ends a text at any of these, and reads two in a row as one.
    private static bool IsSingleQuote(char c) => c is '\'' or '\u2018' or '\u2019' or '\u201A' or '\u201B';

    private static bool IsUnsafe(char c) => c is not ('\n' or '\t')
        && (char.IsControl(c) || char.IsSurrogate(c)
            || c is '\u200E' or '\u200F' or '\u061C' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069'));
}
