namespace RunwarePS.Gallery;

/// <summary>Decides how the media of each card are shown, and keeps what the page reports about that in the end.</summary>
/// <param name="folder">The folder of the page.</param>
/// <param name="room">How many bytes of media go inside the page; null to link to all media.</param>
internal sealed class GalleryPlaces(string folder, long? room)
{
    private readonly SortedSet<string> _sources = new(StringComparer.Ordinal);
    private long? _room = room;

    /// <summary>From where the page shows media, as its policy names it.</summary>
    public IReadOnlyCollection<string> Sources => _sources;

    /// <summary>The number of results whose links expire.</summary>
    public int Expiring { get; private set; }

    /// <summary>The number of results that didn't fit into the page.</summary>
    public int LeftOutside { get; private set; }

    /// <summary>The number of results that have neither a file nor a URL, and aren't shown.</summary>
    public int NotShown { get; private set; }

    public bool HasRoom => _room > 0;

    /// <param name="entry">A result.</param>
    /// <param name="content">Its media, if they are here.</param>
    /// <returns>Null for a text, which the card shows itself.</returns>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c> if it isn't media.</exception>
    public GalleryMedia? Place(GalleryEntry entry, Stream? content)
    {
        if (entry.Output is not RunwareMedia media)
        {
            return null;
        }

        var kind = MediaFile.KindOf(media);
        if (content is not null)
        {
            var format = Detect(entry, media, content);
            kind = format.Kind;
            if (kind != MediaKind.Other && content.Length <= _room)
            {
                _room -= content.Length;
                _sources.Add("data:");
                return GalleryMedia.Inside(content, format);
            }

            _room = _room is null ? null : 0; // the rest is linked to, also what would still fit: where it ends is plain to see
        }

        if (_room == 0)
        {
            LeftOutside++;
        }

        return entry.File is { } file ? OfFile(file, kind) : OfUrl(media, kind, content is not null);
    }

    private GalleryMedia OfFile(string file, MediaKind kind)
    {
        // In a page from a disk, 'self' doesn't match in every browser; its files have the scheme file.
        _sources.Add("'self'");
        _sources.Add("file:");
        return GalleryMedia.At(GalleryLink.OfFile(file, folder), kind);
    }

    private GalleryMedia OfUrl(RunwareMedia media, MediaKind kind, bool hasData)
    {
        if (GalleryLink.Origin(media.Url) is { } origin)
        {
            _sources.Add(origin);
            Expiring++;
            return GalleryMedia.At(media.Url!.AbsoluteUri, kind);
        }

        NotShown++;
        return GalleryMedia.None(
            hasData ? (_room is null
                ? Strings.GalleryDataNotSaved
                : Strings.GalleryDataDoesNotFit)
            : media.Path is { } path ? Strings.FileNotFound.With(Path.GetFileName(path))
            : Strings.GalleryNothingStored);
    }

    /// <summary>
    /// The format of media. A bare file and an image must be what browsers show; any other result can at least be opened.
    /// </summary>
    private static MediaFormat Detect(GalleryEntry entry, RunwareMedia media, Stream content)
    {
        try
        {
            var detected = MediaFormat.Detect(content);
            var isResult = media is not RunwareImage && media.Metadata is { TaskUuid: not null } or { Uuid: not null };
            return detected is { Kind: not MediaKind.Other } || (detected is not null && isResult) ? detected
                : isResult ? MediaFormat.Unknown
                : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject",
                    Strings.NotShowableInBrowser.With(entry.File is { } file ? $"'{file}'" : Strings.ObjectData));
        }
        catch (IOException e)
        {
            throw GalleryWriter.Unreadable(entry.File, e); // it is this file that breaks, not the page
        }
    }
}
