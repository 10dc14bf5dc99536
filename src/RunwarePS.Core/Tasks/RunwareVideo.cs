namespace RunwarePS;

/// <summary>One video that the API made.</summary>
public sealed class RunwareVideo : RunwareMedia
{
    /// <summary>
    /// Whether unsafe content was found, if that was checked. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#response-nsfwcontent.
    /// </summary>
    public bool? NsfwContent { get; set; }

    /// <summary>The requested width, in pixels.</summary>
    public int? Width
    {
        get => Metadata.Width;
        set => Metadata.Width = value;
    }

    /// <summary>The requested height, in pixels.</summary>
    public int? Height
    {
        get => Metadata.Height;
        set => Metadata.Height = value;
    }

    /// <summary>The video as base64, if the response has it; the text is made when read.</summary>
    public string? Base64Data
    {
        get => Base64;
        set => Base64 = value;
    }

    /// <summary>The video as a data URI, if the response has it; the text is made when read.</summary>
    public string? DataUri
    {
        get => DataText;
        set => DataText = value;
    }
}
