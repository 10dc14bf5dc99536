using RunwarePS.Imaging;

namespace RunwarePS;

/// <summary>Finds the files that a text names: itself taken literally, else as a wildcard. Empty where it names none.</summary>
internal delegate IReadOnlyList<string> FindFiles(string text);

/// <summary>
/// Turns what a user calls a reference image into what goes over the wire. Every picture is read and recognised before anything is
/// sent; a text that is none of the known kinds is an error, never sent as it stands.
/// </summary>
/// <param name="findFiles">Finds the files that a text names.</param>
internal sealed class ReferenceReader(FindFiles findFiles)
{
    private const string Parameter = "ReferenceImage";

    /// <summary>More than any API takes in one picture; beyond it a mistake is likelier than a picture.</summary>
    private const long MaxFileBytes = 64L * 1024 * 1024;

    private (object[]? Given, MediaReference[] Read) _last = (null, []);

    /// <exception cref="RunwareException"><c>ReferenceImageNotFound</c>, <c>ParameterUnreadable</c> or <c>ParameterOutOfRange</c>.</exception>
    public MediaReference[] Read(object[] items)
    {
        // Those of the command line are the same for every record, and read once.
        if (!ReferenceEquals(items, _last.Given))
        {
            _last = (items, [.. items.SelectMany(Read)]);
        }

        return _last.Read;
    }

    private IEnumerable<MediaReference> Read(object item) => item switch
    {
        byte[] bytes => [FromBytes(bytes, "The byte array")],
        RunwareImage image => [FromImage(image)],
        Guid id => [new MediaReference(id.ToString("D"))],
        Uri { IsAbsoluteUri: true, Scheme: "http" or "https" } uri => [new MediaReference(uri.OriginalString)],
        Uri { IsAbsoluteUri: true, IsFile: true } uri => [FromFile(uri.LocalPath)],
        FileInfo file => [FromFile(file.FullName)],
        string text => FromText(text),
        _ => throw NotFound(item.GetType().Name),
    };

    private IEnumerable<MediaReference> FromText(string text)
    {
        if (text.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase) && text.Contains(";base64,", StringComparison.OrdinalIgnoreCase))
        {
            return [new MediaReference(text)];
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https")
        {
            return [new MediaReference(text)];
        }

        var files = findFiles(text);
        return files.Count > 0 ? files.Select(FromFile)
            : Guid.TryParse(text, out var id) ? [new MediaReference(id.ToString("D"))]
            : throw NotFound($"'{ViewText.Cut(text, 100)}'");
    }

    private static MediaReference FromImage(RunwareImage image) =>
        image.ImageUuid != Guid.Empty ? new MediaReference(image.ImageUuid.ToString("D"))
        : ImageBytes.Of(image) is { IsEmpty: false } bytes ? FromBytes(bytes, "The image's data")
        : image.ImageUrl is { } url ? new MediaReference(url.OriginalString)
        : throw NotFound("an image without id, data and address");

    private static MediaReference FromFile(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes)
            {
                throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, Parameter, $"ReferenceImage '{path}' is larger than 64 MB.");
            }

            return FromBytes(File.ReadAllBytes(path), $"'{path}'");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NotFound($"'{path}'", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, Parameter, $"ReferenceImage '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static MediaReference FromBytes(ReadOnlyMemory<byte> bytes, string what) =>
        ImageFormat.Detect(bytes.Span) is not null
            ? new MediaReference(bytes)
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, Parameter, $"ReferenceImage: {what} is no picture of a known kind; allowed are JPG, PNG and WEBP.");

    private static RunwareException NotFound(string what, Exception? inner = null) =>
        RunwareException.Invalid(ErrorCodes.ReferenceImageNotFound, Parameter,
            $"ReferenceImage {what} is no file, http(s) address, data URI, media UUID, bytes or image.", inner);
}
