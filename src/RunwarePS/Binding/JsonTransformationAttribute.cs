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
        _ => throw Unreadable($"a {value.GetType().Name}"),
    };

    private static object? Parse(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array
                ? ValueReader.ToValue(json.RootElement)
                : throw Unreadable($"'{DisplayText.Cut(text, 60)}'");
        }
        catch (JsonException)
        {
            throw Unreadable($"'{DisplayText.Cut(text, 60)}'");
        }
    }

    private static RunwareException Unreadable(string what) =>
        RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null,
            Strings.JsonObjectExpected.With(what));
}
