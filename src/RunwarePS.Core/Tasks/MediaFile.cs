namespace RunwarePS.Tasks;

/// <summary>What a file on this machine is.</summary>
internal static class MediaFile
{
    private static readonly Dictionary<string, MediaKind> s_kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        [".mp4"] = MediaKind.Video, [".m4v"] = MediaKind.Video, [".mov"] = MediaKind.Video, [".webm"] = MediaKind.Video, [".mkv"] = MediaKind.Video,
        [".mp3"] = MediaKind.Audio, [".wav"] = MediaKind.Audio, [".flac"] = MediaKind.Audio, [".ogg"] = MediaKind.Audio, [".m4a"] = MediaKind.Audio,
    };

    /// <summary>The kind of media that a file, a URL or another path names; <see cref="MediaKind.Any"/> if its name doesn't tell.</summary>
    public static MediaKind KindOf(string path)
    {
        var name = Uri.TryCreate(path, UriKind.Absolute, out var url) && !url.IsFile ? url.AbsolutePath : path;
        return ImageFormat.IsPictureName(name) ? MediaKind.Image : s_kinds.GetValueOrDefault(Path.GetExtension(name));
    }

    /// <summary>The kind of media that a result is.</summary>
    public static MediaKind KindOf(RunwareMedia media) => media switch
    {
        RunwareImage => MediaKind.Image,
        RunwareVideo => MediaKind.Video,
        RunwareAudio => MediaKind.Audio,
        _ => media.Path is { } path ? KindOf(path) : media.Url is { } url ? KindOf(url.OriginalString) : MediaKind.Any,
    };
}
