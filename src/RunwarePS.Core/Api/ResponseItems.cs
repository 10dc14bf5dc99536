using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunwarePS.Api;

/// <summary>One entry of <c>data</c>. Lenient: a field of an unexpected type is null, and costs no other field.</summary>
internal sealed class ResultItem
{
    [JsonPropertyName("taskType"), JsonConverter(typeof(LenientString))]
    public string? TaskType { get; set; }

    [JsonPropertyName("taskUUID"), JsonConverter(typeof(LenientGuid))]
    public Guid? TaskUuid { get; set; }

    [JsonPropertyName("imageUUID"), JsonConverter(typeof(LenientGuid))]
    public Guid? ImageUuid { get; set; }

    [JsonPropertyName("imageURL"), JsonConverter(typeof(LenientString))]
    public string? ImageUrl { get; set; }

    [JsonPropertyName("imageBase64Data"), JsonConverter(typeof(LenientMedia))]
    public MediaData? ImageBase64Data { get; set; }

    [JsonPropertyName("imageDataURI"), JsonConverter(typeof(LenientMedia))]
    public MediaData? ImageDataUri { get; set; }

    [JsonPropertyName("seed"), JsonConverter(typeof(LenientLong))]
    public long? Seed { get; set; }

    [JsonPropertyName("NSFWContent"), JsonConverter(typeof(LenientBool))]
    public bool? NsfwContent { get; set; }

    [JsonPropertyName("cost"), JsonConverter(typeof(LenientDecimal))]
    public decimal? Cost { get; set; }

    [JsonPropertyName("status"), JsonConverter(typeof(LenientString))]
    public string? Status { get; set; }

    [JsonPropertyName("progress"), JsonConverter(typeof(LenientLong))]
    public long? Progress { get; set; }

    /// <summary>The failure of a task, in one of its spellings.</summary>
    [JsonPropertyName("error")]
    public JsonElement? Error { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>The JSON of the item, if it was requested.</summary>
    [JsonIgnore]
    public string? Raw { get; set; }

    [JsonIgnore]
    public bool HasImage => Uri.TryCreate(ImageUrl, UriKind.Absolute, out _) || ImageBase64Data is not null || ImageDataUri is not null;
}

/// <summary>Media bytes as a response carried them; <see cref="MediaType"/> is null for bare base64.</summary>
internal sealed record MediaData(byte[] Bytes, string? MediaType)
{
    /// <summary>The bytes of a text that is base64, bare or in a data URI; null of any other.</summary>
    public static MediaData? Of(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var comma = text.StartsWith("data:", StringComparison.Ordinal) ? text.IndexOf(',', StringComparison.Ordinal) : -1;
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text[(comma + 1)..], bytes, out var length) && length > 0
            ? new MediaData(bytes[..length], comma < 0 ? null : text["data:".Length..comma].Split(';')[0])
            : null;
    }
}

/// <summary>One entry of <c>errors</c>.</summary>
internal sealed class ErrorItem
{
    [JsonPropertyName("code"), JsonConverter(typeof(LenientString))]
    public string? Code { get; set; }

    [JsonPropertyName("message"), JsonConverter(typeof(LenientString))]
    public string? Message { get; set; }

    /// <summary>A name, or for a rule between several parameters a list of names.</summary>
    [JsonPropertyName("parameter"), JsonConverter(typeof(LenientNames))]
    public string? Parameter { get; set; }

    [JsonPropertyName("taskType"), JsonConverter(typeof(LenientString))]
    public string? TaskType { get; set; }

    [JsonPropertyName("taskUUID"), JsonConverter(typeof(LenientGuid))]
    public Guid? TaskUuid { get; set; }

    [JsonPropertyName("documentation"), JsonConverter(typeof(LenientString))]
    public string? Documentation { get; set; }

    /// <summary>True if this module reports the error, because the API's own text couldn't be read.</summary>
    [JsonIgnore]
    public bool IsOurs { get; set; }

    /// <summary>Everything else: min, max, allowedValues, responseContent, context and what is yet to come.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

[JsonSerializable(typeof(ResultItem))]
[JsonSerializable(typeof(ErrorItem))]
[JsonSerializable(typeof(JsonElement[]))]
[JsonSerializable(typeof(string))]
internal sealed partial class WireJson : JsonSerializerContext;
