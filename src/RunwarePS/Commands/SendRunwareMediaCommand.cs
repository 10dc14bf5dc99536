using System.Management.Automation;
using System.Text.Json.Nodes;

namespace RunwarePS.Commands;

/// <summary>Stores media with the API, for tasks that take them by their UUID.</summary>
[Cmdlet(VerbsCommunications.Send, "RunwareMedia", SupportsShouldProcess = true, DefaultParameterSetName = PathSet,
    HelpUri = HelpLinks.Base + "Send-RunwareMedia.md")]
[OutputType(typeof(RunwareMediaReference))]
public sealed class SendRunwareMediaCommand : RunwareCmdlet
{
    private const string PathSet = "Path";
    private const string UrlSet = "Url";
    private const string InputSet = "Input";

    /// <summary>Files. A literal name comes before a pattern.</summary>
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = PathSet)]
    [SupportsWildcards]
    [TextsTransformation]
    public string[]? Path { get; set; }

    /// <summary>URLs that the API fetches.</summary>
    [Parameter(Mandatory = true, ParameterSetName = UrlSet)]
    public Uri[]? Url { get; set; }

    /// <summary>Files, their paths, URLs, data URIs, bytes, or results of tasks. A result that the API stores already isn't sent.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = InputSet)]
    [ReferencesTransformation]
    public object[]? InputObject { get; set; }

    private protected override int MaxInFlight => 3;

    private protected override string Activity => Strings.ActivityStore;

    private protected override void Process()
    {
        RequireValues(nameof(Path), nameof(Url), nameof(InputObject));
        foreach (var item in ((object[]?)Path ?? Url ?? InputObject)!)
        {
            PerRecord(item, () => Send(item));
        }
    }

    private protected override string NameOf(object? target) => target is byte[] ? "" : DisplayText.Line(target?.ToString() ?? "", 60);

    private void Send(object item)
    {
        switch (item)
        {
            case RunwareMedia { Uuid: var id } media when id != Guid.Empty:
                WriteObject(new RunwareMediaReference { Uuid = id, Url = media.Url, CreatedAt = media.CreatedAt, Path = media.Path });
                break;
            case RunwareMedia { HasData: false, Url: { } url }:
                Send(url);
                break;
            case RunwareMedia media:
                Store(media.ToString(), path: null, () => Bytes(media));
                break;
            case Uri url:
                Send(url);
                break;
            case byte[] bytes:
                Store(FormattableString.Invariant($"{bytes.Length} bytes"), path: null, () => bytes);
                break;
            case FileInfo file:
                SendFile(file.FullName);
                break;
            case string text when MediaData.Of(text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) ? text : null) is { } data:
                Store("a data URI", path: null, () => data.Bytes);
                break;
            case string text when Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
                && ParameterSetName == InputSet:
                Send(url);
                break;
            case string text:
                SendFiles(text);
                break;
            case RunwareException unreadable:
                throw unreadable;
            default:
                throw NotFound($"'{DisplayText.Cut($"{item}", 100)}'");
        }
    }

    private void Send(Uri url)
    {
        if (!url.IsAbsoluteUri || url.Scheme is not ("http" or "https"))
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, nameof(Url),
                Strings.UrlNotHttp.With(url));
        }

        // What a URL holds can change: the API fetches it each time.
        Store(Redaction.Address(url), async (executor, cancellationToken) =>
        {
            var body = new JsonObject
            {
                ["taskType"] = TaskTypes.MediaStorage, ["taskUUID"] = Guid.NewGuid().ToString("D"),
                ["operation"] = "upload", ["media"] = new MediaInput(url.OriginalString).ToNode(),
            };
            var result = await executor.AnswerAsync(new TaskRequest(body), cancellationToken).ConfigureAwait(false);
            var stored = result.Outputs.OfType<RunwareMediaReference>().FirstOrDefault()
                ?? throw result.Failures.FirstOrDefault() ?? RetryPolicy.MissingResponse(Guid.Parse(body.Text("taskUUID")!));
            stored.Url = WithoutQuery(stored.Url, of: url);
            return stored;
        });
    }

    // The API may return the user's own URL, whose query can be a signature.
    private static Uri? WithoutQuery(Uri? stored, Uri of) =>
        stored is { IsAbsoluteUri: true } && Redaction.Address(stored) == Redaction.Address(of) ? new Uri(Redaction.Address(of)) : stored;

    private void SendFiles(string text)
    {
        var files = this.FindFiles(text);
        foreach (var file in files.Count > 0 ? files : throw NotFound($"'{DisplayText.Cut(text, 100)}'"))
        {
            SendFile(file);
        }
    }

    private void SendFile(string path) => Store(path, path, () => Read(path));

    // The content is read when it is its turn, so that few files are in memory at a time.
    private void Store(string name, string? path, Func<ReadOnlyMemory<byte>> content) =>
        Store(name, async (executor, cancellationToken) =>
        {
            var media = MediaInput.UploadOf(content());
            var stored = await executor.StoreAsync(media, cancellationToken).ConfigureAwait(false);
            return new RunwareMediaReference { Uuid = stored.Uuid, Url = stored.Url, Path = path, Sha256 = media.ContentHash };
        });

    private void Store(string name, Func<TaskExecutor, CancellationToken, Task<RunwareMediaReference>> store)
    {
        if (!ShouldProcess(name, Strings.SendMediaAction))
        {
            return;
        }

        var executor = Context.Delivery;
        Queue(name, async cancellationToken =>
        {
            var reference = await store(executor, cancellationToken).ConfigureAwait(false);
            return () =>
            {
                Progress?.End();
                WriteObject(reference);
            };
        });
    }

    private static ReadOnlyMemory<byte> Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, nameof(Path), Strings.FileUnreadable.With(path, e.Message), e);
        }
    }

    private static ReadOnlyMemory<byte> Bytes(RunwareMedia media) => media.Bytes is { IsEmpty: false } bytes ? bytes
        : media is RunwareImage image && ImageBytes.Of(image) is { IsEmpty: false } data ? data
        : throw RunwareException.Invalid(ErrorCodes.ReferenceImageNotFound, nameof(InputObject),
            Strings.ResultWithoutSource.With(nameof(InputObject), media.GetType().Name));

    private static RunwareException NotFound(string what) =>
        RunwareException.Invalid(ErrorCodes.ReferenceImageNotFound, nameof(InputObject),
        Strings.ReferenceNotFound.With(nameof(InputObject), what));
}
