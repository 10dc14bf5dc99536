namespace RunwarePS.Media;

/// <summary>Files on disk, which belong to the user: they can be renamed, replaced, or deleted at any time.</summary>
internal static class ImageFile
{
    /// <exception cref="IOException">Also for devices and pipes, which may be endless.</exception>
    public static FileStream OpenRead(string path)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.CanSeek && stream.Length > 0)
        {
            return stream;
        }

        stream.Dispose();
        throw new IOException(Strings.ImageFileEmpty);
    }
}
