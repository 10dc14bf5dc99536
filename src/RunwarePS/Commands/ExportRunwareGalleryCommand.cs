using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Writes one HTML page that shows results with their metadata, and failures with their reasons.</summary>
[Cmdlet(VerbsData.Export, "RunwareGallery", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Export-RunwareGallery.md")]
[OutputType(typeof(FileInfo))]
public sealed class ExportRunwareGalleryCommand : RunwareCmdlet
{
    private static string DefaultTitle => Strings.GalleryTitle;

    private string _page = "";
    private GalleryWriter? _writer;
    private int _given;
    private int _added;

    /// <summary>The page. Its folder is created if it doesn't exist.</summary>
    [Parameter(Position = 0, Mandatory = true)]
    public string Path { get; set; } = "";

    /// <summary>Results, tasks, saved files, or their paths, in the order of the page.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [SupportsWildcards]
    [GalleryTransformation]
    public object[] InputObject { get; set; } = [];

    /// <summary>Puts images, videos, and audio inside the page, up to 50 MB; the rest is linked to.</summary>
    [Parameter]
    public SwitchParameter Embed { get; set; }

    /// <summary>The title of the page.</summary>
    [Parameter]
    public string? Title { get; set; }

    /// <summary>Overwrites.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the page's file to the pipeline.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    private protected override void Begin()
    {
        _page = ResolvePage();
        if (!ShouldProcess(_page, Strings.GalleryAction))
        {
            return;
        }

        if (!Force && File.Exists(_page))
        {
            throw GalleryWriter.Exists(_page); // reported before the results arrive
        }

        _writer = new GalleryWriter(_page, Embed ? Context.CreateMediaSource(Context.FindConnection()) : null);
    }

    private protected override void Process()
    {
        if (_writer is not { } writer)
        {
            return;
        }

        foreach (var item in InputObject)
        {
            _given++;
            PerRecord(item, () =>
            {
                foreach (var entry in Entries(item))
                {
                    Add(writer, entry, item);
                }
            });
        }
    }

    private protected override void End()
    {
        if (_writer is not { } writer || (_given > 0 && _added == 0))
        {
            return; // if nothing can be shown, the errors report that, and an empty page would block the next run
        }

        var title = string.IsNullOrWhiteSpace(Title) ? DefaultTitle : Title;
        Await(cancellationToken => writer.FinishAsync(title, Force, cancellationToken));
        Warn(writer);
        if (PassThru)
        {
            WriteObject(InvokeProvider.Item.Get([_page], force: true, literalPath: true), enumerateCollection: true);
        }
    }

    private protected override void Release() => _writer?.Dispose();

    private IEnumerable<GalleryEntry> Entries(object item) => item switch
    {
        RunwareTask task => GalleryEntry.Of(task, Find),
        RunwareOutput output => [GalleryEntry.Of(output, Find(output))],
        _ => Files((string)item),
    };

    private IEnumerable<GalleryEntry> Files(string text)
    {
        var files = this.FindFiles(text);
        return files.Count > 0
            ? files.Select(file => GalleryEntry.Of(new RunwareFile(), file))
            : throw new RunwareException(ErrorCodes.ImageNotFound, RunwareErrorCategory.NotFound, Strings.FileNotFound.With(text))
            { Parameter = nameof(InputObject) };
    }

    private string? Find(RunwareOutput output) =>
        (output as RunwareMedia)?.Path is { } path ? this.FindFiles(path, literal: true).FirstOrDefault() : null;

    private void Add(GalleryWriter writer, GalleryEntry entry, object item)
    {
        try
        {
            var notFetched = Await(cancellationToken => writer.AddAsync(entry, cancellationToken));
            _added++;
            if (notFetched is not null)
            {
                WriteFailure(notFetched, item);
            }
        }
        catch (RunwareException e) when (e.Code == ErrorCodes.SaveFailed)
        {
            ThrowFailure(e, item); // the page is lost, and every other card with it
        }
        catch (RunwareException e)
        {
            WriteFailure(e, item); // of a task's results, the others are shown
        }
    }

    private void Warn(GalleryWriter writer)
    {
        if (writer.LeftOutside > 0)
        {
            WriteWarning(Strings.GalleryFull.With(writer.LeftOutside));
        }

        if (writer.NotShown > 0)
        {
            WriteWarning(Strings.GalleryNotShown.With(writer.NotShown));
        }
    }

    private string ResolvePage()
    {
        var page = SessionState.Path.GetUnresolvedProviderPathFromPSPath(Path, out var provider, out _);
        var wrong = provider.Name != "FileSystem" ? Strings.PathOnOtherProvider.With(Path, provider.Name)
            : Directory.Exists(page) || System.IO.Path.EndsInDirectorySeparator(page) ? Strings.PageIsFolder.With(Path)
            : MediaFormat.IsMediaName(page) ? Strings.PageIsMediaFile.With(Path)
            : null;
        return wrong is null ? page : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, nameof(Path), wrong);
    }
}
