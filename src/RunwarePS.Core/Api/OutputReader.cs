using System.Text.Json;

namespace RunwarePS.Api;

/// <summary>
/// Turns one item of a response into the outputs that users see: by the fields that it has, whatever the type of its task.
/// </summary>
internal static class OutputReader
{
    /// <summary>In USD: what claims to cost more is a slip, and no sum is made with it.</summary>
    private const decimal DearestResult = 100_000;

    /// <summary>
    /// The prefixes of UUID, URL, Base64Data and DataURI, and the kinds of output. The fields of images are read with the item.
    /// </summary>
    private static readonly (string Prefix, Func<RunwareMedia> Create)[] s_media =
    [
        ("maskImage", () => new RunwareImage()), ("guideImage", () => new RunwareImage()), ("video", () => new RunwareVideo()),
        ("audio", () => new RunwareAudio()),
    ];

    /// <summary>Fields without a known prefix that are a result, too.</summary>
    private static readonly string[] s_results = ["air", "detections", "outputs", "structuredPrompt"];

    /// <summary>The outputs of an item; empty if it only acknowledges its task. The first has the cost.</summary>
    public static List<RunwareOutput> Read(ResultItem item, int index, DateTime now, Secrets secrets)
    {
        var fields = new Dictionary<string, JsonElement>(item.Unknown ?? [], StringComparer.Ordinal);
        List<RunwareOutput> outputs = [.. Media(item, fields), .. Files(fields), .. Texts(fields, secrets)];
        if (outputs.Count == 0 && IsResult(item, fields))
        {
            outputs.Add(new RunwareResult { TaskType = item.TaskType });
        }

        for (var i = 0; i < outputs.Count; i++)
        {
            var output = outputs[i];
            output.TaskUuid = item.TaskUuid ?? Guid.Empty;
            output.Index = index + i;
            output.CreatedAt = now;
            output.IsPart = i > 0;
            // 0 is how some models leave it unsaid
            output.Cost = i == 0 && CostOf(item) is > 0 and < DearestResult and var cost ? cost : null;
            output.AdditionalData = ValueReader.ToHashtable(fields, secrets.Hide);
            Complete(output, item);
        }

        return outputs;
    }

    private static void Complete(RunwareOutput output, ResultItem item)
    {
        if (output is RunwareMedia media)
        {
            media.Seed = item.Seed;
        }

        if (output is RunwareImage image)
        {
            image.NsfwContent = item.NsfwContent;
        }
        else if (output is RunwareVideo video)
        {
            video.NsfwContent = item.NsfwContent;
        }
    }

    // Some text models name it only beside the tokens.
    private static decimal? CostOf(ResultItem item)
    {
        if (item.Cost is > 0 || item.Unknown?.TryGetValue("usage", out var usage) != true || usage.ValueKind != JsonValueKind.Object)
        {
            return item.Cost;
        }

        return Number(usage, "cost")
            ?? (usage.TryGetProperty("costBreakdown", out var parts) && parts.ValueKind == JsonValueKind.Object
                ? Number(parts, "total")
                : null);

        static decimal? Number(JsonElement value, string name) =>
            value.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetDecimal(out var amount)
                ? amount
                : null;
    }

    private static IEnumerable<RunwareOutput> Media(ResultItem item, Dictionary<string, JsonElement> fields)
    {
        if (item.HasImage)
        {
            var image = new RunwareImage { Uuid = item.ImageUuid ?? Guid.Empty, Url = Address(item.ImageUrl) };
            SetBytes(image, item.ImageBase64Data, item.ImageDataUri);
            yield return image;
        }

        // In older responses the fields of stored media hold a video.
        foreach (var (prefix, create) in s_media.Append(("media", () => Stored(item.TaskType))))
        {
            var (id, url) = (Id(Take(fields, prefix + "UUID")), Address(Take(fields, prefix + "URL")));
            var (data, uri) = (Take(fields, prefix + "Base64Data"), Take(fields, prefix + "DataURI"));
            if (id is not null || url is not null || data is not null || uri is not null)
            {
                var media = create();
                media.Uuid = id ?? Guid.Empty;
                media.Url = url;
                SetBytes(media, MediaData.Of(data), MediaData.Of(uri));
                yield return media;
            }
        }
    }

