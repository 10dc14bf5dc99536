using System.Collections;

namespace RunwarePS;

/// <summary>One result of a task. Survives CLIXML, remoting and jobs: every property is plain and can be set.</summary>
public abstract class RunwareOutput
{
    /// <summary>The task that made it. Source: https://runware.ai/docs/models/openai-gpt-image-1#response-taskuuid.</summary>
    public Guid TaskUuid
    {
        get => Metadata.TaskUuid ?? Guid.Empty;
        set => Metadata.TaskUuid = value == Guid.Empty ? null : value;
    }

    /// <summary>
    /// What it cost in USD; null is unknown, never 0. Source: https://runware.ai/docs/models/openai-gpt-image-1#response-cost.
    /// </summary>
    public decimal? Cost
    {
        get => Metadata.Cost;
        set => Metadata.Cost = value;
    }

    /// <summary>
    /// The prompt of the request; null if it had none. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-positiveprompt.
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

    /// <summary>The position within its task, from 0.</summary>
    public int Index
    {
        get => Metadata.Index ?? 0;
        set => Metadata.Index = value;
    }

    /// <summary>The position of its record in the pipeline, from 0; null where it is not known.</summary>
    public int? InputIndex
    {
        get => Metadata.InputIndex;
        set => Metadata.InputIndex = value;
    }

    /// <summary>The user's own mark.</summary>
    public string? Tag
    {
        get => Metadata.Tag;
        set => Metadata.Tag = value;
    }

    /// <summary>When its response arrived, in UTC.</summary>
    public DateTime? CreatedAt
    {
        get => Metadata.CreatedAt;
        set => Metadata.CreatedAt = value;
    }

    /// <summary>What the server sent and this module does not know.</summary>
    public Hashtable AdditionalData { get; set; } = [];

    /// <summary>All that is known of the generation. The public properties read and write it.</summary>
    internal GenerationMetadata Metadata { get; } = new();

    /// <summary>True where an earlier output comes from the same item of the response, and has its cost.</summary>
    internal bool IsPart { get; set; }

    /// <summary>A short name, never the data.</summary>
    public override string ToString() => FormattableString.Invariant($"{GetType().Name} {Model} {TaskUuid:D}-{Index}");
}

/// <summary>A result that is a file of media: an image, a video, an audio file or any other file.</summary>
public abstract class RunwareMedia : RunwareOutput
{
    private ReadOnlyMemory<byte> _bytes;
    private string? _base64Data;
    private string? _dataUri;

    /// <summary>
    /// Its own ID. Another task can take it as an input. Source: https://runware.ai/docs, imageUUID, videoUUID, audioUUID.
    /// </summary>
    public Guid Uuid
    {
        get => Id ?? Guid.Empty;
        set => Id = value == Guid.Empty ? null : value;
    }

    /// <summary>Where it can be downloaded, without a key, for a limited time; null if it came as data.</summary>
    public Uri? Url { get; set; }

    /// <summary>The seed, where the model reports one. Source: https://runware.ai/docs/models/openai-gpt-image-1#response-seed.</summary>
    public long? Seed
    {
        get => Metadata.Seed;
        set => Metadata.Seed = value;
    }

    /// <summary>
    /// The format that was asked for, else the model's default. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-outputformat.
    /// </summary>
    public string? OutputFormat
    {
        get => Metadata.OutputFormat;
        set => Metadata.OutputFormat = value;
    }

    /// <summary>Where it is, once saved.</summary>
    public string? Path { get; set; }

    internal string? DataMediaType { get; private set; }

    /// <summary>The bytes, where the response carried them; empty otherwise.</summary>
    internal ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>True where the media itself is here, in whichever form, and need not be fetched.</summary>
    internal bool HasData => !_bytes.IsEmpty || _base64Data is not null || _dataUri is not null;

    private protected virtual Guid? Id
    {
        get => Metadata.Uuid;
        set => Metadata.Uuid = value;
    }

    // Text of megabytes is made when it is read, and each kind of media shows it under the API's own name.
    internal string? Base64
    {
        get => _base64Data ?? (DataMediaType is null && !_bytes.IsEmpty ? Convert.ToBase64String(_bytes.Span) : null);
        set => _base64Data = value;
    }

    internal string? DataText
    {
        get => _dataUri ?? (DataMediaType is null ? null : $"data:{DataMediaType};base64,{Convert.ToBase64String(_bytes.Span)}");
        set => _dataUri = value;
    }

    /// <param name="bytes">The media itself, decoded. Kept, not copied.</param>
    /// <param name="mediaType">The type that a data URI named; null for bare base64.</param>
    internal void SetBytes(ReadOnlyMemory<byte> bytes, string? mediaType)
    {
        _bytes = bytes;
        DataMediaType = mediaType;
    }
}
