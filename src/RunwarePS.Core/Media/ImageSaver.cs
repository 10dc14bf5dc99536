namespace RunwarePS.Media;

/// <summary>Puts pictures into files: a temporary file first, then one atomic rename, so that a name always stands for a whole picture.</summary>
/// <param name="source">Where pictures come from.</param>
internal sealed class ImageSaver(ImageSource source)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> _saved = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Saves one picture.</summary>
    /// <exception cref="RunwareException"><c>DownloadFailed</c>, <c>FileExists</c> or <c>SaveFailed</c>. No half file is left behind.</exception>
    public async Task<SavedFile> SaveAsync(RunwareImage image, ImageSaveOptions options, CancellationToken cancellationToken)
    {
        if (options.SkipExisting && Existing(image, options) is { } existing)
        {
            return new SavedFile(existing, image.ImageUuid != Guid.Empty && MetadataReader.Read(existing)?.ImageUuid == image.ImageUuid);
        }

        var temporaries = new List<string>();
        try
        {
            Directory.CreateDirectory(options.Folder);
            using var original = CreateTemporary(options.Folder, temporaries);
            var container = await source.CopyAsync(image, original, cancellationToken).ConfigureAwait(false);
            var plan = options.Metadata ? MetadataWriter.Plan(original, container, GenerationMetadata.Of(image)) : null;
            using var described = plan is { Refusal: null } ? CreateTemporary(options.Folder, temporaries) : null;
            if (described is not null)
            {
                await MetadataWriter.ApplyAsync(plan!, original, described, cancellationToken).ConfigureAwait(false);
            }

            var path = Path.GetFullPath(Path.Combine(options.Folder, options.Template.PathOf(image, container.Format)));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Place(described ?? original, path, image, options.Force);
            var failure = options.Sidecar || plan?.Refusal is not null
                ? await TryWriteSidecarAsync(path, image, options.Force, cancellationToken).ConfigureAwait(false)
                : null;
            return new SavedFile(path, IsThisPicture: true) { MetadataRefusal = plan?.Refusal, SidecarFailure = failure };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw ImageSource.Failed(ErrorCodes.SaveFailed, RunwareErrorCategory.Unknown, image, $"The picture {image.ImageUuid:D} could not be written to '{options.Folder}': {e.Message}", e);
        }
        finally
        {
            temporaries.ForEach(AtomicFile.TryDelete);
        }
    }

    // Kept open until it has its name.
    private static FileStream CreateTemporary(string folder, List<string> temporaries)
    {
        var file = AtomicFile.CreateTemporary(folder);
        temporaries.Add(file.Name);
        return file;
    }

    /// <summary>Writes the sidecar of a saved image. The image stays saved if that fails.</summary>
    private static async Task<RunwareException?> TryWriteSidecarAsync(
        string path, RunwareImage image, bool force, CancellationToken cancellationToken)
    {
        var sidecar = path + Sidecar.Extension;
        try
        {
            await Sidecar.WriteAsync(sidecar, GenerationMetadata.Of(image), force, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var (code, category, why) = File.Exists(sidecar) && !force
                ? (ErrorCodes.FileExists, RunwareErrorCategory.Validation, "the file exists and isn't the sidecar of this image.")
                : (ErrorCodes.SaveFailed, RunwareErrorCategory.Unknown, e.Message);
            var message = $"The image was saved to '{path}', but its metadata wasn't written to '{sidecar}': {why}";
            return ImageSource.Failed(code, category, image, message, e);
        }
    }

    // The format is only known from the bytes, so every name that the picture could have is looked for.
    private static string? Existing(RunwareImage image, ImageSaveOptions options) =>
        ImageFormat.All.Select(format => Path.GetFullPath(Path.Combine(options.Folder, options.Template.PathOf(image, format)))).FirstOrDefault(File.Exists);

    private void Place(FileStream temporary, string path, RunwareImage image, bool force)
    {
        // What this very run saved is not overwritten even by force: the second picture of a pipeline never costs the first.
        var overwrite = force && _saved.TryAdd(path, true);
        try
        {
            if (overwrite)
            {
                File.Move(temporary.Name, path, overwrite: true);
            }
            else
            {
                AtomicFile.MoveToNew(temporary.Name, path);
            }

            _saved.TryAdd(path, true);
        }
        catch (IOException) when (!overwrite && File.Exists(path))
        {
            // The very same picture under this name: an earlier run saved it, and may have been killed before it could say so.
            if (!IsSameImage(temporary, path, image))
            {
                throw ImageSource.Failed(ErrorCodes.FileExists, RunwareErrorCategory.Validation, image, $"'{path}' exists and is another picture.", inner: null);
            }
        }
    }

    // Without an ID in the file that exists, the pixels decide: its metadata may have been rewritten or removed.
    private static bool IsSameImage(FileStream temporary, string path, RunwareImage image)
    {
        if (image.ImageUuid != Guid.Empty && MetadataReader.Read(path)?.ImageUuid is { } id)
        {
            return id == image.ImageUuid;
        }

        using var existing = ImageFile.OpenRead(path);
        return ImageContainer.Read(existing)?.HashPixels(existing) is { } pixels
            && pixels.AsSpan().SequenceEqual(ImageContainer.Read(temporary)!.HashPixels(temporary));
    }
}

/// <summary>Where a picture lies.</summary>
/// <param name="Path">In full.</param>
/// <param name="IsThisPicture">False where it was skipped, and what lies there is another or unknown.</param>
internal sealed record SavedFile(string Path, bool IsThisPicture)
{
    /// <summary>Why the metadata isn't in the image itself, but in its sidecar; null if it is, or none was wanted.</summary>
    public string? MetadataRefusal { get; init; }

    /// <summary>The file beside the image that has its metadata, if there is one.</summary>
    public string SidecarPath => Path + Sidecar.Extension;

    /// <summary>Why the sidecar wasn't written; the image is saved nevertheless.</summary>
    public RunwareException? SidecarFailure { get; init; }
}
