using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>
/// What is known of one generation: what was requested, and what came of it. Results, the journal, the metadata in files, sidecars,
/// galleries, and file names all read this record. Nothing in it is secret. Null is unknown.
/// </summary>
internal sealed record GenerationMetadata
{
    /// <summary>
    /// All fields. To add one, add a property and a line here; also a property of <see cref="RunwareImageInfo"/> if users can see it.
    /// </summary>
    public static readonly IReadOnlyList<MetadataField> Fields =
    [
        MetadataField.Text(nameof(TaskType), m => m.TaskType, (m, v) => m.TaskType = v, FieldUse.File),
        MetadataField.Text(nameof(Prompt), m => m.Prompt, (m, v) => m.Prompt = v, FieldUse.All) with { Alias = "PositivePrompt" },
        MetadataField.Text(nameof(Model), m => m.Model, (m, v) => m.Model = v, FieldUse.All) with { WireKey = "model" },
        MetadataField.Integer(nameof(Width), m => m.Width, (m, v) => m.Width = v, FieldUse.All) with { WireKey = "width" },
        MetadataField.Integer(nameof(Height), m => m.Height, (m, v) => m.Height = v, FieldUse.All) with { WireKey = "height" },
        MetadataField.Text(nameof(Quality), m => m.Quality, (m, v) => m.Quality = v, FieldUse.File | FieldUse.Rerun),
        MetadataField.Text(nameof(Background), m => m.Background, (m, v) => m.Background = v, FieldUse.File | FieldUse.Rerun),
        MetadataField.Text(nameof(OutputFormat), m => m.OutputFormat, (m, v) => m.OutputFormat = v, FieldUse.File | FieldUse.Rerun),
        MetadataField.Integer(nameof(Steps), m => m.Steps, (m, v) => m.Steps = v, FieldUse.All) with { WireKey = "steps" },
        MetadataField.Number(nameof(CfgScale), m => m.CfgScale, (m, v) => m.CfgScale = v, FieldUse.All) with { WireKey = "CFGScale" },
        MetadataField.Text(nameof(Scheduler), m => m.Scheduler, (m, v) => m.Scheduler = v, FieldUse.All) with { WireKey = "scheduler" },
        MetadataField.Number(nameof(Duration), m => m.Duration, (m, v) => m.Duration = v,
            FieldUse.File | FieldUse.Token) with { WireKey = "duration" },
        MetadataField.Text(nameof(Tag), m => m.Tag, (m, v) => m.Tag = v, FieldUse.All),
        MetadataField.Id(nameof(TaskUuid), m => m.TaskUuid, (m, v) => m.TaskUuid = v, FieldUse.File | FieldUse.Token),
        MetadataField.Id(nameof(ImageUuid), m => m.ImageUuid, (m, v) => m.ImageUuid = v, FieldUse.File),
        MetadataField.Id(nameof(Uuid), m => m.Uuid, (m, v) => m.Uuid = v, FieldUse.File),
        MetadataField.Integer(nameof(Index), m => m.Index, (m, v) => m.Index = v, FieldUse.File | FieldUse.Token),
        MetadataField.Integer(nameof(InputIndex), m => m.InputIndex, (m, v) => m.InputIndex = v, FieldUse.Token),
        MetadataField.Long(nameof(Seed), m => m.Seed, (m, v) => m.Seed = v, FieldUse.File | FieldUse.Token),
        MetadataField.Number(nameof(Cost), m => m.Cost, (m, v) => m.Cost = v, FieldUse.File),
        MetadataField.Time(nameof(CreatedAt), m => m.CreatedAt, (m, v) => m.CreatedAt = v, FieldUse.File),
        MetadataField.Text(nameof(RequestHash), m => m.RequestHash, (m, v) => m.RequestHash = v, FieldUse.File),
    ];

    public string? TaskType { get; set; }

    public string? Prompt { get; set; }

    public string? Model { get; set; }

    public int? Width { get; set; }

    public int? Height { get; set; }

    public string? Quality { get; set; }

    public string? Background { get; set; }

    public string? OutputFormat { get; set; }

    public int? Steps { get; set; }

    public decimal? CfgScale { get; set; }

    public string? Scheduler { get; set; }

    /// <summary>The requested duration in seconds.</summary>
    public decimal? Duration { get; set; }

    public string? Tag { get; set; }

    public Guid? TaskUuid { get; set; }

    /// <summary>The ID of an image.</summary>
    public Guid? ImageUuid { get; set; }

    /// <summary>The ID of media of any other kind.</summary>
    public Guid? Uuid { get; set; }

    /// <summary>The ID of the media, of any kind.</summary>
    public Guid? MediaUuid => ImageUuid ?? Uuid;

    /// <summary>The position within the task, from 0.</summary>
    public int? Index { get; set; }

    /// <summary>The position of the record in the pipeline, from 0. It isn't written into files.</summary>
    public int? InputIndex { get; set; }

    public long? Seed { get; set; }

    /// <summary>In USD.</summary>
    public decimal? Cost { get; set; }

    /// <summary>In UTC.</summary>
    public DateTime? CreatedAt { get; set; }

    /// <summary>The hash of the request, without its ID.</summary>
    public string? RequestHash { get; set; }

    /// <summary>A copy of what an output has.</summary>
    public static GenerationMetadata Of(RunwareOutput output) => output.Metadata with { };

    /// <summary>What the body of a request contains under the keys of the fields.</summary>
    public static GenerationMetadata OfWire(JsonObject body)
    {
        var metadata = new GenerationMetadata();
        foreach (var field in Fields.Where(f => f.WireKey is not null))
        {
            field.ReadWire(metadata, body);
        }

        return metadata;
    }

    /// <summary>Reads the JSON that <see cref="WriteTo"/> wrote. A value of another type is unknown.</summary>
    public static GenerationMetadata FromJson(JsonElement json)
    {
        var metadata = new GenerationMetadata();
        foreach (var field in Fields)
        {
            if (json.TryGetProperty(field.JsonName, out var value))
            {
                field.ReadJson(metadata, value);
            }
        }

        return metadata;
    }

    /// <summary>Writes the known fields as properties of a JSON object.</summary>
    public void WriteTo(Utf8JsonWriter json, FieldUse use = FieldUse.Any)
    {
        foreach (var field in Fields.Where(f => f.Has(use)))
        {
            field.WriteJson(json, this);
        }
    }

    /// <summary>Writes the known fields to an output.</summary>
    public void ApplyTo(RunwareOutput output)
    {
        CopyTo(output.Metadata, overwrite: true);
        if (output is RunwareText { Data: null } text && OutputFormat == "JSON")
        {
            text.ReadData();
        }
    }

    /// <summary>The same, with what is unknown here filled in from another.</summary>
    public GenerationMetadata MergeMissing(GenerationMetadata? other)
    {
        var merged = this with { };
        other?.CopyTo(merged, overwrite: false);
        return merged;
    }

    private void CopyTo(GenerationMetadata target, bool overwrite)
    {
        foreach (var field in Fields)
        {
            if (overwrite || field.Get(target) is null)
            {
                field.Copy(this, target);
            }
        }
    }
}
