using RunwarePS.Imaging.Metadata;

namespace RunwarePS;

/// <summary>What a saved picture says of where it comes from. Its properties are named as the parameters that make the picture again.</summary>
public sealed class RunwareImageInfo
{
    /// <summary>The file that was read.</summary>
    public string Path { get; set; } = "";

    public string? Prompt { get; set; }

    public string? Model { get; set; }

    /// <summary>In pixels.</summary>
    public int? Width { get; set; }

    /// <summary>In pixels.</summary>
    public int? Height { get; set; }

    public string? Quality { get; set; }

    public string? Background { get; set; }

    public string? OutputFormat { get; set; }

    public long? Seed { get; set; }

    /// <summary>In USD; null is unknown.</summary>
    public decimal? Cost { get; set; }

    public string? Tag { get; set; }

    public Guid? TaskUuid { get; set; }

    public Guid? ImageUuid { get; set; }

    /// <summary>The position within its task, from 0.</summary>
    public int? Index { get; set; }

    /// <summary>In UTC.</summary>
    public DateTime? CreatedAt { get; set; }

    /// <summary>The hash of the request that made it, without its id.</summary>
    public string? RequestHash { get; set; }

    internal static RunwareImageInfo From(Provenance found, string path) => new()
    {
        Path = path,
        Prompt = found.Prompt,
        Model = found.Model,
        Width = found.Width,
        Height = found.Height,
        Quality = found.Quality,
        Background = found.Background,
        OutputFormat = found.OutputFormat,
        Seed = found.Seed,
        Cost = found.Cost,
        Tag = found.Tag,
        TaskUuid = found.TaskUuid,
        ImageUuid = found.ImageUuid,
        Index = found.Index,
        CreatedAt = found.CreatedAt,
        RequestHash = found.RequestHash,
    };

    public override string ToString() => Path;
}
