namespace RunwarePS;

/// <summary>What a saved picture says of where it comes from. Its properties are named as the parameters that make the picture again.</summary>
public sealed class RunwareImageInfo
{
    /// <summary>The file that was read.</summary>
    public string Path { get; set; } = "";

    /// <summary>What was asked for; null where the file does not say. Source: GPT Image 1 page, positivePrompt.</summary>
    public string? Prompt { get; set; }

    /// <summary>The AIR or slug that was sent. Source: GPT Image 1 page, model.</summary>
    public string? Model { get; set; }

    /// <summary>In pixels.</summary>
    public int? Width { get; set; }

    /// <summary>In pixels.</summary>
    public int? Height { get; set; }

    /// <summary>Null where the request left it to the API. Source: GPT Image 1 page, providerSettings.openai.quality.</summary>
    public string? Quality { get; set; }

    /// <summary>Null where the request left it to the API. Source: GPT Image 1 page, providerSettings.openai.background.</summary>
    public string? Background { get; set; }

    /// <summary>As asked for: <c>JPG</c>, <c>PNG</c> or <c>WEBP</c>. Source: GPT Image 1 page, outputFormat.</summary>
    public string? OutputFormat { get; set; }

    /// <summary>Null where the model reported none; this model takes none. Source: GPT Image 1 page, seed.</summary>
    public long? Seed { get; set; }

    /// <summary>In USD; null is unknown.</summary>
    public decimal? Cost { get; set; }

    /// <summary>The user's own mark.</summary>
    public string? Tag { get; set; }

    /// <summary>The task that made it. <c>-TaskUuid</c> does not bind to it: a new picture is a new task. Source: GPT Image 1 page, taskUUID.</summary>
    public Guid? TaskUuid { get; set; }

    /// <summary>The API's id of the picture. Source: GPT Image 1 page, imageUUID.</summary>
    public Guid? ImageUuid { get; set; }

    /// <summary>The position within its task, from 0.</summary>
    public int? Index { get; set; }

    /// <summary>In UTC.</summary>
    public DateTime? CreatedAt { get; set; }

    /// <summary>The hash of the request that made it, without its id.</summary>
    public string? RequestHash { get; set; }

    /// <summary>The path of the file.</summary>
    public override string ToString() => Path;
}
