using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;

namespace RunwarePS.Media;

/// <summary>Where the bytes of an output come from: from the object itself, or from its URL, without any credentials.</summary>
/// <param name="download">Creates a client that sends no credentials.</param>
/// <param name="timeout">How long a server may take to begin, and for each megabyte after that.</param>
/// <param name="maxRetryCount">How often a broken download is continued or begun again without progress. It costs nothing.</param>
/// <param name="time">The clock.</param>
/// <param name="trace">Hears of each request.</param>
internal sealed class MediaSource(
    Func<HttpClient> download, TimeSpan timeout, int maxRetryCount, TimeProvider time, IRequestTrace? trace = null)
{
    /// <summary>No image of this API comes near this; a URL that sends more isn't read to its end.</summary>
    private const long MaxImageBytes = 512L * 1024 * 1024;

    /// <summary>A download that received this much is alive: its timeout and its retries begin again.</summary>
    private const long Progress = 1024 * 1024;

    private const int BufferSize = 512 * 1024;

    /// <summary>Writes an output to an empty file or other stream, byte for byte.</summary>
    /// <returns>What was written. Incomplete data is an error.</returns>
    /// <exception cref="RunwareException"><c>DownloadFailed</c>.</exception>
    public async Task<MediaContent> CopyAsync(RunwareOutput output, Stream file, CancellationToken cancellationToken)
    {
        if (output is RunwareText text)
        {
            return await WriteTextAsync(text, file, cancellationToken).ConfigureAwait(false);
        }

        if (output is not RunwareMedia media)
        {
            throw RunwareException.Invalid(
                ErrorCodes.ParameterUnreadable, "InputObject",
                Strings.OutputNotSavable.With(NameOf(output)));
        }

        var bytes = MediaBytes.Of(media, mayBreakOff: true);
        if (!bytes.IsEmpty)
        {
            CheckBeginning(media, bytes.Span, media.DataMediaType);
            await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
            return Checked(media, file, media.DataMediaType, isDownload: false);
        }

        if (media.Url is not { IsAbsoluteUri: true, Scheme: "http" or "https" } url)
        {
            throw Failed(
                ErrorCodes.DownloadFailed, RunwareErrorCategory.NotFound, media,
                Strings.MediaWithoutSource.With(NameOf(media)), inner: null);
        }

        var state = new PartialDownload(media, url, file);
        for (var attempt = 0; ;)
        {
            try
            {
                await DownloadAsync(state, cancellationToken).ConfigureAwait(false);
                return Checked(media, file, state.MediaType, isDownload: true);
            }
            catch (RunwareException e) when (e.IsTransient && attempt < maxRetryCount && !(e.RetryAfter > Backoff.LongestPause))
            {
                attempt = state.HasAdvanced() ? 0 : attempt + 1;
                await Task.Delay(Backoff.Repeat(Math.Max(attempt - 1, 0), e.RetryAfter), time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Texts are saved as they are, and structured data as JSON.</summary>
    private static async Task<MediaContent> WriteTextAsync(RunwareText text, Stream file, CancellationToken cancellationToken)
    {
        var content = text.Data is null || (text.Text is not null && IsJson(text.Text))
            ? text.Text ?? ""
            : ValueReader.ToNode(text.Data)!.ToJsonString();
        await file.WriteAsync(Encoding.UTF8.GetBytes(content), cancellationToken).ConfigureAwait(false);
        return new MediaContent(text.Data is null ? MediaFormat.Text : MediaFormat.Json, Image: null);
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var _ = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Downloads a file, or the rest of an incomplete one.</summary>
    private async Task DownloadAsync(PartialDownload state, CancellationToken cancellationToken)
    {
        var (media, url, file) = (state.Media, state.Url, state.File);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        var since = Stopwatch.GetTimestamp();
        try
        {
            var client = download();
            using var request = state.CreateRequest(client);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token)
                .ConfigureAwait(false);
            trace?.Request(FormattableString.Invariant($"GET {Redaction.Address(url)}: {(int)response.StatusCode}"));
            Accept(state, response);
            using var stream = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
            var read = await ReadAsync(stream, buffer, MediaFormat.HeaderLength, state, deadline.Token).ConfigureAwait(false);
            if (file.Position == 0)
            {
                CheckBeginning(media, buffer.AsSpan(0, read), state.MediaType);
            }

            for (var extended = file.Position; read > 0;)
            {
                if (media is RunwareImage && file.Position + read > MaxImageBytes)
                {
                    throw Failed(
                        ErrorCodes.DownloadFailed, RunwareErrorCategory.Unknown, media,
                        Strings.DownloadTooLarge.With(Redaction.Address(url)), inner: null);
                }

                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                if (file.Position - extended >= Progress)
                {
                    deadline.CancelAfter(timeout);
                    extended = file.Position;
                }

                read = await ReadAsync(stream, buffer, atLeast: 1, state, deadline.Token).ConfigureAwait(false);
            }

            if (state.Total is { } total && file.Length != total)
            {
                throw BrokeOff(media, file, isDownload: true);
            }

            Telemetry.Downloaded(Stopwatch.GetElapsedTime(since));
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Timeout, media,
                Strings.DownloadTimedOut.With(Redaction.Address(url), timeout.TotalSeconds), e);
        }
        catch (Exception e) when (e is HttpRequestException or UriFormatException or InvalidOperationException)
        {
            throw Unreadable(state, e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sets the file to the place where the body of a response belongs.</summary>
    private static void Accept(PartialDownload state, HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        switch (response.StatusCode)
        {
            case HttpStatusCode.PartialContent when state.Continues(response):
                return;
            case HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable:
                state.Restart(response);
                throw Failed(ErrorCodes.DownloadFailed, RunwareErrorCategory.Connection, state.Media,
                    Strings.DownloadNotResumable.With(Redaction.Address(state.Url)), inner: null);
            case >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices:
                state.Restart(response);
                return;
            default: // what is here already may be continued later
                throw Failed(ErrorCodes.DownloadFailed, ErrorCatalog.OfDownload(status), state.Media,
                    Strings.StatusReturned.With(Redaction.Address(state.Url), status), inner: null,
                    status, response.RetryAfter());
        }
    }

    // A page in the place of media isn't read to its end.
    private static void CheckBeginning(RunwareMedia media, ReadOnlySpan<byte> beginning, string? mediaType)
    {
        var format = MediaFormat.Detect(beginning);
        var expected = media is RunwareImage && format is not { Kind: MediaKind.Image } ? Strings.AnImage
            : format is null && (beginning.IsEmpty || mediaType is "text/html" or "application/xhtml+xml" || IsPage(beginning))
                ? Strings.AMediaFile
            : null;
        if (expected is not null)
        {
            var source = media.HasData ? Strings.ObjectData : media.Url is { } url ? Redaction.Address(url) : Strings.TheObject;
            throw Failed(
                ErrorCodes.DownloadFailed, RunwareErrorCategory.Unknown, media, Strings.DownloadNotMedia.With(source, expected),
                    inner: null);
        }
    }

    private static bool IsPage(ReadOnlySpan<byte> beginning)
    {
        var text = Encoding.Latin1.GetString(beginning[..Math.Min(beginning.Length, 64)]).TrimStart();
        return text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase);
    }

    private static MediaContent Checked(RunwareMedia media, Stream file, string? mediaType, bool isDownload)
    {
        var beginning = MediaFormat.Beginning(file);
        var format = MediaFormat.Of(beginning, mediaType, media.Url);
        var image = format.HoldsMetadata ? ImageContainer.Read(file) : null;
        var isWhole = image is not null ? image.End is not null
            : MediaFormat.Detect(beginning) is not { } detected || MediaCompleteness.IsWhole(detected, file);
        return isWhole ? new MediaContent(format, image) : throw BrokeOff(media, file, isDownload);
    }

    // What a server sends may be whole the next time; what was piped in stays as it is.
    private static RunwareException BrokeOff(RunwareMedia media, Stream file, bool isDownload)
    {
        var noun = media is RunwareImage ? "image" : "file";
        var (source, category, parameter) = isDownload
            ? (Redaction.Address(media.Url!), RunwareErrorCategory.Connection, null)
            : (Strings.PipedData.With(noun), RunwareErrorCategory.Validation, "InputObject");
        var message = Strings.DownloadIncomplete.With(source, file.Length, noun);
        return Failed(ErrorCodes.DownloadFailed, category, media, message, inner: null, parameter: parameter);
    }

    // What breaks here is the connection; what breaks in the same loop while writing is the disk.
    private static async Task<int> ReadAsync(
        Stream stream, byte[] buffer, int atLeast, PartialDownload state, CancellationToken cancellationToken)
    {
        try
        {
            return await stream.ReadAtLeastAsync(buffer, atLeast, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw Unreadable(state, e);
        }
    }

    private static RunwareException Unreadable(PartialDownload state, Exception e) => Failed(
        ErrorCodes.DownloadFailed, RunwareErrorCategory.Connection, state.Media,
        Strings.DownloadFailed.With(Redaction.Address(state.Url), e.Message), e);

    /// <summary>An output in a message: its kind, and its own ID if it has one.</summary>
    public static string NameOf(RunwareOutput output) =>
        output.Metadata.MediaUuid is { } id ? $"{output.GetType().Name} {id:D}" : $"'{output}'";

    public static RunwareException Failed(
        string code, RunwareErrorCategory category, RunwareOutput output, string message, Exception? inner,
        int? status = null, TimeSpan? retryAfter = null, string? parameter = null) =>
        new(code, category, message, inner)
        {
            TaskUuid = output.Metadata.TaskUuid,
            StatusCode = status,
            RetryAfter = retryAfter,
            Parameter = parameter,
        };
}

/// <summary>What was written to a file.</summary>
/// <param name="Format">Its format.</param>
/// <param name="Image">The parts of an image that can hold metadata; null for any other file.</param>
internal sealed record MediaContent(MediaFormat Format, ImageContainer? Image);
