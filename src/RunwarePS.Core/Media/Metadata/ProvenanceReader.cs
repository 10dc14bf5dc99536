namespace RunwarePS.Media.Metadata;

/// <summary>Reads where a saved picture comes from, out of the file itself or the one beside it.</summary>
internal static class ProvenanceReader
{
    /// <summary>The provenance; null where neither the file nor its sidecar has any, or it cannot be read.</summary>
    public static Provenance? Read(string path)
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

    /// <summary>What the metadata of an image says; null where it has none of ours, or is no image.</summary>
    public static Provenance? Read(Stream image) => ImageContainer.ReadHeads(image) is { } container
        ? Xmp.Read(MetadataFinder.Find(image, container).Select(packet => packet.Xml))
        : null;
}
