namespace RunwarePS.Tasks;

/// <summary>Finds the files that a text names: itself taken literally, else as a wildcard. Empty where it names none.</summary>
internal delegate IReadOnlyList<string> FindFiles(string text);

/// <summary>
/// Turns what a user gives as a medium into what goes over the wire. Everything is read and recognized before anything is sent; a text that
/// is none of the known forms is an error, never sent as it is. An image goes in the request, a local video or audio file is uploaded.
/// </summary>
/// <param name="findFiles">Finds the files that a text names.</param>
/// <param name="parameter">Which parameter takes the media.</param>
/// <param name="kind">Which kind of media it takes.</param>
internal sealed class ReferenceReader(FindFiles findFiles, string parameter = "ReferenceImage", MediaKind kind = MediaKind.Image)
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>More than any API takes in one image; beyond it a mistake is likelier than an image.</summary>
    private const long MaxImage = 64;

    /// <summary>What can be uploaded in one request, which holds it as text.</summary>
    private const long MaxUpload = 256;

    private (object[] Given, MediaInput[] Read) _last = ([], []);

    /// <exception cref="RunwareException"><c>ReferenceImageNotFound</c>, <c>ParameterUnreadable</c> or
    /// <c>ParameterOutOfRange</c>.</exception>
    public MediaInput[] Read(object[] items)
    {
        // Those of the command line are the same for every record, and read once.
        if (!items.SequenceEqual(_last.Given, ReferenceEqualityComparer.Instance))
        {
            _last = (items, [.. items.SelectMany(Read)]);
        }

        return _last.Read;
    }

    /// <summary>Reads what must be one medium.</summary>
    /// <inheritdoc cref="Read(object[])"/>
    public MediaInput? ReadOne(object? item) => item is null ? null
        : Read([item]) is { Length: 1 } read ? read[0]
        : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, parameter,
            Strings.SeveralFiles.With(Subject, _last.Read.Length, Noun));

    private IEnumerable<MediaInput> Read(object item) => item switch
    {
        byte[] bytes => [FromBytes(bytes, Strings.TheByteArray)],
        RunwareMedia media when !IsOfKind(media) => throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, parameter,
            Strings.MediaOfOtherKind.With(Subject, media.GetType().Name, AnyOne)),
        RunwareImage image => [FromImage(image)],
        RunwareMedia media => [FromMedia(media)],
        Guid id => [new MediaInput(id.ToString("D"))],
        Uri { IsAbsoluteUri: true, Scheme: "http" or "https" } uri => [new MediaInput(uri.OriginalString)],
        Uri { IsAbsoluteUri: true, IsFile: true } uri => [FromFile(uri.LocalPath)],
        FileInfo file => [FromFile(file.FullName)],
        string text => FromText(text),
        RunwareException unreadable => throw unreadable,
        _ => throw NotFound($"'{DisplayText.Cut($"{item}", 100)}'"),
    };

    // The name of what is piped isn't typed.
    private string Subject => parameter == "InputObject" ? Strings.TheInput : parameter;

    private string Noun =>
        kind switch { MediaKind.Video => "video", MediaKind.Audio => "audio file", MediaKind.Image => "image", _ => "file" };

    private string AnyOne => (kind is MediaKind.Image or MediaKind.Audio ? "an " : "a ") + Noun;

    private IEnumerable<MediaInput> FromText(string text)
    {
        if (kind is MediaKind.Image or MediaKind.Any && text.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase)
            && text.Contains(";base64,", StringComparison.OrdinalIgnoreCase))
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
            : kind is MediaKind.Image or MediaKind.Any && FromBase64(text) is { } image ? [image]
            : throw NotFound($"'{DisplayText.Cut(text, 100)}'");
    }

    /// <summary>An image as it is in the JSON of a request; null if the text isn't the base64 of one.</summary>
    private static MediaInput? FromBase64(string text)
    {
        var bytes = new byte[(text.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(text, bytes, out var length) && ImageFormat.Detect(bytes.AsSpan(0, length)) is not null
            ? new MediaInput(bytes.AsMemory(0, length))
            : null;
    }

    private MediaInput FromImage(RunwareImage image) =>
        image.ImageUuid != Guid.Empty ? new MediaInput(image.ImageUuid.ToString("D"))
        : MediaBytes.Of(image) is { IsEmpty: false } bytes ? FromBytes(bytes, Strings.TheImageData)
        : image.ImageUrl is { } url ? new MediaInput(url.OriginalString)
        : image.Path is { } path && File.Exists(path) ? FromFile(path)
        : throw WithoutSource(image);

    private MediaInput FromMedia(RunwareMedia media) =>
        media.Uuid != Guid.Empty ? new MediaInput(media.Uuid.ToString("D"))
        : media.Url is { } url ? new MediaInput(url.OriginalString)
        : MediaBytes.Of(media) is { IsEmpty: false } bytes ? FromBytes(bytes, Strings.TheResultData)
        : media.Path is { } path && File.Exists(path) ? FromFile(path)
        : throw WithoutSource(media);

    // What is stored or a file is of the kind that its name tells, if it tells one.
    private bool IsOfKind(RunwareMedia media) =>
        kind == MediaKind.Any || MediaFile.KindOf(media) is var found && (found == kind || found == MediaKind.Any);

    private MediaInput FromFile(string path)
    {
        try
        {
            var isUpload = kind is MediaKind.Video or MediaKind.Audio
                || (kind == MediaKind.Any && MediaFile.KindOf(path) != MediaKind.Image);
            var max = isUpload ? MaxUpload : MaxImage;
            if (new FileInfo(path).Length > max * Megabyte)
            {
                throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, parameter,
                    Strings.FileTooLarge.With(Subject, path, max));
            }

            if (!isUpload)
            {
                return FromBytes(File.ReadAllBytes(path), $"'{path}'");
            }

            return MediaFile.KindOf(path) is var found && (kind == MediaKind.Any || found == kind || found == MediaKind.Any)
                ? MediaInput.UploadOf(path)
                : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, parameter,
                    Strings.FileOfOtherKind.With(Subject, path, AnyOne));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NotFound($"'{path}'", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter,
                Strings.ParameterFileUnreadable.With(Subject, path, e.Message),
                e);
        }
    }

    private MediaInput FromBytes(ReadOnlyMemory<byte> bytes, string what) =>
        kind is MediaKind.Video or MediaKind.Audio ? MediaInput.UploadOf(bytes)
        : ImageFormat.Detect(bytes.Span) is not null ? new MediaInput(bytes)
        : kind == MediaKind.Any ? MediaInput.UploadOf(bytes)
        : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, parameter,
            Strings.ImageFormatUnknown.With(Subject, what));

    private RunwareException WithoutSource(RunwareMedia media) => RunwareException.Invalid(ErrorCodes.ReferenceImageNotFound, parameter,
        Strings.ResultWithoutSource.With(Subject, media.GetType().Name));

    private RunwareException NotFound(string what, Exception? inner = null) => NotFound(parameter, what, inner);

    /// <summary>The error of a parameter that names nothing.</summary>
    public static RunwareException NotFound(string parameter, string what, Exception? inner = null) =>
        RunwareException.Invalid(ErrorCodes.ReferenceImageNotFound, parameter,
            parameter == "InputObject" ? Strings.InputNotFound.With(what) : Strings.ReferenceNotFound.With(parameter, what), inner);
}
