namespace RunwarePS.Gallery;

/// <summary>Decides how each picture of a page is shown, and keeps what the page has to say of that in the end.</summary>
/// <param name="folder">Where the page lies.</param>
/// <param name="room">How many bytes of pictures go inside the page; null to link to them all.</param>
internal sealed class GalleryPlaces(string folder, long? room)
{
    private readonly SortedSet<string> _sources = new(StringComparer.Ordinal);
    private long? _room = room;

    /// <summary>From where the page shows pictures, as its policy names it.</summary>
    public IReadOnlyCollection<string> Sources => _sources;

    /// <summary>How many pictures are linked to where they expire.</summary>
    public int Expiring { get; private set; }

    /// <summary>How many pictures were to go inside the page and had no room there.</summary>
    public int LeftOutside { get; private set; }

    /// <summary>How many pictures have neither a file nor an address, and are not shown.</summary>
    public int NotShown { get; private set; }

    public bool HasRoom => _room > 0;

    /// <param name="entry">A picture.</param>
    /// <param name="content">What it is made of, where that is here.</param>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c> for what is no picture.</exception>
    public GalleryImage Place(GalleryEntry entry, Stream? content)
    {
        if (content is not null)
        {
            var format = Detect(entry, content)
                ?? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject", $"{(entry.File is { } named ? $"'{named}'" : "The picture's data")} is no JPG, PNG or WEBP.");
            if (content.Length <= _room)
            {
                _room -= content.Length;
                _sources.Add("data:");
                return GalleryImage.Inside(content, format.MediaType);
            }

            _room = _room is null ? null : 0; // the rest is linked to, also what would still fit: where it ends is plain to see
        }

        if (_room == 0)
        {
            LeftOutside++;
        }

        if (entry.File is { } file)
        {
            // A page from a disk has no origin that 'self' could mean in every browser; there its files are of the scheme file.
            _sources.Add("'self'");
            _sources.Add("file:");
            return GalleryImage.At(GalleryLink.OfFile(file, folder));
        }

        if (GalleryLink.Origin(entry.Image!.ImageUrl) is { } origin)
        {
            _sources.Add(origin);
            Expiring++;
            return GalleryImage.At(entry.Image.ImageUrl!.AbsoluteUri);
        }

        NotShown++;
        return GalleryImage.None(
            content is not null ? (_room is null ? "It is data that was not saved. Save it first, or use -Embed." : "It is data that was not saved, and the page is full.")
            : entry.Image.Path is { } path ? $"The file {Path.GetFileName(path)} is not there."
            : "It has no file and no address.");
    }

    private static MediaFormat? Detect(GalleryEntry entry, Stream content)
    {
        try
        {
            return ImageFormat.Detect(content);
        }
        catch (IOException e)
        {
            throw GalleryWriter.Unreadable(entry.File, e); // it is this picture that breaks, not the page
        }
    }
}
