using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace RunwarePS.Primitives;

/// <summary>
/// Makes a body readable that is JSON but not valid Unicode: bytes that aren't UTF-8, and escapes of half a character, become the
/// replacement character. Once here, so that no reader further on can stumble over them and lose an image.
/// </summary>
internal static class Utf8Repair
{
    private const int EscapeLength = 6; // \uD83D

    /// <summary>The body itself where nothing is wrong with it, which is nearly always.</summary>
    public static ReadOnlySpan<byte> Repair(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
        {
            body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body));
        }

        byte[]? repaired = null;
        var at = 0;
        while (body[at..].IndexOf((byte)'\\') is >= 0 and var offset)
        {
            at += offset;
            var first = Escape(body, at);
            if (first is null)
            {
                at = Math.Min(at + 2, body.Length); // an escape of another kind
            }
            else if (char.IsHighSurrogate((char)first) && Escape(body, at + EscapeLength) is { } second
                && char.IsLowSurrogate((char)second))
            {
                at += 2 * EscapeLength;
            }
            else
            {
                if (char.IsSurrogate((char)first))
                {
                    repaired ??= body.ToArray();
                    @"\uFFFD"u8.CopyTo(repaired.AsSpan(at));
                }

                at += EscapeLength;
            }
        }

        return repaired ?? body;
    }

    /// <summary>The value of an escape such as <c>\u00e9</c>; null if there isn't one.</summary>
    private static int? Escape(ReadOnlySpan<byte> body, int at) =>
        at + EscapeLength <= body.Length && body[at] == '\\' && body[at + 1] == 'u'
            && Utf8Parser.TryParse(body.Slice(at + 2, 4), out ushort value, out var read, 'x') && read == 4 ? value : null;
}
