namespace RunwarePS.Imaging.Metadata;

/// <summary>Reads where a saved picture comes from, out of the file itself or the one beside it.</summary>
internal static class ProvenanceReader
{
    /// <summary>Larger files are no pictures of this API.</summary>
    private const long MaxBytes = 512L * 1024 * 1024;

    /// <summary>The provenance; null where neither the file nor its sidecar has any, or it cannot be read.</summary>
    public static Provenance? Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length is 0 or > MaxBytes)
            {
                return null; // devices and pipes, too, which may have no end
            }

            var packet = PictureMetadata.Find(File.ReadAllBytes(path));
            return (packet.IsEmpty ? null : Xmp.Read(packet)) ?? Sidecar.Read(path + Sidecar.Extension);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
