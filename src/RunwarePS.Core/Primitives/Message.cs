using System.Globalization;

namespace RunwarePS.Primitives;

/// <summary>Fills in the messages of <see cref="Strings"/>.</summary>
internal static class Message
{
    /// <summary>The message with its values, in the invariant culture.</summary>
    public static string With(this string format, params object?[] values) => string.Format(CultureInfo.InvariantCulture, format, values);
}
