namespace RunwarePS.Imaging.Metadata;

/// <summary>Reads where a saved picture comes from, out of the file itself or the one beside it.</summary>
internal static class ProvenanceReader
{
    /// <summary>The provenance; null where neither the file nor its sidecar has any, or it cannot be read.</summary>
    public static Provenance? Read(string path)
    {
        try
        {
            using var picture = PictureFile.OpenRead(path);
            return Xmp.Read(MetadataFinder.Find(picture)) ?? Sidecar.Read(path + Sidecar.Extension);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
