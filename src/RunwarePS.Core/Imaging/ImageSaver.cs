using RunwarePS.Imaging.Metadata;

namespace RunwarePS.Imaging;

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
            return new SavedFile(existing, image.ImageUuid != Guid.Empty && ProvenanceReader.Read(existing)?.ImageUuid == image.ImageUuid);
        }

        string? temporary = null;
        try
        {
            Directory.CreateDirectory(options.Folder);
            using var file = TemporaryFile.Create(options.Folder);
            temporary = file.Name;
            var format = await source.CopyAsync(image, file, options.Metadata ? Xmp.Write(Provenance.Of(image)) : null, cancellationToken).ConfigureAwait(false);
            var path = Path.GetFullPath(Path.Combine(options.Folder, options.Template.PathOf(image, format)));
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await PlaceAsync(temporary, path, image, options.Force, cancellationToken).ConfigureAwait(false);
            if (options.Sidecar)
            {
                await Metadata.Sidecar.WriteAsync(path + Metadata.Sidecar.Extension, Provenance.Of(image), cancellationToken).ConfigureAwait(false);
            }

            return new SavedFile(path, IsThisPicture: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw ImageSource.Failed(ErrorCodes.SaveFailed, RunwareErrorCategory.Unknown, image, $"The picture {image.ImageUuid:D} could not be written to '{options.Folder}': {e.Message}", e);
        }
        finally
        {
            if (temporary is not null)
            {
                TemporaryFile.TryDelete(temporary);
            }
        }
    }

    // The format is only known from the bytes, so every name that the picture could have is looked for.
    private static string? Existing(RunwareImage image, ImageSaveOptions options) =>
        ImageFormat.All.Select(format => Path.GetFullPath(Path.Combine(options.Folder, options.Template.PathOf(image, format)))).FirstOrDefault(File.Exists);

    private async Task PlaceAsync(string temporary, string path, RunwareImage image, bool force, CancellationToken cancellationToken)
    {
        // What this very run saved is not overwritten even by force: the second picture of a pipeline never costs the first.
        var overwrite = force && _saved.TryAdd(path, true);
        try
        {
            if (overwrite)
            {
                File.Move(temporary, path, overwrite: true);
            }
            else
            {
                NewName.Give(temporary, path);
            }

            _saved.TryAdd(path, true);
        }
        catch (IOException) when (!overwrite && File.Exists(path))
        {
            // The very same picture under this name: an earlier run saved it, and may have been killed before it could say so.
            if (!await IsSamePictureAsync(temporary, path, image, cancellationToken).ConfigureAwait(false))
            {
                throw ImageSource.Failed(ErrorCodes.FileExists, RunwareErrorCategory.Validation, image, $"'{path}' exists and is another picture.", inner: null);
            }
        }
    }

    private static async Task<bool> IsSamePictureAsync(string temporary, string path, RunwareImage image, CancellationToken cancellationToken)
    {
        if (image.ImageUuid != Guid.Empty && ProvenanceReader.Read(path)?.ImageUuid is { } id)
        {
            return id == image.ImageUuid;
        }

        using var a = PictureFile.OpenRead(temporary);
        using var b = PictureFile.OpenRead(path);
        if (a.Length != b.Length)
        {
            return false;
        }

        var hashA = await System.Security.Cryptography.SHA256.HashDataAsync(a, cancellationToken).ConfigureAwait(false);
        var hashB = await System.Security.Cryptography.SHA256.HashDataAsync(b, cancellationToken).ConfigureAwait(false);
        return hashA.AsSpan().SequenceEqual(hashB);
    }
}

/// <summary>Where a picture lies.</summary>
/// <param name="Path">In full.</param>
/// <param name="IsThisPicture">False where it was skipped, and what lies there is another or unknown.</param>
internal sealed record SavedFile(string Path, bool IsThisPicture);
