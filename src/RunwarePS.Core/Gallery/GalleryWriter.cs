using System.Text;

namespace RunwarePS.Gallery;

/// <summary>
/// Writes a gallery as its entries come, into temporary files beside its name: the cards first, since what stands before them (the totals,
/// the hosts that the policy allows) is known only in the end. The name is given to the whole page in one step.
/// </summary>
internal sealed class GalleryWriter : IDisposable
{
    /// <summary>How many bytes of media go inside a page.</summary>
    public const long EmbedLimit = 50L * 1024 * 1024;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly string _path;
    private readonly string _folder;
    private readonly MediaSource? _source;
    private readonly FileStream _cards;
    private readonly StreamWriter _writer;
    private readonly GalleryPlaces _places;

    /// <param name="path">The page's full path.</param>
    /// <param name="embed">Downloads the media that go inside the page; null to link to all media.</param>
    /// <param name="room">How many bytes of media go inside the page.</param>
    /// <exception cref="RunwareException"><c>SaveFailed</c>.</exception>
    public GalleryWriter(string path, MediaSource? embed, long room = EmbedLimit)
    {
        _path = path;
        _folder = Path.GetDirectoryName(path)!;
        _source = embed;
        _places = new GalleryPlaces(_folder, embed is null ? null : room);
        _cards = Guard(() =>
        {
            Directory.CreateDirectory(_folder);
            AtomicFile.DeleteAbandoned(_folder);
            return AtomicFile.CreateTemporary(_folder);
        });
        _writer = new StreamWriter(_cards, s_utf8, bufferSize: 32 * 1024, leaveOpen: true);
    }

    public GalleryTotals Totals { get; } = new();

    /// <summary>The number of results that didn't fit into the page.</summary>
    public int LeftOutside => _places.LeftOutside;

    /// <summary>The number of results that have neither a file nor a URL, and aren't shown.</summary>
    public int NotShown => _places.NotShown;

    /// <summary>Adds a card, whole or not at all.</summary>
    /// <returns>Why media could not be downloaded, which then are linked to; null otherwise.</returns>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c> for what isn't media; <c>SaveFailed</c> for the page, which then is
    /// lost.</exception>
    public async Task<RunwareException?> AddAsync(GalleryEntry entry, CancellationToken cancellationToken)
    {
        RunwareException? notFetched = null;
        FileStream? fetched = null;
        try
        {
            if (_source is not null && _places.HasRoom && entry is { File: null, Output: RunwareMedia media } && media is not RunwareFile
                && MediaBytes.Of(media).IsEmpty
                && GalleryLink.Origin(media.Url) is not null)
            {
                (fetched, notFetched) = await FetchAsync(media, _source, cancellationToken).ConfigureAwait(false);
            }

            using var content = fetched ?? Open(entry);
            await WriteAsync(entry.File is null ? entry : entry with { FileLength = content?.Length }, content, cancellationToken)
                .ConfigureAwait(false);
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
            page = AtomicFile.CreateTemporary(_folder);
            var around = new GalleryPage { Title = title, Totals = Totals, Sources = _places.Sources, Expiring = _places.Expiring };
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
                AtomicFile.MoveToNew(page.Name, _path);
            }

            Remove(_cards); // now, so that only the page exists when it is reported
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

    public static RunwareException Exists(string path) =>
        new(ErrorCodes.FileExists, RunwareErrorCategory.Validation, Strings.FileExists.With(path)) { Parameter = "Path" };

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
            var media = entry.State == GalleryState.Result ? _places.Place(entry, content) : null;
            await GalleryCard.WriteAsync(_writer, entry, media, Totals.Count + 1, cancellationToken).ConfigureAwait(false);
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

    /// <summary>Opens the media of an entry, if they are here.</summary>
    private static Stream? Open(GalleryEntry entry)
    {
        if (entry.State != GalleryState.Result)
        {
            return null;
        }

        if (entry.File is { } file)
        {
            try
            {
                return ImageFile.OpenRead(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unreadable(file, e);
            }
        }

        var bytes = entry.Output is RunwareMedia media ? MediaBytes.Of(media) : default;
        return bytes.IsEmpty ? null : new MemoryStream(bytes.ToArray(), writable: false);
    }

    private async Task<(FileStream? File, RunwareException? Failure)> FetchAsync(RunwareMedia media, MediaSource source,
        CancellationToken cancellationToken)
    {
        var file = Guard(() => AtomicFile.CreateTemporary(_folder));
        try
        {
            await source.CopyAsync(media, file, cancellationToken).ConfigureAwait(false);
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

    internal static RunwareException Unreadable(string? file, Exception e) =>
        RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject", Strings.FileUnreadable.With(file, e.Message), e);

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
        new(ErrorCodes.SaveFailed, RunwareErrorCategory.Unknown, Strings.GalleryNotWritten.With(_path, e.Message), e)
        { Parameter = "Path" };

    private static void Remove(FileStream? temporary)
    {
        if (temporary is not null)
        {
            AtomicFile.TryDelete(temporary.Name);
            temporary.Dispose();
        }
    }
}
