using System.Management.Automation;
using RunwarePS.Terminal;

namespace RunwarePS.Commands;

/// <summary>
/// Shows images in the terminal, or their paths and URLs. Written to the host, because the pipeline would wrap an escape sequence.
/// </summary>
[Cmdlet(VerbsCommon.Show, "RunwareImage", HelpUri = HelpLinks.Base + "Show-RunwareImage.md")]
[OutputType(typeof(void))]
public sealed class ShowRunwareImageCommand : RunwareCmdlet
{
    private HostScreen _screen = null!;
    private ImageDrawing _drawing = null!;
    private MediaSource? _source;

    /// <summary>Images, tasks, files, paths (wildcards are supported), or objects with the URL or data of an image.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [ReferencesTransformation]
    [SupportsWildcards]
    public object[] InputObject { get; set; } = [];

    /// <summary>How wide, in character cells.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(1, 10_000)]
    public int? Width { get; set; }

    private protected override void Begin()
    {
        _screen = new HostScreen(this);
        _drawing = new ImageDrawing(this, _screen);
    }

    private protected override void Process()
    {
        foreach (var item in InputObject)
        {
            PerRecord(item, () =>
            {
                foreach (var image in Find(item))
                {
                    PerRecord(image, () => Show(image));
                }
            });
        }
    }

    private IEnumerable<RunwareImage> Find(object item)
    {
        switch (item)
        {
            case RunwareImage image:
                return [image];
            case RunwareException unreadable:
                throw unreadable;
            case FileInfo file:
                return Files(file.FullName, literal: true);
            case byte[] bytes:
                var read = new RunwareImage();
                read.SetBytes(bytes, mediaType: null);
                return [read];
            case Uri { IsAbsoluteUri: true } url:
                return [new RunwareImage { ImageUrl = url }];
            case string text when text.StartsWith("data:", StringComparison.OrdinalIgnoreCase):
                return [new RunwareImage { ImageDataUri = text }];
            case string text when Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https":
                return [new RunwareImage { ImageUrl = url }];
            case string text:
                return Files(text, literal: false);
        }

        return PropertyReader.Lookup(item)("Path") is string path
            ? Files(path, literal: true)
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, nameof(InputObject),
                Strings.NotAnImageOrPath.With(item.GetType().Name));
    }

    private IEnumerable<RunwareImage> Files(string text, bool literal)
    {
        var files = this.FindFiles(text, literal);
        return files.Count > 0
            ? files.Select(file => new RunwareImage { Path = file })
            : throw new RunwareException(ErrorCodes.ImageNotFound, RunwareErrorCategory.NotFound, Strings.FileNotFound.With(text))
            { Parameter = nameof(InputObject) };
    }

    private void Show(RunwareImage image)
    {
        var isFile = image.Path is not null && (File.Exists(image.Path) || !(image.HasData || image.ImageUrl is not null));
        if (_drawing.IsPossible || isFile || image.ImageUrl is null)
        {
            using Stream content = isFile ? OpenFile(image.Path!) : Fetch(image);
            if (_drawing.Draw(content, isFile ? image.Path : null, Width))
            {
                return;
            }
        }

        _screen.WriteLine(DisplayText.Where(isFile ? image.Path : null, image.ImageUrl, image.ImageUuid));
    }

    private static FileStream OpenFile(string path)
    {
        FileStream? file = null;
        try
        {
            file = ImageFile.OpenRead(path);
            if (ImageFormat.Detect(file) is not null)
            {
                return file; // the terminal gets nothing but images
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            file?.Dispose();
            throw Unreadable(Strings.FileUnreadable.With(path, e.Message), e);
        }

        file.Dispose();
        throw Unreadable(Strings.FileNotShowable.With(path), inner: null);
    }

    private MemoryStream Fetch(RunwareImage image)
    {
        var memory = new MemoryStream();
        _source ??= Context.CreateMediaSource(Context.FindConnection());
        Await(cancellationToken => _source.CopyAsync(image, memory, cancellationToken));
        if (ImageFormat.Detect(memory) is null)
        {
            throw Unreadable(Strings.NotShowable.With(image),
                inner: null);
        }

        return memory;
    }

    private static RunwareException Unreadable(string message, Exception? inner) =>
        new(ErrorCodes.ImageUnreadable, RunwareErrorCategory.Validation, message, inner) { Parameter = nameof(InputObject) };
}
