using RunwarePS.Delivery;

namespace RunwarePS.Imaging;

/// <summary>Puts pictures into files: a temporary file first, then one atomic rename, so that a name always stands for a whole picture.</summary>
/// <param name="download">A client that sends no credentials.</param>
/// <param name="timeout">How long one download may take.</param>
/// <param name="maxRetryCount">How often a broken download begins anew. Nothing is bought by it.</param>
/// <param name="time">The clock.</param>
/// <param name="trace">Hears of each request.</param>
internal sealed class ImageSaver(HttpClient download, TimeSpan timeout, int maxRetryCount, TimeProvider time, IRequestTrace? trace = null)
{
    /// <summary>No picture of this API comes near this; an address that sends more is not read to its end.</summary>
    private const long MaxBytes = 512L * 1024 * 1024;

    private const int BufferSize = 128 * 1024;

    private const string TemporaryPrefix = ".runware-";
    private const string TemporaryEnding = ".part";

    /// <summary>Saves one picture under a folder and returns its full path.</summary>
    /// <exception cref="RunwareException"><c>DownloadFailed</c>, <c>FileExists</c> or <c>SaveFailed</c>. Nothing is left behind.</exception>
    public async Task<string> SaveAsync(RunwareImage image, string folder, FileNameTemplate template, bool force, CancellationToken cancellationToken)
    {
        string? temporary = null;
        try
        {
            Directory.CreateDirectory(folder);
            temporary = Path.Combine(folder, FormattableString.Invariant($"{TemporaryPrefix}{Guid.NewGuid():N}{TemporaryEnding}"));

            // Open until it has its name: while it is open, nobody takes it for something that a killed session left behind.
            using var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.Asynchronous,
                BufferSize = 0,
            });
            await WriteAsync(image, file, cancellationToken).ConfigureAwait(false);
            var format = await DetectAsync(file, image, cancellationToken).ConfigureAwait(false);
            var path = Path.GetFullPath(Path.Combine(folder, template.PathOf(image, format)));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await PlaceAsync(temporary, path, image, force, cancellationToken).ConfigureAwait(false);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Failed(ErrorCodes.SaveFailed, RunwareErrorCategory.Unknown, image, $"The picture {image.ImageUuid:D} could not be written to '{folder}': {e.Message}", e);
        }
        finally
        {
            if (temporary is not null)
            {
                TryDelete(temporary);
            }
        }
    }

    /// <summary>Removes the temporary files that killed sessions left in a folder. One that a living session writes is in use, and stays.</summary>
    public static void Sweep(string folder)
    {
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder, TemporaryPrefix + "*" + TemporaryEnding))
            {
                Remove(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }

        static void Remove(string path)
        {
            try
            {
                using var alone = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    private async Task WriteAsync(RunwareImage image, FileStream file, CancellationToken cancellationToken)
    {
        var bytes = ImageBytes.Of(image);
        if (!bytes.IsEmpty)
        {
            await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            return;
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
                await DownloadAsync(image, url, file, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (RunwareException e) when (e.IsTransient && attempt < maxRetryCount)
            {
                await Task.Delay(Backoff.Repeat(attempt, e.RetryAfter), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task DownloadAsync(RunwareImage image, Uri url, FileStream file, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        try
        {
            using var response = await download.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
            trace?.Request(FormattableString.Invariant($"GET {Redaction.Address(url)}: {(int)response.StatusCode}"));
            if (!response.IsSuccessStatusCode)
            {
                throw Failed(ErrorCodes.DownloadFailed, Errors.ErrorCatalogue.OfStatus((int)response.StatusCode), image,
                    FormattableString.Invariant($"{Redaction.Address(url)} answered {(int)response.StatusCode}."), inner: null, (int)response.StatusCode, response.RetryAfter());
            }

            using var source = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                long total = 0;
                int read;
                while ((read = await ReadAsync(source, buffer, url, image, patience.Token).ConfigureAwait(false)) > 0)
                {
                    total += read;
                    if (total > MaxBytes)
                    {
                        throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Unknown, image, $"{Redaction.Address(url)} sends more than a picture can hold.", inner: null);
                    }

                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                }
            }
            finally
            {
                System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Timeout, image,
                FormattableString.Invariant($"{Redaction.Address(url)} did not deliver within {timeout.TotalSeconds:0.#} s."), e);
        }
        catch (Exception e) when (e is HttpRequestException)
        {
            throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Connection, image, $"{Redaction.Address(url)} could not be read: {e.Message}", e);
        }
    }

    // What breaks here is the connection; what breaks in the same loop while writing is the disk.
    private static async Task<int> ReadAsync(Stream source, byte[] buffer, Uri url, RunwareImage image, CancellationToken cancellationToken)
    {
        try
        {
            return await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Connection, image, $"{Redaction.Address(url)} could not be read: {e.Message}", e);
        }
    }

    private static async Task<ImageFormat> DetectAsync(FileStream file, RunwareImage image, CancellationToken cancellationToken)
    {
        var head = new byte[ImageFormat.HeaderLength];
        file.Position = 0;
        var length = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return ImageFormat.Detect(head.AsSpan(0, length))
            ?? throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Unknown, image,
                $"What {(image.ImageUrl is { } url ? Redaction.Address(url) : "the reply")} holds is no JPG, PNG or WEBP.", inner: null);
    }

    private static async Task PlaceAsync(string temporary, string path, RunwareImage image, bool force, CancellationToken cancellationToken)
    {
        try
        {
            File.Move(temporary, path, overwrite: force);
        }
        catch (IOException) when (!force && File.Exists(path))
        {
            // The very same picture under this name: an earlier run saved it.
            if (!await SameBytesAsync(temporary, path, cancellationToken).ConfigureAwait(false))
            {
                throw Failed(ErrorCodes.FileExists, RunwareErrorCategory.Validation, image, $"'{path}' exists and is another picture.", inner: null);
            }
        }
    }

    private static async Task<bool> SameBytesAsync(string one, string other, CancellationToken cancellationToken)
    {
        if (new FileInfo(one).Length != new FileInfo(other).Length)
        {
            return false;
        }

        using var a = OpenShared(one);
        using var b = OpenShared(other);
        var hashA = await System.Security.Cryptography.SHA256.HashDataAsync(a, cancellationToken).ConfigureAwait(false);
        var hashB = await System.Security.Cryptography.SHA256.HashDataAsync(b, cancellationToken).ConfigureAwait(false);
        return hashA.AsSpan().SequenceEqual(hashB);
    }

    private static FileStream OpenShared(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static RunwareException Failed(string code, RunwareErrorCategory category, RunwareImage image, string message, Exception? inner, int? status = null, TimeSpan? retryAfter = null) =>
        new(code, category, message, inner)
        {
            TaskUuid = image.TaskUuid == Guid.Empty ? null : image.TaskUuid,
            StatusCode = status,
            RetryAfter = retryAfter,
            IsTransient = Errors.ErrorCatalogue.IsTransient(category),
        };
}
