using System.Management.Automation;

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
        if (item is RunwareMedia { Uuid: var id } media && id != Guid.Empty)
        {
            WriteObject(new RunwareMediaReference { Uuid = id, Url = media.Url, CreatedAt = media.CreatedAt, Path = media.Path });
            return;
        }

        foreach (var source in MediaUpload.Of(this, item, ParameterSetName == PathSet ? nameof(Path) : nameof(InputObject)))
        {
            if (ShouldProcess(source.Name, Strings.SendMediaAction))
            {
                var executor = Context.Delivery;
                Queue(source.Name, async cancellationToken =>
                {
                    var reference = await StoreAsync(executor, source, cancellationToken).ConfigureAwait(false);
                    return () =>
                    {
                        Progress?.End();
                        WriteObject(reference);
                    };
                });
            }
        }
    }

    private static async Task<RunwareMediaReference> StoreAsync(
        TaskExecutor executor, MediaUpload source, CancellationToken cancellationToken)
    {
        if (source.Url is { } url)
        {
            return await executor.FetchAsync(url, cancellationToken).ConfigureAwait(false);
        }

        var media = MediaInput.UploadOf(source.Read());
        var stored = await executor.StoreAsync(media, cancellationToken).ConfigureAwait(false);
        return new RunwareMediaReference { Uuid = stored.Uuid, Url = stored.Url, Path = source.Path, Sha256 = media.ContentHash };
    }
}
