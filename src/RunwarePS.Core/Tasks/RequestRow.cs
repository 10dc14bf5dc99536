using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>What a row holds in the API's own form: columns of text, as in CSV, or what JSON was read into.</summary>
internal static class RequestRow
{
    /// <summary>The cells of a row by the keys that its columns name.</summary>
    /// <param name="columns">The columns that no parameter takes.</param>
    /// <param name="parameter">The parameter that errors name.</param>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>, with the column.</exception>
    public static Hashtable Cells(IReadOnlyDictionary<string, object> columns, string parameter)
    {
        var cells = new Hashtable(StringComparer.Ordinal);
        foreach (var (column, value) in columns)
        {
            var (path, kind) = ApiKeys.Find(column) ?? (column, ApiKeyKind.Any);
            cells[path] = value is string text ? Read(column, text, kind, parameter) : value;
        }

        return cells;
    }

    /// <summary>A cell of text as the value that its key takes.</summary>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>, with the column.</exception>
    private static object? Read(string column, string text, ApiKeyKind kind, string parameter)
    {
        try
        {
            return kind switch
            {
                ApiKeyKind.Number => ReadValue.Number(text),
                ApiKeyKind.Flag => ReadValue.Flag(text),
                ApiKeyKind.Json =>
                    Json(text) is { } node and not JsonValue
                        ? node
                        : throw Unreadable(parameter, Strings.JsonUnreadable.With(DisplayText.Cut(text, 60))),
                ApiKeyKind.Any => Json(text) ?? (object)text,
                _ => text,
            };
        }
        catch (RunwareException e)
        {
            throw Unreadable(parameter, Strings.ColumnUnreadable.With(column, e.Message));
        }
    }

    private static RunwareException Unreadable(string parameter, string message) =>
        RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter, message);

    /// <summary>An object, array, number or Boolean; null for any other text.</summary>
    private static JsonNode? Json(string text)
    {
        try
        {
            return JsonNode.Parse(text) is { } node && node.GetValueKind() != JsonValueKind.String ? node : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
