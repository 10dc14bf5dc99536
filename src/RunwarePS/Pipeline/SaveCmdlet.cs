using System.Management.Automation;

namespace RunwarePS.Pipeline;

/// <summary>The base of the cmdlets that save outputs to files. They differ only in the kinds of outputs that they take.</summary>
public abstract class SaveCmdlet : RunwareCmdlet
{
    private SaveOptions _options = null!;
    private ConnectionSettings? _connection;
    private MediaSaver? _saver;

    /// <summary>The folder; by default, the current one. It is created if it doesn't exist.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The name without its extension, with tokens. A slash creates folders under the path.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FileNameCompleter))]
    public string? FileName { get; set; }

    /// <summary>Overwrites existing files.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Skips an output whose name exists, and writes the existing file to the pipeline.</summary>
    [Parameter]
    public SwitchParameter SkipExisting { get; set; }

    /// <summary>Writes the metadata to a <c>.json</c> file beside each file.</summary>
    [Parameter]
    public SwitchParameter Sidecar { get; set; }

    /// <summary>Leaves the files as the API made them: without prompt, model, IDs, or cost in them.</summary>
    [Parameter]
    public SwitchParameter NoMetadata { get; set; }

    /// <summary>The number of downloads in flight.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 5;

    /// <summary>Writes the objects, with their paths, instead of the files.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override int MaxInFlight => ThrottleLimit;

    /// <summary>The outputs of the current record.</summary>
    private protected abstract IReadOnlyList<RunwareOutput> Outputs { get; }

    private protected override void Begin()
    {
        RequireValues("InputObject");
        _options = new SaveOptions
        {
            Folder = ResolveFolder(),
            Template = FileNameTemplate.Parse(FileName),
            Force = Force,
            SkipExisting = SkipExisting,
            Sidecar = Sidecar,
            Metadata = !NoMetadata,
        };
        _connection = Context.FindConnection();
    }

    private protected override void Process()
    {
        foreach (var output in Outputs)
        {
            if (!ShouldProcess($"{output} to {_options.Folder}", MyInvocation.MyCommand.Name))
            {
                continue;
            }

            if (_saver is null)
            {
                AtomicFile.DeleteAbandoned(_options.Folder);
                _saver = new MediaSaver(Context.CreateMediaSource(_connection));
            }

            Queue(output, async cancellationToken =>
            {
                var saved = await _saver.SaveAsync(output, _options, cancellationToken).ConfigureAwait(false);
                if (saved.IsThisOutput && _connection is not null && output is RunwareMedia media)
                {
                    Context.Journal.Saved(media, saved.Path); // only now, after the rename
                }

                return () => Write(output, saved);
            });
        }
    }

    private protected override void OnEndedEarly(IReadOnlyCollection<object?> unfinished) =>
        ReportIds(unfinished.OfType<RunwareOutput>().Select(o => o.TaskUuid));

    private void Write(RunwareOutput output, SavedFile saved)
    {
        Progress?.End();
        if (saved.MetadataRefusal is { } why)
        {
            WriteVerbose(Strings.MetadataInSidecar.With(saved.Path, why, saved.SidecarPath));
        }

        if (output is RunwareMedia media)
        {
            media.Path = saved.Path;
        }

        if (PassThru)
        {
            WriteObject(output);
        }
        else
        {
            // Through the provider, so that the file carries its PSPath and pipes on; literally, because names may hold brackets.
            WriteObject(InvokeProvider.Item.Get([saved.Path], force: true, literalPath: true), enumerateCollection: true);
        }

        if (saved.SidecarFailure is { } failure)
        {
            WriteFailure(failure, output); // after the file, which isn't lost by it
        }
    }

    private string ResolveFolder()
    {
        var folder = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path ?? ".", out var provider, out _);
        if (provider.Name != "FileSystem")
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, nameof(Path),
                Strings.PathOnOtherProvider.With(Path, provider.Name));
        }

        if (MediaFormat.IsMediaName(folder) && !Directory.Exists(folder))
        {
            throw RunwareException.Invalid(ErrorCodes.PathLooksLikeFile, nameof(Path),
                Strings.PathLooksLikeFile.With(Path));
        }

        return folder;
    }
}
