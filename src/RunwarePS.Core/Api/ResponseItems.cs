using System.Text.Json;

namespace RunwarePS.Api;

/// <summary>
/// One entry of <c>data</c>. A field of an unexpected type is null, and costs no other field. It is read by hand: with the metadata of a
/// serializer, a cold start compiles 350 more methods.
/// </summary>
internal sealed class ResultItem
{
    public string? TaskType { get; set; }

    public Guid? TaskUuid { get; set; }

    public Guid? ImageUuid { get; set; }

    public string? ImageUrl { get; set; }

    public MediaData? ImageBase64Data { get; set; }

    public MediaData? ImageDataUri { get; set; }

    public long? Seed { get; set; }

    public bool? NsfwContent { get; set; }

    public decimal? Cost { get; set; }

    public string? Status { get; set; }

    public long? Progress { get; set; }

    /// <summary>The failure of a task, in one of its spellings.</summary>
    public JsonElement? Error { get; set; }

    public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>The JSON of the item, if it was requested.</summary>
    public string? Raw { get; set; }

    public bool HasImage => Uri.TryCreate(ImageUrl, UriKind.Absolute, out _) || ImageBase64Data is not null || ImageDataUri is not null;

    /// <summary>Reads the object at which the reader is, up to its end.</summary>
    /// <exception cref="JsonException">It is incomplete or invalid.</exception>
    /// <exception cref="InvalidOperationException">A text has an invalid escape.</exception>
    public static ResultItem Read(ref Utf8JsonReader reader)
    {
        var item = new ResultItem();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "taskType": item.TaskType = LenientReader.Text(ref reader); break;
                case "taskUUID": item.TaskUuid = LenientReader.Id(ref reader); break;
                case "imageUUID": item.ImageUuid = LenientReader.Id(ref reader); break;
                case "imageURL": item.ImageUrl = LenientReader.Text(ref reader); break;
                case "imageBase64Data": item.ImageBase64Data = LenientReader.Media(ref reader); break;
                case "imageDataURI": item.ImageDataUri = LenientReader.Media(ref reader); break;
                case "seed": item.Seed = LenientReader.Integer(ref reader); break;
                case "NSFWContent": item.NsfwContent = LenientReader.Flag(ref reader); break;
                case "cost": item.Cost = LenientReader.Number(ref reader); break;
                case "status": item.Status = LenientReader.Text(ref reader); break;
                case "progress": item.Progress = LenientReader.Integer(ref reader); break;
                case "error": item.Error = reader.TokenType == JsonTokenType.Null ? null : JsonElement.ParseValue(ref reader); break;
                default: (item.Unknown ??= new(StringComparer.Ordinal))[name] = JsonElement.ParseValue(ref reader); break;
            }
        }

        return item;
    }
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
    public string? Code { get; set; }

    public string? Message { get; set; }

    /// <summary>A name, or for a rule between several parameters a list of names.</summary>
    public string? Parameter { get; set; }

    public Guid? TaskUuid { get; set; }

    public string? Documentation { get; set; }

    /// <summary>True if this module reports the error, because the API's own text couldn't be read.</summary>
    public bool IsOurs { get; set; }

    /// <summary>Everything else: min, max, allowedValues, responseContent, context and what is yet to come.</summary>
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <inheritdoc cref="ResultItem.Read"/>
    public static ErrorItem Read(ref Utf8JsonReader reader)
    {
        var error = new ErrorItem();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case "code": error.Code = LenientReader.Text(ref reader); break;
                case "message": error.Message = LenientReader.Text(ref reader); break;
                case "parameter": error.Parameter = LenientReader.Names(ref reader); break;
                case "taskType": reader.Skip(); break; // known from the request
                case "taskUUID": error.TaskUuid = LenientReader.Id(ref reader); break;
                case "documentation": error.Documentation = LenientReader.Text(ref reader); break;
                default: (error.Unknown ??= new(StringComparer.Ordinal))[name] = JsonElement.ParseValue(ref reader); break;
            }
        }

        return error;
    }
}
