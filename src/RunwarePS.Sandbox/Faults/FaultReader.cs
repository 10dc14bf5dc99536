using System.Collections;
using System.Globalization;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Faults;

/// <summary>Reads a fault from the table that a script gives.</summary>
internal static class FaultReader
{
    private static readonly string[] s_keys =
    [
        nameof(SandboxFault.Kind), nameof(SandboxFault.Times), nameof(SandboxFault.Skip), nameof(SandboxFault.TaskType),
        nameof(SandboxFault.Match), nameof(SandboxFault.StatusCode), nameof(SandboxFault.RetryAfter), nameof(SandboxFault.Body),
        nameof(SandboxFault.Code), nameof(SandboxFault.Message), nameof(SandboxFault.Size),
    ];

    private static readonly string[] s_taskTypes = [.. TaskTypeTable.Names, SandboxFault.Download, SandboxFault.Document];

    public static SandboxFault Read(IDictionary table)
    {
        ArgumentNullException.ThrowIfNull(table);

        var values = new Dictionary<string, object>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry entry in table)
        {
            var key = Text(entry.Key);
            var known = Array.Find(s_keys, k => k.Equals(key, StringComparison.OrdinalIgnoreCase))
                ?? throw Wrong(key, entry.Value, "is not a key of a fault; the keys are " + string.Join(", ", s_keys));
            if (entry.Value is { } value)
            {
                values[known] = value;
            }
        }

        var kind = Kind(values);
        var size = Whole(values, nameof(SandboxFault.Size), 1, long.MaxValue);
        if (kind == SandboxFaultKind.LargeFile && size is null)
        {
            throw Wrong(nameof(SandboxFault.Size), value: null, "is required for LargeFile; specify the bytes");
        }

        return new SandboxFault
        {
            Kind = kind,
            Times = (int?)Whole(values, nameof(SandboxFault.Times), 1, int.MaxValue),
            Skip = (int?)Whole(values, nameof(SandboxFault.Skip), 0, int.MaxValue) ?? 0,
            TaskType = OneOf(values, nameof(SandboxFault.TaskType), s_taskTypes),
            Match = Text(values, nameof(SandboxFault.Match)),
            StatusCode = (int?)Whole(values, nameof(SandboxFault.StatusCode), 200, 599),
            RetryAfter = Duration(values, nameof(SandboxFault.RetryAfter)),
            Body = Text(values, nameof(SandboxFault.Body)),
            Code = Text(values, nameof(SandboxFault.Code)),
            Message = Text(values, nameof(SandboxFault.Message)),
            Size = size,
        };
    }

    private static SandboxFaultKind Kind(Dictionary<string, object> values)
    {
        const string Key = nameof(SandboxFault.Kind);
        var kinds = Enum.GetNames<SandboxFaultKind>();
        var name = OneOf(values, Key, kinds) ?? throw Wrong(Key, value: null, "is required; the kinds are " + string.Join(", ", kinds));
        return Enum.Parse<SandboxFaultKind>(name);
    }

    private static string? OneOf(Dictionary<string, object> values, string key, string[] allowed)
    {
        if (Text(values, key) is not { } text)
        {
            return null;
        }

        return Array.Find(allowed, a => a.Equals(text, StringComparison.OrdinalIgnoreCase))
            ?? throw Wrong(key, text, "isn't supported. Supported values: " + string.Join(", ", allowed));
    }

    private static long? Whole(Dictionary<string, object> values, string key, long min, long max)
    {
        if (!values.TryGetValue(key, out var value))
        {
            return null;
        }

        return long.TryParse(Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max
            ? number
            : throw Wrong(key, value,
                string.Create(CultureInfo.InvariantCulture, $"isn't supported. Specify a whole number from {min} to {max}"));
    }

    private static TimeSpan? Duration(Dictionary<string, object> values, string key)
    {
        if (!values.TryGetValue(key, out var value))
        {
            return null;
        }

        // Seconds first: TimeSpan reads "5" as five days.
        var text = Text(value);
        var duration = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds)
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span
            : TimeSpan.MinValue;
        return duration >= TimeSpan.Zero
            ? duration
            : throw Wrong(key, value, "isn't supported. Specify a whole number of seconds, or a TimeSpan");
    }

    private static string? Text(Dictionary<string, object> values, string key) =>
        values.TryGetValue(key, out var value) ? Text(value) : null;

    // PowerShell may hand over wrapped values: their text is that of what they wrap.
    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";

    // Without the parameter's name: that of this method would mean nothing to the script that reads the message.
#pragma warning disable MA0015
    private static ArgumentException Wrong(string key, object? value, string what) =>
        new(value is null ? $"Fault: {key} {what}." : $"Fault: {key} = '{Text(value)}' {what}.");
#pragma warning restore MA0015
}
