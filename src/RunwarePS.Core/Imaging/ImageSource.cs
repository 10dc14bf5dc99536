using System.Buffers;
using RunwarePS.Delivery;
using RunwarePS.Imaging.Metadata;

namespace RunwarePS.Imaging;

/// <summary>Where a picture's bytes come from: from the object itself, or from its address, without any credentials.</summary>
/// <param name="download">A client that sends no credentials.</param>
/// <param name="timeout">How long one download may take.</param>
/// <param name="maxRetryCount">How often a broken download begins anew. Nothing is bought by it.</param>
/// <param name="time">The clock.</param>
/// <param name="trace">Hears of each request.</param>
internal sealed class ImageSource(Func<HttpClient> download, TimeSpan timeout, int maxRetryCount, TimeProvider time, IRequestTrace? trace = null)
{
    /// <summary>No picture of this API comes near this; an address that sends more is not read to its end.</summary>
    private const long MaxBytes = 512L * 1024 * 1024;

    private const int BufferSize = 128 * 1024;

    /// <summary>Writes a picture to an empty file or other stream, with a packet of metadata where one is given and the format can hold it.</summary>
    /// <returns>The format, as the bytes show it.</returns>
    /// <exception cref="RunwareException"><c>DownloadFailed</c>.</exception>
    public async Task<ImageFormat> CopyAsync(RunwareImage image, Stream file, byte[]? metadata, CancellationToken cancellationToken)
    {
        var bytes = ImageBytes.Of(image);
        if (!bytes.IsEmpty)
        {
            var (format, end) = await BeginAsync(image, bytes, file, metadata, cancellationToken).ConfigureAwait(false);
            await file.WriteAsync(end, cancellationToken).ConfigureAwait(false);
            return format;
        }

        if (image.ImageUrl is not { IsAbsoluteUri: true, Scheme: "http" or "https" } url)
        {
            throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.NotFound, image, $"The picture {image.ImageUuid:D} has neither data nor an http address.", inner: null);
        }

        for (var attempt = 0; ; attempt++)
        {
            try
            {
                file.SetLength(0);
                file.Position = 0;
                return await DownloadAsync(image, url, file, metadata, cancellationToken).ConfigureAwait(false);
            }
            catch (RunwareException e) when (e.IsTransient && attempt < maxRetryCount && !(e.RetryAfter > Backoff.LongestPause))
            {
                await Task.Delay(Backoff.Repeat(attempt, e.RetryAfter), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<ImageFormat> DownloadAsync(RunwareImage image, Uri url, Stream file, byte[]? metadata, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var response = await download().GetAsync(url, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
            trace?.Request(FormattableString.Invariant($"GET {Redaction.Address(url)}: {(int)response.StatusCode}"));
            if (!response.IsSuccessStatusCode)
            {
                throw Failed(ErrorCodes.DownloadFailed, Errors.ErrorCatalogue.OfStatus((int)response.StatusCode), image,
                    FormattableString.Invariant($"{Redaction.Address(url)} answered {(int)response.StatusCode}."), inner: null, (int)response.StatusCode, response.RetryAfter());
            }

            using var stream = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            var read = await ReadAsync(stream, buffer, PictureMetadata.BeginningLength, url, image, patience.Token).ConfigureAwait(false);
            var (format, end) = await BeginAsync(image, buffer.AsMemory(0, read), file, metadata, cancellationToken).ConfigureAwait(false);
            var head = buffer.AsSpan(0, ImageFormat.HeaderLength).ToArray();
            var tail = new Tail();
            tail.Add(buffer.AsSpan(0, read));
            long total = read;
            while ((read = await ReadAsync(stream, buffer, atLeast: 1, url, image, patience.Token).ConfigureAwait(false)) > 0)
            {
                total += read;
                if (total > MaxBytes)
                {
                    throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Unknown, image, $"{Redaction.Address(url)} sends more than a picture can hold.", inner: null);
                }

                tail.Add(buffer.AsSpan(0, read));
                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }

            if (!format.IsWhole(head, tail.Bytes, total))
            {
                throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Connection, image, FormattableString.Invariant($"{Redaction.Address(url)} broke off after {total} bytes."), inner: null);
            }

            await file.WriteAsync(end, cancellationToken).ConfigureAwait(false);
            return format;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Timeout, image,
                FormattableString.Invariant($"{Redaction.Address(url)} did not deliver within {timeout.TotalSeconds:0.#} s."), e);
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException or InvalidOperationException)
        {
            throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Connection, image, $"{Redaction.Address(url)} could not be read: {e.Message}", e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes the beginning of a picture, with what is to be put into it, and gives the format and what has to follow the last byte.</summary>
    private static async Task<(ImageFormat Format, ReadOnlyMemory<byte> End)> BeginAsync(RunwareImage image, ReadOnlyMemory<byte> beginning, Stream file, byte[]? metadata, CancellationToken cancellationToken)
    {
        var format = ImageFormat.Detect(beginning.Span)
            ?? throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Unknown, image,
                $"What {(image.ImageUrl is { } url ? Redaction.Address(url) : "the reply")} holds is no JPG, PNG or WEBP.", inner: null);
        var insertion = metadata is null ? null : PictureMetadata.Insert(beginning, format, metadata);
        foreach (var piece in insertion?.Beginning ?? [beginning])
        {
            await file.WriteAsync(piece, cancellationToken).ConfigureAwait(false);
        }

        return (format, insertion?.End ?? default);
    }

    // What breaks here is the connection; what breaks in the same loop while writing is the disk.
    private static async Task<int> ReadAsync(Stream stream, byte[] buffer, int atLeast, Uri url, RunwareImage image, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAtLeastAsync(buffer, atLeast, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Connection, image, $"{Redaction.Address(url)} could not be read: {e.Message}", e);
        }
    }

    public static RunwareException Failed(string code, RunwareErrorCategory category, RunwareImage image, string message, Exception? inner, int? status = null, TimeSpan? retryAfter = null) =>
        new(code, category, message, inner)
        {
            TaskUuid = image.TaskUuid == Guid.Empty ? null : image.TaskUuid,
            StatusCode = status,
            RetryAfter = retryAfter,
        };

    /// <summary>The last bytes of a stream.</summary>
    private sealed class Tail
    {
        private readonly byte[] _bytes = new byte[ImageFormat.EndLength];
        private int _length;

        public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

        public void Add(ReadOnlySpan<byte> more)
        {
            if (more.Length >= _bytes.Length)
            {
                more[^_bytes.Length..].CopyTo(_bytes);
                _length = _bytes.Length;
                return;
            }

            var kept = Math.Min(_length, _bytes.Length - more.Length);
            _bytes.AsSpan(_length - kept, kept).CopyTo(_bytes);
            more.CopyTo(_bytes.AsSpan(kept));
            _length = kept + more.Length;
        }
    }
}
