using System.Buffers;

namespace RunwarePS.Gallery;

/// <summary>How a card shows its media: by a link, by the bytes themselves, or not at all and why.</summary>
internal sealed record GalleryMedia
{
    // A multiple of three, so that pieces of base64 join without padding.
    private const int Piece = 48 * 1024;

    private GalleryMedia()
    {
    }

    /// <summary>How it is shown.</summary>
    public MediaKind Kind { get; private init; }

    /// <summary>Its URL, relative to the page or on the web.</summary>
    public string? Address { get; private init; }

    /// <summary>Why there are none.</summary>
    public string? Missing { get; private init; }

    private Stream? Content { get; init; }

    private string? MediaType { get; init; }

    public static GalleryMedia At(string address, MediaKind kind) => new() { Address = address, Kind = kind };

    public static GalleryMedia None(string why) => new() { Missing = why };

    /// <summary>Media inside the page. The stream belongs to the caller.</summary>
    public static GalleryMedia Inside(Stream content, MediaFormat format) =>
        new() { Content = content, MediaType = format.MediaType, Kind = format.Kind };

    /// <summary>Writes the value of the <c>src</c> attribute; data goes piece by piece.</summary>
    public async Task WriteSourceAsync(TextWriter page, CancellationToken cancellationToken)
    {
        if (Content is null)
        {
            page.WriteHtml(Address);
            return;
        }

        page.Write($"data:{MediaType};base64,");
        var bytes = ArrayPool<byte>.Shared.Rent(Piece);
        var text = ArrayPool<char>.Shared.Rent(Piece / 3 * 4);
        try
        {
            int read;
            while ((read = await ReadAsync(Content, bytes.AsMemory(0, Piece), cancellationToken).ConfigureAwait(false)) > 0)
            {
                page.Write(text, 0, Convert.ToBase64CharArray(bytes, 0, read, text, 0));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
            ArrayPool<char>.Shared.Return(text);
        }
    }

    // What breaks here are these media; what breaks in the same loop while writing is the page.
    private static async Task<int> ReadAsync(Stream content, Memory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            return await content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject", Strings.UnnamedFileUnreadable.With(e.Message), e);
        }
    }
}
