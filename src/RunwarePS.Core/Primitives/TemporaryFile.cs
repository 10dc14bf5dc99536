namespace RunwarePS.Primitives;

/// <summary>Files that have no name of their own yet: what is written whole and renamed then, so that a name never stands for half a file.</summary>
internal static class TemporaryFile
{
    private const string Prefix = ".runware-";
    private const string Ending = ".part";

    private static readonly TimeSpan s_surelyAbandoned = TimeSpan.FromHours(1);

    /// <summary>A new file that has no name of its own yet. Its user removes it.</summary>
    /// <remarks>To be kept open until it has its name: while it is open, nobody takes it for something that a killed session left behind.</remarks>
    public static FileStream Create(string folder) =>
        new(Path.Combine(folder, FormattableString.Invariant($"{Prefix}{Guid.NewGuid():N}{Ending}")), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.Asynchronous,
            BufferSize = 0,
        });

    /// <summary>Removes the temporary files that killed sessions left in a folder. One that a living session writes is in use, and stays.</summary>
    public static void Sweep(string folder)
    {
        try
        {
            foreach (var path in Directory.EnumerateFiles(folder, Prefix + "*" + Ending))
            {
                Remove(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }

        static void Remove(string path)
        {
            try
            {
                // Across a network a file in use may look free: there only an old one is surely nobody's.
                if (LocalDisk.IsNetwork(path) && File.GetLastWriteTimeUtc(path) > DateTime.UtcNow - s_surelyAbandoned)
                {
                    return;
                }

                using var alone = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    /// <summary>Removes a file that may be gone already, or be in somebody's use.</summary>
    public static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
