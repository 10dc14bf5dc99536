namespace RunwarePS.Tasks;

/// <summary>What a file on this machine is.</summary>
internal static class MediaFile
{
    /// <summary>The kind of media that a file, a URL or another path names; <see cref="MediaKind.Any"/> if its name doesn't tell.</summary>
    public static MediaKind KindOf(string path)
    {
        var name = Uri.TryCreate(path, UriKind.Absolute, out var url) && !url.IsFile ? url.AbsolutePath : path;
        return MediaFormat.OfName(Path.GetExtension(name))?.Kind is { } kind and (MediaKind.Image or MediaKind.Video or MediaKind.Audio)
            ? kind
            : MediaKind.Any;
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
