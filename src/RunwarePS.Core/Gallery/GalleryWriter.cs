using System.Text;
using RunwarePS.Imaging;

namespace RunwarePS.Gallery;

/// <summary>
/// Writes a gallery as its entries come, into temporary files beside its name: the cards first, since what stands before them (the totals,
/// the hosts that the policy allows) is known only in the end. The name is given to the whole page in one step.
/// </summary>
internal sealed class GalleryWriter : IDisposable
{
    /// <summary>How many bytes of pictures go inside a page.</summary>
    public const long EmbedLimit = 50L * 1024 * 1024;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly string _path;
    private readonly string _folder;
    private readonly ImageSource? _source;
    private readonly FileStream _cards;
    private readonly StreamWriter _writer;
    private readonly SortedSet<string> _sources = new(StringComparer.Ordinal);
    private long _room;
    private int _expiring;

    /// <param name="path">The page's full path.</param>
    /// <param name="embed">Where pictures are fetched from that go inside the page; null to link to them all.</param>
    /// <param name="room">How many bytes of pictures the page takes inside.</param>
    /// <exception cref="RunwareException"><c>SaveFailed</c>.</exception>
    public GalleryWriter(string path, ImageSource? embed, long room = EmbedLimit)
    {
        _path = path;
        _folder = Path.GetDirectoryName(path)!;
        _source = embed;
        _room = room;
        _cards = Guard(() =>
        {
            Directory.CreateDirectory(_folder);
            ImageSaver.Sweep(_folder);
            return ImageSaver.OpenTemporary(_folder);
        });
        _writer = new StreamWriter(_cards, s_utf8, bufferSize: 32 * 1024, leaveOpen: true);
    }

    public GalleryTotals Totals { get; } = new();

    /// <summary>How many pictures were to go inside the page and had no room there.</summary>
    public int LeftOutside { get; private set; }

    /// <summary>How many pictures have neither a file nor an address, and are not shown.</summary>
    public int NotShown { get; private set; }

    /// <summary>Adds a card, whole or not at all.</summary>
    /// <returns>Why a picture could not be fetched, which then is linked to; null otherwise.</returns>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c> for what is no picture; <c>SaveFailed</c> for the page, which then is lost.</exception>
    public async Task<RunwareException?> AddAsync(GalleryEntry entry, CancellationToken cancellationToken)
    {
        RunwareException? notFetched = null;
        FileStream? fetched = null;
        try
        {
            if (_source is not null && _room > 0 && entry is { File: null, Image: { } image } && ImageBytes.Of(image).IsEmpty && GalleryAddress.Origin(image.ImageUrl) is not null)
            {
                (fetched, notFetched) = await FetchAsync(image, _source, cancellationToken).ConfigureAwait(false);
            }

            using var content = fetched ?? Open(entry);
            await WriteAsync(entry.File is null ? entry : entry with { FileLength = content?.Length }, content, cancellationToken).ConfigureAwait(false);
            Totals.Add(entry);
            return notFetched;
        }
        finally
        {
            Remove(fetched);
        }
    }

    /// <summary>Puts the page together and gives it its name.</summary>
    /// <exception cref="RunwareException"><c>FileExists</c> or <c>SaveFailed</c>.</exception>
    public async Task FinishAsync(string title, bool force, CancellationToken cancellationToken)
    {
        FileStream? page = null;
        try
        {
            await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            page = ImageSaver.OpenTemporary(_folder);
            var around = new GalleryPage { Title = title, Totals = Totals, Sources = _sources, Expiring = _expiring };
            var writer = new StreamWriter(page, s_utf8, leaveOpen: true);
            await using (writer.ConfigureAwait(false))
            {
                around.WriteHead(writer);
                await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
                _cards.Position = 0;
                await _cards.CopyToAsync(page, cancellationToken).ConfigureAwait(false);
                around.WriteEnd(writer);
            }

            if (force)
            {
                File.Move(page.Name, _path, overwrite: true);
            }
            else
            {
                NewName.Give(page.Name, _path);
            }

            Remove(_cards); // now, so that nothing but the page is there when it is told
        }
        catch (IOException) when (!force && File.Exists(_path))
        {
            throw Exists(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e);
        }
        finally
        {
            Remove(page);
        }
    }

    public static RunwareException Exists(string path) => new(ErrorCodes.FileExists, RunwareErrorCategory.Validation, $"'{path}' exists.") { Parameter = "Path" };

    public void Dispose() => Remove(_cards);

