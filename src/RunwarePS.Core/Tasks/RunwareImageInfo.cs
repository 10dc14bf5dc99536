namespace RunwarePS;

/// <summary>The metadata of a saved image. Its properties have the names of the parameters that generate the image again.</summary>
public sealed class RunwareImageInfo
{
    /// <summary>The file that was read.</summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// The prompt; null if the file doesn't contain it. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-positiveprompt.
    /// </summary>
    public string? Prompt
    {
        get => Metadata.Prompt;
        set => Metadata.Prompt = value;
    }

    /// <summary>The AIR or slug that was sent. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-model.</summary>
    public string? Model
    {
        get => Metadata.Model;
        set => Metadata.Model = value;
    }

    /// <summary>In pixels.</summary>
    public int? Width
    {
        get => Metadata.Width;
        set => Metadata.Width = value;
    }

    /// <summary>In pixels.</summary>
    public int? Height
    {
        get => Metadata.Height;
        set => Metadata.Height = value;
    }

    /// <summary>
    /// The requested value; null if the request had none. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-providersettings-openai-quality.
    /// </summary>
    public string? Quality
    {
        get => Metadata.Quality;
        set => Metadata.Quality = value;
    }

    /// <summary>
    /// The requested value; null if the request had none. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-providersettings-openai-background.
    /// </summary>
    public string? Background
    {
        get => Metadata.Background;
        set => Metadata.Background = value;
    }

    /// <summary>
    /// The requested format: <c>JPG</c>, <c>PNG</c> or <c>WEBP</c>. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-outputformat.
    /// </summary>
    public string? OutputFormat
    {
        get => Metadata.OutputFormat;
        set => Metadata.OutputFormat = value;
    }

    /// <summary>
    /// The number of steps; null if the request had none. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-steps.
    /// </summary>
    public int? Steps
    {
        get => Metadata.Steps;
        set => Metadata.Steps = value;
    }

    /// <summary>
    /// How closely the image follows the prompt; null if the request had none. Source:
    /// https://runware.ai/docs/models/bfl-flux-1-dev#request-cfgscale.
    /// </summary>
    public decimal? CfgScale
    {
        get => Metadata.CfgScale;
        set => Metadata.CfgScale = value;
    }

    /// <summary>
    /// The scheduler; null if the request had none. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-scheduler.
    /// </summary>
    public string? Scheduler
    {
        get => Metadata.Scheduler;
        set => Metadata.Scheduler = value;
    }

    /// <summary>The seed that the model reported.</summary>
    public long? Seed
    {
        get => Metadata.Seed;
        set => Metadata.Seed = value;
    }

    /// <summary>In USD; null is unknown.</summary>
    public decimal? Cost
    {
        get => Metadata.Cost;
        set => Metadata.Cost = value;
    }

    /// <summary>The user's own tag.</summary>
    public string? Tag
    {
        get => Metadata.Tag;
        set => Metadata.Tag = value;
    }

    /// <summary>
    /// The task that generated the image. <c>-TaskUuid</c> doesn't bind to it: a new image is a new task. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-taskuuid.
    /// </summary>
    public Guid? TaskUuid
    {
        get => Metadata.TaskUuid;
        set => Metadata.TaskUuid = value;
    }

    /// <summary>The API's ID of the image. Source: https://runware.ai/docs/models/openai-gpt-image-1#response-imageuuid.</summary>
    public Guid? ImageUuid
    {
        get => Metadata.ImageUuid;
        set => Metadata.ImageUuid = value;
    }

    /// <summary>The position within its task, from 0.</summary>
    public int? Index
    {
        get => Metadata.Index;
        set => Metadata.Index = value;
    }

    /// <summary>In UTC.</summary>
    public DateTime? CreatedAt
    {
        get => Metadata.CreatedAt;
        set => Metadata.CreatedAt = value;
    }

    /// <summary>The hash of the request, without its ID.</summary>
    public string? RequestHash
    {
        get => Metadata.RequestHash;
        set => Metadata.RequestHash = value;
    }

    internal GenerationMetadata Metadata { get; init; } = new();

    /// <summary>The path of the file.</summary>
    public override string ToString() => Path;

    /// <summary>The metadata of a file, whose texts anybody may have written.</summary>
    internal static RunwareImageInfo Of(string path, GenerationMetadata metadata)
    {
        var info = new RunwareImageInfo { Path = path, Metadata = metadata with { } };
        foreach (var field in GenerationMetadata.Fields)
        {
            if (field.Get(metadata) is string text)
            {
                field.ReadText(info.Metadata, DisplayText.Lines(text));
            }
        }

        return info;
    }
}
