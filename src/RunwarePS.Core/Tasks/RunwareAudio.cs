namespace RunwarePS;

/// <summary>One audio file that the API made.</summary>
public sealed class RunwareAudio : RunwareMedia
{
    /// <summary>The audio as base64, if that was requested; the text is made when read.</summary>
    public string? Base64Data
    {
        get => Base64;
        set => Base64 = value;
    }

    /// <summary>The audio as a data URI, if that was requested; the text is made when read.</summary>
    public string? DataUri
    {
        get => DataText;
        set => DataText = value;
    }
}
