namespace RunwarePS.Media.Metadata;

/// <summary>Reads the metadata of a saved file, from the file itself or from its sidecar.</summary>
internal static class MetadataReader
{
    /// <summary>The metadata; null if neither the file nor its sidecar has any, or they can't be read.</summary>
    public static GenerationMetadata? Read(string path)
    {
        try
        {
            using var image = ImageFile.OpenRead(path);
            return Read(image) ?? Sidecar.Read(path + Sidecar.Extension);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The metadata in an image; null if it has none of this module, or isn't an image.</summary>
    public static GenerationMetadata? Read(Stream image) => ImageContainer.ReadHeads(image) is { } container
        ? Xmp.Read(MetadataFinder.Find(image, container).Select(packet => packet.Xml))
        : null;
}
