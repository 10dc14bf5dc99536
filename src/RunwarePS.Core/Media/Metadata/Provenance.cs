namespace RunwarePS.Media.Metadata;

/// <summary>Where a picture comes from, as it is written into its file and read back. Nothing in it is secret.</summary>
internal sealed record Provenance
{
    public string? Prompt { get; init; }

    public string? Model { get; init; }

    public int? Width { get; init; }

    public int? Height { get; init; }

    public string? OutputFormat { get; init; }

    public string? Quality { get; init; }

    public string? Background { get; init; }

    public Guid? TaskUuid { get; init; }

    public Guid? ImageUuid { get; init; }

    public int? Index { get; init; }

    public long? Seed { get; init; }

    /// <summary>In USD; null is unknown.</summary>
    public decimal? Cost { get; init; }

    public string? Tag { get; init; }

    /// <summary>In UTC.</summary>
    public DateTime? CreatedAt { get; init; }

    /// <summary>The hash of the request that made it, without its id; null where that is not known.</summary>
    public string? RequestHash { get; init; }

    /// <summary>What this leaves open, filled in from another.</summary>
    public Provenance Or(Provenance? other) => other is null ? this : new()
    {
        Prompt = Prompt ?? other.Prompt,
        Model = Model ?? other.Model,
        Width = Width ?? other.Width,
        Height = Height ?? other.Height,
        OutputFormat = OutputFormat ?? other.OutputFormat,
        Quality = Quality ?? other.Quality,
        Background = Background ?? other.Background,
        TaskUuid = TaskUuid ?? other.TaskUuid,
        ImageUuid = ImageUuid ?? other.ImageUuid,
        Index = Index ?? other.Index,
        Seed = Seed ?? other.Seed,
        Cost = Cost ?? other.Cost,
        Tag = Tag ?? other.Tag,
        CreatedAt = CreatedAt ?? other.CreatedAt,
        RequestHash = RequestHash ?? other.RequestHash,
    };

    public static Provenance Of(RunwareImage image) => new()
    {
        Prompt = image.Prompt,
        Model = image.Model,
        Width = image.Width,
        Height = image.Height,
        OutputFormat = image.OutputFormat,
        Quality = image.Quality,
        Background = image.Background,
        TaskUuid = image.TaskUuid == Guid.Empty ? null : image.TaskUuid,
        ImageUuid = image.ImageUuid == Guid.Empty ? null : image.ImageUuid,
        Index = image.Index,
        Seed = image.Seed,
        Cost = image.Cost,
        Tag = image.Tag,
        CreatedAt = image.CreatedAt,
        RequestHash = image.RequestHash,
    };

    /// <summary>The same as its user sees it.</summary>
    public RunwareImageInfo ToInfo(string path) => new()
    {
        Path = path,
        Prompt = Printable(Prompt),
        Model = Printable(Model),
        Width = Width,
        Height = Height,
        Quality = Printable(Quality),
        Background = Printable(Background),
        OutputFormat = Printable(OutputFormat),
        Seed = Seed,
        Cost = Cost,
        Tag = Printable(Tag),
        TaskUuid = TaskUuid,
        ImageUuid = ImageUuid,
        Index = Index,
        CreatedAt = CreatedAt,
        RequestHash = Printable(RequestHash),
    };

    // The file may be anybody's.
    private static string? Printable(string? text) => text is null ? null : DisplayText.Lines(text);
}