    private static RunwareMedia Stored(string? taskType) => taskType switch
    {
        TaskTypes.VideoInference => new RunwareVideo(),
        TaskTypes.MediaStorage => new RunwareMediaReference(),
        _ => new RunwareFile(),
    };

    private static IEnumerable<RunwareOutput> Files(Dictionary<string, JsonElement> fields)
    {
        if (!fields.TryGetValue("outputs", out var outputs) || outputs.ValueKind != JsonValueKind.Object
            || !outputs.TryGetProperty("files", out var files) || files.ValueKind != JsonValueKind.Array)
        {
            return [];
        }

        return (from file in files.EnumerateArray()
                where file.ValueKind == JsonValueKind.Object
                let id = Id(Text(file, "uuid"))
                let url = Address(Text(file, "url") ?? Text(file, "fileURL"))
                where id is not null || url is not null
                select (RunwareOutput)new RunwareFile { Uuid = id ?? Guid.Empty, Url = url }).ToList();
    }

    private static IEnumerable<RunwareOutput> Texts(Dictionary<string, JsonElement> fields, Secrets secrets)
    {
        var text = Take(fields, "text");
        var data = TakeTable(fields, "structuredData", secrets);
        if (text is not null || data is not null)
        {
            yield return new RunwareText
            {
                Text = text is null ? null : secrets.Hide(text),
                Data = data,
                ReasoningContent = TakeTexts(fields, "reasoningContent") is { } reasoning ? secrets.Hide(reasoning) : null,
                FinishReason = Take(fields, "finishReason"),
                Usage = TakeTable(fields, "usage", secrets),
            };
        }
    }

    /// <summary>Whether an item without any other output is a result, and not an acknowledgment.</summary>
    private static bool IsResult(ResultItem item, Dictionary<string, JsonElement> fields) =>
        s_results.Any(name => fields.TryGetValue(name, out var value) && !IsEmpty(value))
        || (TaskTypes.IsUtility(item.TaskType) && item.TaskType != TaskTypes.GetResponse && fields.Count > 0)
        || item.Status == "success";

    private static bool IsEmpty(JsonElement value) => value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    private static void SetBytes(RunwareMedia media, MediaData? data, MediaData? uri)
    {
        if (data is not null)
        {
            media.SetBytes(data.Bytes, mediaType: null);
        }
        else if (uri is not null)
        {
            media.SetBytes(uri.Bytes, uri.MediaType ?? "application/octet-stream");
        }
    }

    /// <summary>The text of a field, which is then known; a field of another kind stays as it is.</summary>
    private static string? Take(Dictionary<string, JsonElement> fields, string name)
    {
        if (!fields.TryGetValue(name, out var value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        fields.Remove(name);
        return value.GetString();
    }

    /// <summary>The text of a field that holds a text or a list of them.</summary>
    private static string? TakeTexts(Dictionary<string, JsonElement> fields, string name) =>
        fields.TryGetValue(name, out var list) && list.ValueKind == JsonValueKind.Array && fields.Remove(name)
            ? string.Concat(list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()))
            : Take(fields, name);

    private static System.Collections.Hashtable? TakeTable(Dictionary<string, JsonElement> fields, string name, Secrets secrets) =>
        fields.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.Object && fields.Remove(name)
            ? ValueReader.ToHashtable(value.EnumerateObject().GroupBy(p => p.Name, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(g => g.Key, g => g.Last().Value, StringComparer.Ordinal), secrets.Hide)
            : null;

    private static string? Text(JsonElement value, string name) =>
        value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static Guid? Id(string? text) => Guid.TryParse(text, out var id) ? id : null;

    private static Uri? Address(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : null;
}
