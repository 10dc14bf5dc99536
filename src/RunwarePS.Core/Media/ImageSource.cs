using System.Buffers;

namespace RunwarePS.Media;

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

    /// <summary>Writes an image to an empty file or other stream, byte for byte.</summary>
    /// <returns>What the image consists of. Its end is known: data that breaks off is an error.</returns>
    /// <exception cref="RunwareException"><c>DownloadFailed</c>.</exception>
    public async Task<ImageContainer> CopyAsync(RunwareImage image, Stream file, CancellationToken cancellationToken)
    {
        var bytes = ImageBytes.Of(image, mayBreakOff: true);
        if (!bytes.IsEmpty)
        {
            DetectFormat(image, bytes.Span);
            await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            return ReadWhole(image, file, url: null);
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
                return await DownloadAsync(image, url, file, cancellationToken).ConfigureAwait(false);
            }
            catch (RunwareException e) when (e.IsTransient && attempt < maxRetryCount && !(e.RetryAfter > Backoff.LongestPause))
            {
                await Task.Delay(Backoff.Repeat(attempt, e.RetryAfter), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<ImageContainer> DownloadAsync(RunwareImage image, Uri url, Stream file, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var response = await download().GetAsync(url, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
            trace?.Request(FormattableString.Invariant($"GET {Redaction.Address(url)}: {(int)response.StatusCode}"));
            if (!response.IsSuccessStatusCode)
            {
                throw Failed(ErrorCodes.DownloadFailed, ErrorCatalog.OfDownload((int)response.StatusCode), image,
                    FormattableString.Invariant($"{Redaction.Address(url)} answered {(int)response.StatusCode}."), inner: null, (int)response.StatusCode, response.RetryAfter());
            }

            using var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            var read = await ReadAsync(stream, buffer, ImageFormat.HeaderLength, url, image, deadline.Token).ConfigureAwait(false);
            DetectFormat(image, buffer.AsSpan(0, read));
            for (long total = read; read > 0; total += read)
            {
                if (total > MaxBytes)
                {
                    throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Unknown, image, $"{Redaction.Address(url)} sends more than a picture can hold.", inner: null);
                }

                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                read = await ReadAsync(stream, buffer, atLeast: 1, url, image, deadline.Token).ConfigureAwait(false);
            }

            return ReadWhole(image, file, url);
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

    // A page in the place of an image isn't read to its end.
    private static void DetectFormat(RunwareImage image, ReadOnlySpan<byte> beginning)
    {
        if (ImageFormat.Detect(beginning) is null)
        {
            throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Unknown, image,
                $"What {(image.ImageUrl is { } url ? Redaction.Address(url) : "the reply")} holds is no JPG, PNG or WEBP.", inner: null);
        }
    }

    private static ImageContainer ReadWhole(RunwareImage image, Stream file, Uri? url)
    {
        if (ImageContainer.Read(file) is { End: not null } whole)
        {
            return whole;
        }

        // What a server sends may be whole the next time; what was piped in stays as it is.
        var (source, category, parameter) = url is null
            ? ("The image's data", RunwareErrorCategory.Validation, "InputObject")
            : (Redaction.Address(url), RunwareErrorCategory.Connection, null);
        var message = FormattableString.Invariant($"{source} broke off after {file.Length} bytes, before the end of the image.");
        throw Failed(ErrorCodes.DownloadFailed, category, image, message, inner: null, parameter: parameter);
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

    public static RunwareException Failed(
        string code, RunwareErrorCategory category, RunwareImage image, string message, Exception? inner,
        int? status = null, TimeSpan? retryAfter = null, string? parameter = null) =>
        new(code, category, message, inner)
        {
            TaskUuid = image.TaskUuid == Guid.Empty ? null : image.TaskUuid,
            StatusCode = status,
            RetryAfter = retryAfter,
            Parameter = parameter,
        };
}