    private async Task WriteAsync(GalleryEntry entry, Stream? content, CancellationToken cancellationToken)
    {
        var begin = Guard(() =>
        {
            _writer.Flush();
            return _cards.Position;
        });
        try
        {
            var picture = entry.State == GalleryState.Picture ? await PlaceAsync(entry, content, cancellationToken).ConfigureAwait(false) : null;
            await GalleryCard.WriteAsync(_writer, entry, picture, Totals.Count + 1, cancellationToken).ConfigureAwait(false);
            await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e);
        }
        catch (RunwareException)
        {
            Guard(() =>
            {
                _writer.Flush();
                _cards.SetLength(begin);
                return _cards.Position = begin;
            });
            throw;
        }
    }

    /// <summary>Decides how a picture is shown.</summary>
    private async Task<GalleryPicture> PlaceAsync(GalleryEntry entry, Stream? content, CancellationToken cancellationToken)
    {
        if (content is not null)
        {
            var format = await DetectAsync(entry, content, cancellationToken).ConfigureAwait(false);
            if (_source is not null)
            {
                if (content.Length <= _room)
                {
                    _room -= content.Length;
                    _sources.Add("data:");
                    return GalleryPicture.Inside(content, format.MediaType);
                }

                _room = 0; // the rest is linked to, also what would still fit: where it ends is plain to see
                LeftOutside++;
            }
        }
        else if (_source is not null && _room == 0)
        {
            LeftOutside++;
        }

        if (entry.File is { } file)
        {
            // A page from a disk has no origin that 'self' could mean in every browser; there its files are of the scheme file.
            _sources.Add("'self'");
            _sources.Add("file:");
            return GalleryPicture.At(GalleryAddress.OfFile(file, _folder));
        }

        if (GalleryAddress.Origin(entry.Image!.ImageUrl) is { } origin)
        {
            _sources.Add(origin);
            _expiring++;
            return GalleryPicture.At(entry.Image.ImageUrl!.AbsoluteUri);
        }

        NotShown++;
        return GalleryPicture.None(
            content is not null ? (_source is null ? "It is data that was not saved. Save it first, or use -Embed." : "It is data that was not saved, and the page is full.")
            : entry.Image.Path is { } path ? $"The file {Path.GetFileName(path)} is not there."
            : "It has no file and no address.");
    }

    /// <summary>Opens what the entry's picture is made of, if it is here.</summary>
    private static Stream? Open(GalleryEntry entry)
    {
        if (entry.State != GalleryState.Picture)
        {
            return null;
        }

        if (entry.File is { } file)
        {
            try
            {
                var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                if (stream.CanSeek)
                {
                    return stream;
                }

                stream.Dispose();
                throw new IOException("It is no plain file.");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unreadable(file, e);
            }
        }

        var bytes = ImageBytes.Of(entry.Image!);
        return bytes.IsEmpty ? null : new MemoryStream(bytes.ToArray(), writable: false);
    }

    private static async Task<ImageFormat> DetectAsync(GalleryEntry entry, Stream content, CancellationToken cancellationToken)
    {
        var head = new byte[ImageFormat.HeaderLength];
        int read;
        try
        {
            content.Position = 0;
            read = await content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            content.Position = 0;
        }
        catch (IOException e)
        {
            throw Unreadable(entry.File, e); // it is this picture that breaks, not the page
        }

        return ImageFormat.Detect(head.AsSpan(0, read))
            ?? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject", $"{(entry.File is { } file ? $"'{file}'" : "The picture's data")} is no JPG, PNG or WEBP.");
    }

    private async Task<(FileStream? File, RunwareException? Failure)> FetchAsync(RunwareImage image, ImageSource source, CancellationToken cancellationToken)
    {
        var file = Guard(() => ImageSaver.OpenTemporary(_folder));
        try
        {
            await source.CopyAsync(image, file, metadata: null, cancellationToken).ConfigureAwait(false);
            return (file, null);
        }
        catch (RunwareException e)
        {
            Remove(file);
            return (null, e);
        }
        catch (Exception e)
        {
            Remove(file);
            throw e is IOException or UnauthorizedAccessException ? Failed(e) : e;
        }
    }

    private static RunwareException Unreadable(string? file, Exception e) =>
        RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject", $"'{file}' could not be read: {e.Message}", e);

    private T Guard<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Failed(e);
        }
    }

    private RunwareException Failed(Exception e) =>
        new(ErrorCodes.SaveFailed, RunwareErrorCategory.Unknown, $"The gallery could not be written to '{_path}': {e.Message}", e) { Parameter = "Path" };

    private static void Remove(FileStream? temporary)
    {
        if (temporary is not null)
        {
            ImageSaver.TryDelete(temporary.Name);
            temporary.Dispose();
        }
    }
}
