using System.Globalization;
using System.Text;

namespace RunwarePS.Media;

/// <summary>
/// A file name with tokens, such as <c>{Tag}/{Prompt}-{Index}</c>. A slash in its own text makes folders; a value never does.
/// The extension isn't part of it: it follows the bytes.
/// </summary>
internal sealed class FileNameTemplate
{
    public const string Default = "{TaskUuid}-{Index}";

    /// <summary>The tokens and their values. Those of a name's own part are never empty, so that names differ.</summary>
    private static readonly Dictionary<string, Func<GenerationMetadata, string?>> s_tokens = new(
        GenerationMetadata.Fields.Where(field => field.Has(FieldUse.Token))
            .Select(field => KeyValuePair.Create<string, Func<GenerationMetadata, string?>>(field.Name, field.TextOf)),
        StringComparer.OrdinalIgnoreCase)
    {
        ["TaskUuid"] = m => (m.TaskUuid ?? Guid.Empty).ToString("D"),
        ["ImageUuid"] = m => (m.MediaUuid ?? Guid.Empty).ToString("D"),
        ["Uuid"] = m => (m.MediaUuid ?? Guid.Empty).ToString("D"),
        ["Index"] = m => (m.Index ?? 0).ToString(CultureInfo.InvariantCulture),
    };

    private const string DateToken = "Date";

    private readonly string[] _segments;

    private FileNameTemplate(string[] segments) => _segments = segments;

    public static IEnumerable<string> Tokens => s_tokens.Keys.Append(DateToken + ":yyyyMMdd").Select(t => "{" + t + "}");

    /// <exception cref="RunwareException"><c>FileNameNotPlain</c> for a rooted template or one with <c>..</c>; <c>ParameterOutOfRange</c>
    /// for an unknown token.</exception>
    public static FileNameTemplate Parse(string? text)
    {
        text = string.IsNullOrWhiteSpace(text) ? Default : text.Trim();
        var segments = text.Split('/', '\\');
        var isRooted = segments[0].Length == 0 || Path.IsPathRooted(text) || (segments[0].Length >= 2 && segments[0][1] == ':');
        if (isRooted || segments.Any(s => s.Trim(' ', '.').Length == 0))
        {
            throw RunwareException.Invalid(ErrorCodes.FileNameNotPlain, "FileName",
                Strings.FileNameOutsideFolder.With(text));
        }

        if (MediaFormat.IsMediaName(segments[^1]))
        {
            segments[^1] = Path.GetFileNameWithoutExtension(segments[^1]);
        }

        var sample = new GenerationMetadata { CreatedAt = DateTime.UnixEpoch };
        foreach (var segment in segments)
        {
            Fill(segment, sample);
        }

        return new FileNameTemplate(segments);
    }

    /// <summary>The path of an output under its folder, with the extension of its format.</summary>
    public string PathOf(RunwareOutput output, MediaFormat format)
    {
        var names = new string[_segments.Length];
        for (var i = 0; i < _segments.Length; i++)
        {
            var isLast = i == _segments.Length - 1;
            var filled = Fill(_segments[i], output.Metadata);
            if (isLast && !filled.Any(char.IsLetterOrDigit))
            {
                filled = Fill(Default, output.Metadata); // every token was empty: names must still differ
            }

            // A dot that the user wrote hides a file on purpose; a value must not.
            var mayHide = _segments[i].TrimStart(' ').StartsWith('.');
            var name = SafeName.Segment(filled, SafeName.MaxNameBytes - (isLast ? format.Extension.Length : 0), mayHide);
            names[i] = isLast ? name + format.Extension : name;
        }

        return Path.Combine(names);
    }

    private static string Fill(string segment, GenerationMetadata metadata)
    {
        var name = new StringBuilder();
        var rest = segment.AsSpan();
        while (!rest.IsEmpty)
        {
            var open = rest.IndexOf('{');
            if (open < 0)
            {
                name.Append(Plain(rest));
                break;
            }

            var close = rest[open..].IndexOf('}');
            if (close < 0)
            {
                throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "FileName",
                    Strings.FileNameTokenOpen.With(rest[open..].ToString(), string.Join(" ", Tokens)));
            }

            name.Append(Plain(rest[..open]));
            name.Append(SafeName.Value(Value(rest.Slice(open + 1, close - 1).ToString(), metadata)));
            rest = rest[(open + close + 1)..];
        }

        return name.ToString();
    }

    // The template's own text keeps its blanks; what no file system takes is left out.
    private static string Plain(ReadOnlySpan<char> text) =>
        string.Concat(text.ToString().Where(c => !char.IsControl(c) && !"<>:\"|?*".Contains(c, StringComparison.Ordinal)));

    private static string? Value(string token, GenerationMetadata metadata)
    {
        if (s_tokens.TryGetValue(token, out var value))
        {
            return value(metadata);
        }

        var colon = token.IndexOf(':', StringComparison.Ordinal);
        var name = colon < 0 ? token : token[..colon];
        if (name.Equals(DateToken, StringComparison.OrdinalIgnoreCase))
        {
            try
            {
                return metadata.CreatedAt?.ToString(colon < 0 ? "yyyyMMdd" : token[(colon + 1)..], CultureInfo.InvariantCulture);
            }
            catch (FormatException)
            {
            }
        }

        throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "FileName",
            Strings.FileNameTokenUnknown.With(token, string.Join(" ", Tokens)));
    }
}
