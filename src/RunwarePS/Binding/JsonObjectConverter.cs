using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text.Json;

namespace RunwarePS.Binding;

/// <summary>JSON as PowerShell's own objects. Unlike ConvertFrom-Json, this leaves a text that looks like a date a text.</summary>
internal static class JsonObjectConverter
{
    public static object Of(string json)
    {
        using var document = JsonDocument.Parse(json,
            new JsonDocumentOptions { MaxDepth = 64, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        return Of(document.RootElement)!;
    }

    private static object? Of(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var converted = new PSObject();
                foreach (var property in value.EnumerateObject().Where(p => p.Name.Length > 0))
                {
                    converted.Properties.Remove(property.Name);
                    converted.Properties.Add(new PSNoteProperty(property.Name, Of(property.Value)));
                }

                return converted;
            case JsonValueKind.Array:
                return value.EnumerateArray().Select(Of).ToArray();
            case JsonValueKind.Number:
                return value.TryGetInt64(out var whole) ? whole
                    : BigInteger.TryParse(value.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                        out var big) ? big
                    : value.TryGetDecimal(out var number) ? number
                    : value.GetDouble();
            case JsonValueKind.True or JsonValueKind.False:
                return value.GetBoolean();
            default:
                return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
    }
}
