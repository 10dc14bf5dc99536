namespace RunwarePS.Media;

/// <summary>
/// Saves outputs to files: a temporary file first, then one atomic rename, so that a name always refers to a complete file.
/// </summary>
/// <param name="source">Where outputs come from.</param>
internal sealed class MediaSaver(MediaSource source)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, bool> _saved = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Saves one output.</summary>
    /// <exception cref="RunwareException"><c>DownloadFailed</c>, <c>FileExists</c> or <c>SaveFailed</c>. No partial file is left
    /// behind.</exception>
    public async Task<SavedFile> SaveAsync(RunwareOutput output, SaveOptions options, CancellationToken cancellationToken)
    {
        if (options.SkipExisting && Existing(output, options) is { } existing)
        {
            return new SavedFile(existing, output.Metadata.MediaUuid is { } id && MetadataReader.Read(existing)?.MediaUuid == id);
        }

        var temporaries = new List<string>();
        try
        {
            Directory.CreateDirectory(options.Folder);
            using var original = CreateTemporary(options.Folder, temporaries);
            var content = await source.CopyAsync(output, original, cancellationToken).ConfigureAwait(false);
            var plan = options.Metadata && content.Image is not null ? MetadataWriter.Plan(original, content.Image, output.Metadata) : null;
            using var described = plan is { Refusal: null } ? CreateTemporary(options.Folder, temporaries) : null;
            if (described is not null)
            {
                await MetadataWriter.ApplyAsync(plan!, original, described, cancellationToken).ConfigureAwait(false);
            }

            var path = PathOf(output, content.Format, options);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Place(described ?? original, path, output, options.Force);
            var failure = options.Sidecar || plan?.Refusal is not null
                ? await TryWriteSidecarAsync(path, output, options.Force, cancellationToken).ConfigureAwait(false)
                : null;
            return new SavedFile(path, IsThisOutput: true) { MetadataRefusal = plan?.Refusal, SidecarFailure = failure };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw MediaSource.Failed(
                ErrorCodes.SaveFailed, RunwareErrorCategory.Unknown, output,
                Strings.MediaNotWritten.With(MediaSource.NameOf(output), options.Folder, e.Message), e);
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

    private static string PathOf(RunwareOutput output, MediaFormat format, SaveOptions options) =>
        Path.GetFullPath(Path.Combine(options.Folder, options.Template.PathOf(output, format)));

    /// <summary>Writes the sidecar of a saved file. The file stays saved if that fails.</summary>
    private static async Task<RunwareException?> TryWriteSidecarAsync(
        string path, RunwareOutput output, bool force, CancellationToken cancellationToken)
    {
        var sidecar = path + Sidecar.Extension;
        try
        {
            await Sidecar.WriteAsync(sidecar, output.Metadata, force, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var (code, category, why) = File.Exists(sidecar) && !force
                ? (ErrorCodes.FileExists, RunwareErrorCategory.Validation, Strings.SidecarExists)
                : (ErrorCodes.SaveFailed, RunwareErrorCategory.Unknown, e.Message);
            var message = Strings.SidecarNotWritten.With(path, sidecar, why);
            return MediaSource.Failed(code, category, output, message, e);
        }
    }

    // The format is only known from the bytes, so every name that the output could have is looked for.
    private static string? Existing(RunwareOutput output, SaveOptions options)
    {
        var kind = output is RunwareMedia media ? MediaFile.KindOf(media) : MediaKind.Text;
        var ofUrl = MediaFormat.Of([], mediaType: null, (output as RunwareMedia)?.Url);
        return MediaFormat.All
            .Where(format => format.Kind == kind || (kind == MediaKind.Any && format.Kind != MediaKind.Text))
            .Append(ofUrl)
            .Select(format => PathOf(output, format, options)).FirstOrDefault(File.Exists);
    }

    private void Place(FileStream temporary, string path, RunwareOutput output, bool force)
    {
        // What this very run saved isn't overwritten even by force: the second output of a pipeline never costs the first.
        var overwrite = force && _saved.TryAdd(path, true);
        try
        {
            if (overwrite)
            {
                Overwrite(temporary.Name, path);
            }
            else
            {
                AtomicFile.MoveToNew(temporary.Name, path);
            }

            _saved.TryAdd(path, true);
        }
        catch (IOException) when (!overwrite && File.Exists(path))
        {
            // The very same file under this name: an earlier run saved it, and may have been killed before it could report that.
            if (!IsSame(temporary, path, output))
            {
                throw MediaSource.Failed(
                    ErrorCodes.FileExists, RunwareErrorCategory.Validation, output, Strings.OtherFileExists.With(path), inner: null);
            }
        }
    }

    private void Overwrite(string temporary, string path)
    {
        try
        {
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            _saved.TryRemove(path, out _); // nothing was saved there
            throw;
        }
    }

    // Without an ID in the file that exists, its content decides: of an image the pixels, because its metadata may have been rewritten or
    // removed.
    private static bool IsSame(FileStream temporary, string path, RunwareOutput output)
    {
        if (output.Metadata.MediaUuid is { } id && MetadataReader.Read(path)?.MediaUuid is { } other)
        {
            return id == other;
        }

        using var existing = ImageFile.OpenRead(path);
        return ImageContainer.Read(temporary) is { } image
            ? ImageContainer.Read(existing)?.HashPixels(existing) is { } pixels
                && pixels.AsSpan().SequenceEqual(image.HashPixels(temporary))
            : existing.Length == temporary.Length && Hash(existing).AsSpan().SequenceEqual(Hash(temporary));
    }

    private static byte[] Hash(FileStream file)
    {
        file.Position = 0;
        return System.Security.Cryptography.SHA256.HashData(file);
    }
}

/// <summary>Where an output is saved.</summary>
/// <param name="Path">In full.</param>
/// <param name="IsThisOutput">False if it was skipped, and the file there is another or unknown.</param>
internal sealed record SavedFile(string Path, bool IsThisOutput)
{
    /// <summary>Why the metadata isn't in the image itself, but in its sidecar; null if it is, or none was wanted.</summary>
    public string? MetadataRefusal { get; init; }

    /// <summary>The file beside it that has its metadata, if there is one.</summary>
    public string SidecarPath => Path + Sidecar.Extension;

    /// <summary>Why the sidecar wasn't written; the file is saved nevertheless.</summary>
    public RunwareException? SidecarFailure { get; init; }
}
