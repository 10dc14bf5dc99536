using System.Management.Automation;

namespace RunwarePS.Binding;

/// <summary>Content that is uploaded, or a URL from which the API fetches it.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Path">Its file, if it's one.</param>
/// <param name="Url">The URL that the API fetches; null for content.</param>
/// <param name="Read">Reads the content. It's called when it is its turn, so that few files are in memory at a time.</param>
internal sealed record MediaUpload(string Name, string? Path, Uri? Url, Func<ReadOnlyMemory<byte>> Read)
{
    /// <summary>Finds out what an object holds.</summary>
    /// <param name="cmdlet">The cmdlet, for its location.</param>
    /// <param name="item">A result, file, path, URL, data URI, or bytes.</param>
    /// <param name="parameter">The parameter that the object is from. Text in Path is a path even if it reads like a URL.</param>
    /// <exception cref="RunwareException">It holds none of them.</exception>
    public static IEnumerable<MediaUpload> Of(PSCmdlet cmdlet, object item, string parameter) => item switch
    {
        RunwareMedia { HasData: false, Url: { } url } => [OfUrl(url)],
        RunwareMedia media => [new(media.ToString(), Path: null, Url: null, () => Bytes(media))],
        Uri url => [OfUrl(url)],
        byte[] bytes => [new(FormattableString.Invariant($"{bytes.Length} bytes"), Path: null, Url: null, () => bytes)],
        FileInfo file => [OfFile(file.FullName)],
        string text when MediaData.Of(text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? text : null) is { } data =>
            [new("a data URI", Path: null, Url: null, () => data.Bytes)],
        string text when parameter != "Path" && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" => [OfUrl(url)],
        string text => OfFiles(cmdlet, text, parameter),
        RunwareException unreadable => throw unreadable,
        _ => throw NotFound($"{item}", parameter),
    };

    private static MediaUpload OfUrl(Uri url) => url.IsAbsoluteUri && url.Scheme is "http" or "https"
        ? new(Redaction.Address(url), Path: null, url, () => default)
        : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "Url", Strings.UrlNotHttp.With(url));

    private static MediaUpload OfFile(string path) => new(path, path, Url: null, () => ReadFile(path));

    private static IEnumerable<MediaUpload> OfFiles(PSCmdlet cmdlet, string text, string parameter)
    {
        var files = cmdlet.FindFiles(text);
        return files.Count > 0 ? files.Select(OfFile) : throw NotFound(text, parameter);
    }

    private static ReadOnlyMemory<byte> ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "Path", Strings.FileUnreadable.With(path, e.Message), e);
        }
    }

    private static ReadOnlyMemory<byte> Bytes(RunwareMedia media) => MediaBytes.Of(media) is { IsEmpty: false } bytes ? bytes
        : throw RunwareException.Invalid(ErrorCodes.ReferenceImageNotFound, "InputObject",
            Strings.ResultWithoutSource.With(Strings.TheInput, media.GetType().Name));

    private static RunwareException NotFound(string what, string parameter) =>
        ReferenceReader.NotFound(parameter, $"'{DisplayText.Cut(what, 100)}'");
}
