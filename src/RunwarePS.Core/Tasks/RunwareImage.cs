namespace RunwarePS;

/// <summary>One image that the API generated. Survives CLIXML, remoting and jobs: every property is plain and can be set.</summary>
public sealed class RunwareImage : RunwareMedia
{
    /// <summary>The ID of the image. Source: https://runware.ai/docs/models/openai-gpt-image-1#response-imageuuid.</summary>
    public Guid ImageUuid
    {
        get => Uuid;
        set => Uuid = value;
    }

    /// <summary>
    /// Where it can be fetched, without a key, for a limited time; null where it came as data. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#response-imageurl.
    /// </summary>
    public Uri? ImageUrl
    {
        get => Url;
        set => Url = value;
    }

    /// <summary>
    /// The image as base64, if that was requested; the text is made when read. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#response-imagebase64data.
    /// </summary>
    public string? ImageBase64Data
    {
        get => Base64;
        set => Base64 = value;
    }

    /// <summary>
    /// The image as a data URI, if that was requested; the text is made when read. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#response-imagedatauri.
    /// </summary>
    public string? ImageDataUri
    {
        get => DataText;
        set => DataText = value;
    }

    /// <summary>
    /// Whether unsafe content was found, where that was checked. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#response-nsfwcontent.
    /// </summary>
    public bool? NsfwContent { get; set; }

    /// <summary>The width asked for, in pixels.</summary>
    public int? Width
    {
        get => Metadata.Width;
        set => Metadata.Width = value;
    }

    /// <summary>The height asked for, in pixels.</summary>
    public int? Height
    {
        get => Metadata.Height;
        set => Metadata.Height = value;
    }

    private protected override Guid? Id
    {
        get => Metadata.ImageUuid;
        set => Metadata.ImageUuid = value;
    }

    /// <summary>A short name, never the data.</summary>
    public override string ToString() => FormattableString.Invariant($"{Model} {Width}x{Height} {TaskUuid:D}-{Index}");
}
