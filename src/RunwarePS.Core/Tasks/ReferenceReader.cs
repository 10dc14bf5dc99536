namespace RunwarePS.Tasks;

/// <summary>Finds the files that a text names: itself taken literally, else as a wildcard. Empty where it names none.</summary>
internal delegate IReadOnlyList<string> FindFiles(string text);

/// <summary>
/// Turns what a user calls a reference image into what goes over the wire. Every picture is read and recognised before anything is
/// sent; a text that is none of the known kinds is an error, never sent as it stands.
/// </summary>
/// <param name="findFiles">Finds the files that a text names.</param>
/// <param name="parameter">Which parameter takes the references.</param>
internal sealed class ReferenceReader(FindFiles findFiles, string parameter = "ReferenceImage")
{
    /// <summary>More than any API takes in one picture; beyond it a mistake is likelier than a picture.</summary>
    private const long MaxFileBytes = 64L * 1024 * 1024;

    private (object? Given, MediaInput[] Read) _last = (null, []);

    /// <exception cref="RunwareException"><c>ReferenceImageNotFound</c>, <c>ParameterUnreadable</c> or <c>ParameterOutOfRange</c>.</exception>
    public MediaInput[] Read(object[] items)
    {
        // Those of the command line are the same for every record, and read once.
        if (!ReferenceEquals(items, _last.Given))
        {
            _last = (items, [.. items.SelectMany(Read)]);
        }

        return _last.Read;
    }

    /// <summary>Reads what must be one picture.</summary>
    /// <inheritdoc cref="Read(object[])"/>
    public MediaInput? ReadOne(object? item)
    {
        if (item is null)
        {
            return null;
        }

        if (!ReferenceEquals(item, _last.Given))
        {
            MediaInput[] read = [.. Read(item)];
            _last = read.Length == 1 ? (item, read) : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, parameter,
                FormattableString.Invariant($"{parameter} names {read.Length} files. Specify one image."));
        }

        return _last.Read[0];
    }

    private IEnumerable<MediaInput> Read(object item) => item switch
    {
        byte[] bytes => [FromBytes(bytes, "The byte array")],
        RunwareImage image => [FromImage(image)],
        RunwareMedia media => [FromMedia(media)],
        Guid id => [new MediaInput(id.ToString("D"))],
        Uri { IsAbsoluteUri: true, Scheme: "http" or "https" } uri => [new MediaInput(uri.OriginalString)],
        Uri { IsAbsoluteUri: true, IsFile: true } uri => [FromFile(uri.LocalPath)],
        FileInfo file => [FromFile(file.FullName)],
        string text => FromText(text),
        RunwareException unreadable => throw unreadable,
        _ => throw NotFound(item.GetType().Name),
    };

    private IEnumerable<MediaInput> FromText(string text)
    {
        if (text.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) && text.Contains(";base64,", StringComparison.OrdinalIgnoreCase))
        {
            return [new MediaInput(text)];
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return [new MediaInput(text)];
        }

        var files = findFiles(text);
        return files.Count > 0 ? files.Select(FromFile)
            : Guid.TryParse(text, out var id) ? [new MediaInput(id.ToString("D"))]
            : FromBase64(text) is { } picture ? [picture]
            : throw NotFound($"'{DisplayText.Cut(text, 100)}'");
    }

    /// <summary>A picture as it stands in the JSON of a request; null where the text is not the base64 of one.</summary>
    private static MediaInput? FromBase64(string text)
    {
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) && ImageFormat.Detect(bytes.AsSpan(0, length)) is not null
            ? new MediaInput(bytes.AsMemory(0, length))
            : null;
    }

    private MediaInput FromImage(RunwareImage image) =>
        image.ImageUuid != Guid.Empty ? new MediaInput(image.ImageUuid.ToString("D"))
        : ImageBytes.Of(image) is { IsEmpty: false } bytes ? FromBytes(bytes, "The image's data")
        : image.ImageUrl is { } url ? new MediaInput(url.OriginalString)
        : throw NotFound("an image without id, data and address");

    // Other media than images go by id or address only.
    private MediaInput FromMedia(RunwareMedia media) =>
        media.Uuid != Guid.Empty ? new MediaInput(media.Uuid.ToString("D"))
        : media.Url is { } url ? new MediaInput(url.OriginalString)
        : throw NotFound($"a {media.GetType().Name} without ID and address");

    private MediaInput FromFile(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes)
            {
                throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, parameter, $"{parameter} '{path}' is larger than 64 MB.");
            }

            return FromBytes(File.ReadAllBytes(path), $"'{path}'");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NotFound($"'{path}'", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter, $"{parameter} '{path}' cannot be read: {e.Message}", e);
        }
    }

    private MediaInput FromBytes(ReadOnlyMemory<byte> bytes, string what) =>
        ImageFormat.Detect(bytes.Span) is not null
            ? new MediaInput(bytes)
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, parameter, $"{parameter}: {what} is no picture of a known kind; allowed are JPG, PNG and WEBP.");

    private RunwareException NotFound(string what, Exception? inner = null) =>
        RunwareException.Invalid(ErrorCodes.ReferenceImageNotFound, parameter,
            $"{parameter} {what} is no file, http(s) address, data URI, base64 text, media UUID, bytes or image.", inner);
}
