using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Saves pictures into files, several at a time, never overwriting unless told.</summary>
[Cmdlet(VerbsData.Save, "RunwareImage", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Save-RunwareImage.md")]
[OutputType(typeof(FileInfo), typeof(RunwareImage))]
public sealed class SaveRunwareImageCommand : RunwareCmdlet
{
    private ImageSaveOptions _options = null!;
    private ConnectionSettings? _connection;
    private ImageSaver? _saver;

    /// <summary>The folder; the current one unless told. Made where it is absent.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>Images, tasks, or objects with an <c>ImageUrl</c>, <c>ImageBase64Data</c> or <c>ImageDataUri</c>.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [ImagesTransformation]
    public RunwareImage[] InputObject { get; set; } = [];

    /// <summary>The name without its extension, with tokens; a slash makes folders under the path.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FileNameCompleter))]
    public string? FileName { get; set; }

    /// <summary>Overwrites.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Leaves a picture away whose name is taken, and writes the file that lies there.</summary>
    [Parameter]
    public SwitchParameter SkipExisting { get; set; }

    /// <summary>Writes where the picture comes from into a <c>.json</c> file beside it.</summary>
    [Parameter]
    public SwitchParameter Sidecar { get; set; }

    /// <summary>Leaves the picture's file as the API made it: no prompt, model, ids or cost in it.</summary>
    [Parameter]
    public SwitchParameter NoMetadata { get; set; }

    /// <summary>How many pictures may be on their way.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 5;

    /// <summary>Writes the image, with its path, instead of the file.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override int MaxInFlight => ThrottleLimit;

    private protected override string Activity => "Saving images";

    private protected override void Begin()
    {
        _options = new ImageSaveOptions
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
        foreach (var image in InputObject)
        {
            if (!ShouldProcess($"{image} to {_options.Folder}", "Save-RunwareImage"))
            {
                continue;
            }

            if (_saver is null)
            {
                AtomicFile.DeleteAbandoned(_options.Folder);
                _saver = new ImageSaver(Context.CreateImageSource(_connection));
            }

            Queue(image, async cancellationToken =>
            {
                var saved = await _saver.SaveAsync(image, _options, cancellationToken).ConfigureAwait(false);
                if (saved.IsThisPicture && _connection is not null)
                {
                    Context.Journal.Saved(image, saved.Path); // only now, after the rename
                }

                return () => Write(image, saved);
            });
        }
    }

    private protected override void OnEndedEarly(IReadOnlyCollection<object?> unfinished) =>
        ReportIds(unfinished.OfType<RunwareImage>().Select(i => i.TaskUuid));

    private void Write(RunwareImage image, SavedFile saved)
    {
        Progress?.End();
        if (saved.MetadataRefusal is { } why)
        {
            WriteVerbose($"The image '{saved.Path}' is left as it is: {why}. Its metadata goes into '{saved.SidecarPath}'.");
        }

        image.Path = saved.Path;
        if (PassThru)
        {
            WriteObject(image);
        }
        else
        {
            // Through the provider, so that the file carries its PSPath and pipes on; literally, because names may hold brackets.
            WriteObject(InvokeProvider.Item.Get([saved.Path], force: true, literalPath: true), enumerateCollection: true);
        }

        if (saved.SidecarFailure is { } failure)
        {
            WriteFailure(failure, image); // after the image, which isn't lost by it
        }
    }

    private string ResolveFolder()
    {
        var folder = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path ?? ".", out var provider, out _);
        if (provider.Name != "FileSystem")
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, nameof(Path), $"'{Path}' is on the {provider.Name} provider; pictures go into folders of the file system.");
        }

        if (ImageFormat.IsPictureName(folder) && !Directory.Exists(folder))
        {
            throw RunwareException.Invalid(ErrorCodes.PathLooksLikeFile, nameof(Path), $"'{Path}' looks like a file. -Path is the folder; the name goes to -FileName.");
        }

        return folder;
    }
}
