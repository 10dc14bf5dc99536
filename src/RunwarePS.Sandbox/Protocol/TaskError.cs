using System.Text.Json;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>An entry of <c>errors</c>.</summary>
internal sealed record TaskError(string Code, string Message)
{
    /// <summary>More than one where it is their combination that is wrong.</summary>
    public string[] Parameters { get; init; } = [];

    public string? TaskType { get; init; }

    public string? TaskUuid { get; init; }

    public string? Documentation { get; init; }

    public string? Type { get; init; }

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public IReadOnlyList<string>? AllowedValues { get; init; }

    /// <summary>The HTTP status when nothing else in the response succeeded.</summary>
    public int Status { get; init; } = 400;

    public static TaskError Missing(string path) => new("missing" + Name(path), $"'{path}' is required.") { Parameters = [path] };

    /// <param name="path">The parameter.</param>
    /// <param name="what">What it must be, as in "must be a string".</param>
    public static TaskError Invalid(string path, string what) => new("invalid" + Name(path), $"'{path}' {what}.") { Parameters = [path] };

    /// <summary>The part of a code that names a parameter: without the objects that it's in, and with a capital.</summary>
    public static string Name(string path)
    {
        var last = path[(path.LastIndexOf('.') + 1)..];
        return char.ToUpperInvariant(last[0]) + last[1..];
    }

    public void WriteTo(Utf8JsonWriter json, bool withStatus = false)
    {
        json.WriteStartObject();
        json.WriteString("code", Code);
        json.WriteString("message", Message);
        if (withStatus)
        {
            json.WriteString("status", "error");
        }

        if (Parameters.Length == 1)
        {
            json.WriteString("parameter", Parameters[0]);
        }
        else if (Parameters.Length > 1)
        {
            WriteList(json, "parameter", Parameters);
        }

        WriteText(json, "type", Type);
        if (Min is { } min)
        {
            json.WriteNumber("min", min);
        }

        if (Max is { } max)
        {
            json.WriteNumber("max", max);
        }

        if (AllowedValues is { Count: > 0 } allowed)
        {
            WriteList(json, "allowedValues", allowed);
        }

        WriteText(json, "taskType", TaskType);
        WriteText(json, "taskUUID", TaskUuid);
        WriteText(json, "documentation", Documentation);
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteList(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
