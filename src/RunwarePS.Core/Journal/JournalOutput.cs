using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Journal;

/// <summary>What a journal keeps of an output: its kind, its name within its task, and as one JSON object what isn't selected or added up.</summary>
internal static class JournalOutput
{
    private const string Seed = "seed";
    private const string NsfwContent = "nsfwContent";
    private const string Text = "text";
    private const string Data = "data";
    private const string FinishReason = "finishReason";
    private const string Usage = "usage";
    private const string TaskType = "taskType";
    private const string AdditionalData = "additionalData";

    /// <summary>The kinds that have a file, which can be saved.</summary>
    public static readonly IReadOnlyList<string> MediaKinds = ["image", "video", "audio", "file"];

    // Responses are read up to a depth of 64; here they are inside another object.
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 128 };

    public static string KindOf(RunwareOutput output) => output switch
    {
        RunwareImage => "image",
        RunwareVideo => "video",
        RunwareAudio => "audio",
        RunwareMedia => "file",
        RunwareText => "text",
        _ => "result",
    };

    /// <summary>By its ID, or by its position if it has none.</summary>
    public static string NameOf(RunwareOutput output) => output is RunwareMedia { Uuid: var id } && id != Guid.Empty
        ? id.ToString("D")
        : string.Create(CultureInfo.InvariantCulture, $"#{output.Index}");

    /// <summary>Whether a journal has all of an output. Media that came as data aren't kept: the server has them.</summary>
    public static bool IsComplete(RunwareOutput output) => output is not RunwareMedia media || media.Url is not null;

    public static string ToJson(RunwareOutput output)
    {
        var json = new JsonObject();
        Add(Seed, (output as RunwareMedia)?.Seed);
        Add(NsfwContent, (output as RunwareImage)?.NsfwContent ?? (output as RunwareVideo)?.NsfwContent);
        if (output is RunwareText text)
        {
            Add(Text, text.Text);
            Add(Data, Table(text.Data));
            Add(FinishReason, text.FinishReason);
            Add(Usage, Table(text.Usage));
        }

        Add(TaskType, (output as RunwareResult)?.TaskType);
        Add(AdditionalData, output.AdditionalData.Count == 0 ? null : Table(output.AdditionalData));
        return json.ToJsonString();

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                json[name] = value;
            }
        }
    }

    /// <summary>An output of a kind. A kind of a later version is a result of no particular kind.</summary>
    public static RunwareOutput Create(string kind, string json)
    {
        using var document = JsonDocument.Parse(json, s_options);
        var data = document.RootElement;
        RunwareOutput output = kind switch
        {
            "image" => new RunwareImage { NsfwContent = Flag(data, NsfwContent) },
            "video" => new RunwareVideo { NsfwContent = Flag(data, NsfwContent) },
            "audio" => new RunwareAudio(),
            "file" => new RunwareFile(),
            "text" => new RunwareText
            {
                Text = String(data, Text),
                Data = Table(data, Data),
                FinishReason = String(data, FinishReason),
                Usage = Table(data, Usage),
            },
            _ => new RunwareResult { TaskType = String(data, TaskType) },
        };
        output.Metadata.Seed = data.TryGetProperty(Seed, out var seed) && seed.TryGetInt64(out var number) ? number : null;
        output.AdditionalData = Table(data, AdditionalData) ?? [];
        return output;
    }

    private static JsonObject? Table(Hashtable? table) => table is null ? null : ValueReader.ToJson(table);

    private static Hashtable? Table(JsonElement data, string name) =>
        data.TryGetProperty(name, out var table) && table.ValueKind == JsonValueKind.Object ? ValueReader.ToHashtable(table) : null;

    private static string? String(JsonElement data, string name) =>
        data.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;

    private static bool? Flag(JsonElement data, string name) =>
        data.TryGetProperty(name, out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : null;
}
