using System.Collections;

namespace RunwarePS;

/// <summary>One picture that the API made. Survives CLIXML, remoting and jobs: every property is plain and can be set.</summary>
public sealed class RunwareImage
{
    private ReadOnlyMemory<byte> _bytes;
    private string? _base64Data;
    private string? _dataUri;

    /// <summary>The task that made it. Source: GPT Image 1 page, taskUUID.</summary>
    public Guid TaskUuid { get; set; }

    /// <summary>The picture's own id. Source: GPT Image 1 page, imageUUID.</summary>
    public Guid ImageUuid { get; set; }

    /// <summary>Where it can be fetched, without a key, for a limited time; null where it came as data. Source: GPT Image 1 page, imageURL.</summary>
    public Uri? ImageUrl { get; set; }

    /// <summary>The picture as base64 where it was asked for so; the text is made when read. Source: GPT Image 1 page, imageBase64Data.</summary>
    public string? ImageBase64Data
    {
        get => _base64Data ?? (DataMediaType is null && !_bytes.IsEmpty ? Convert.ToBase64String(_bytes.Span) : null);
        set => _base64Data = value;
    }

    /// <summary>The picture as a data URI where it was asked for so; the text is made when read. Source: GPT Image 1 page, imageDataURI.</summary>
    public string? ImageDataUri
    {
        get => _dataUri ?? (DataMediaType is null ? null : $"data:{DataMediaType};base64,{Convert.ToBase64String(_bytes.Span)}");
        set => _dataUri = value;
    }

    /// <summary>The seed, where the model reports one. Source: GPT Image 1 page, seed.</summary>
    public long? Seed { get; set; }

    /// <summary>Whether unsafe content was found, where that was checked. Source: GPT Image 1 page, NSFWContent.</summary>
    public bool? NsfwContent { get; set; }

    /// <summary>What it cost in USD; null is unknown, never 0. Source: GPT Image 1 page, cost.</summary>
    public decimal? Cost { get; set; }

    /// <summary>What was asked for. Source: GPT Image 1 page, positivePrompt.</summary>
    public string? Prompt { get; set; }

    /// <summary>The AIR or slug that was sent. Source: GPT Image 1 page, model.</summary>
    public string? Model { get; set; }

    /// <summary>The width asked for, in pixels.</summary>
    public int? Width { get; set; }

    /// <summary>The height asked for, in pixels.</summary>
    public int? Height { get; set; }

    /// <summary><c>JPG</c>, <c>PNG</c> or <c>WEBP</c> as asked for, else the model's default. Source: GPT Image 1 page, outputFormat.</summary>
    public string? OutputFormat { get; set; }

    /// <summary>The position within its task, from 0.</summary>
    public int Index { get; set; }

    /// <summary>The position of its record in the pipeline, from 0; null where it is not known.</summary>
    public int? InputIndex { get; set; }

    /// <summary>The user's own mark.</summary>
    public string? Tag { get; set; }

    /// <summary>Where it lies, once saved.</summary>
    public string? Path { get; set; }

    /// <summary>When its reply arrived, in UTC.</summary>
    public DateTime? CreatedAt { get; set; }

    /// <summary>What the server sent and this module does not know.</summary>
    public Hashtable AdditionalData { get; set; } = [];

    // What only the picture's own file tells of its request.
    internal string? Quality { get; set; }

    internal string? Background { get; set; }

    internal string? RequestHash { get; set; }

    internal string? DataMediaType { get; private set; }

    /// <summary>The bytes, where the reply carried them; empty otherwise.</summary>
    internal ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>True where the picture itself is here, in whichever form, and need not be fetched.</summary>
    internal bool HasData => !_bytes.IsEmpty || _base64Data is not null || _dataUri is not null;

    /// <param name="bytes">The picture itself, decoded. Kept, not copied.</param>
    /// <param name="mediaType">The type that a data URI named; null for bare base64.</param>
    internal void SetBytes(ReadOnlyMemory<byte> bytes, string? mediaType)
    {
        _bytes = bytes;
        DataMediaType = mediaType;
    }

    /// <summary>A short name, never the data.</summary>
    public override string ToString() => FormattableString.Invariant($"{Model} {Width}x{Height} {TaskUuid:D}-{Index}");
}
