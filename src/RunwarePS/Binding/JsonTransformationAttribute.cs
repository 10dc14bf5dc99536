using System.Collections;
using System.Management.Automation;
using System.Text.Json;

namespace RunwarePS.Binding;

/// <summary>An object or a list of objects in the API's terms: hashtables, custom objects, or their JSON.</summary>
internal sealed class JsonTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => value switch
    {
        null => null,
        string text when string.IsNullOrWhiteSpace(text) => null,
        string text => Parse(text),
        IDictionary or PSObject => DictionaryTransformationAttribute.Plain(value),
        IEnumerable list => list.Cast<object?>().Select(Read).SelectMany(item => item is object?[] inner ? inner : [item]).ToArray(),
        _ => throw Unreadable(Strings.JsonObjectExpected.With(Strings.ValueOfType.With(value.GetType().Name))),
    };

    private static object? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array
                ? ValueReader.ToValue(json.RootElement)
                : throw Unreadable(Strings.JsonObjectExpected.With($"'{Brief(text)}'"));
        }
        catch (JsonException e)
        {
            throw Unreadable(Strings.JsonInvalid.With(Brief(text), e.LineNumber + 1, e.BytePositionInLine + 1));
        }
    }

    private static string Brief(string text) => DisplayText.Line(text, 60);

    private static RunwareException Unreadable(string message) =>
        RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null, message);
}
