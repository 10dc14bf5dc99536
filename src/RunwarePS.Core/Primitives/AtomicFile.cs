using System.Runtime.InteropServices;

namespace RunwarePS.Primitives;

/// <summary>
/// Writes files so that a name never refers to an incomplete file: a temporary file is written, and then renamed in one step.
/// </summary>
internal static class AtomicFile
{
    private const string Prefix = ".runware-";
    private const string Ending = ".part";

    private const int AlreadyThere = 17; // EEXIST, on Linux and macOS alike

    private static readonly object s_oneAtATime = new();
    private static readonly TimeSpan s_surelyAbandoned = TimeSpan.FromHours(1);

    /// <summary>Creates a file with a temporary name. The caller removes it.</summary>
    /// <remarks>
    /// The caller keeps it open until it has its name: while it is open, it isn't removed as a leftover of another session.
    /// </remarks>
    public static FileStream CreateTemporary(string folder) =>
        new(Path.Combine(folder, FormattableString.Invariant($"{Prefix}{Guid.NewGuid():N}{Ending}")), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            Options = FileOptions.Asynchronous,
            BufferSize = 0,
        });

    /// <summary>
    /// Removes the temporary files that killed sessions left in a folder. One that a living session writes is in use, and stays.
    /// </summary>
    public static void DeleteAbandoned(string folder)
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
                // Across a network a file in use may look free: there only an old file is certainly unused.
                if (NetworkPath.IsNetwork(path) && File.GetLastWriteTimeUtc(path) > DateTime.UtcNow - s_surelyAbandoned)
                {
                    return;
                }

                using var alone = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None, bufferSize: 1,
                    FileOptions.DeleteOnClose);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    /// <summary>Removes a file that may not exist any more, or may be in use.</summary>
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

    /// <summary>
    /// Renames a file to a name that must not exist yet, in one step. <see cref="File.Move(string, string)"/> does that only on Windows.
    /// Elsewhere it checks first and renames second, so two writers of one name could overwrite each other.
    /// </summary>
    /// <exception cref="IOException">The name exists, or the file system refuses.</exception>
    public static void MoveToNew(string file, string name)
    {
        if (OperatingSystem.IsWindows())
        {
            File.Move(file, name, overwrite: false);
            return;
        }

        // A second name for the same file, which fails where the name is taken; then the first name goes.
        if (Link(file, name) == 0)
        {
            File.Delete(file);
            return;
        }

        if (Marshal.GetLastPInvokeError() == AlreadyThere)
        {
            throw new IOException($"'{name}' exists.");
        }

        // A file system without such links: at least the images of this process do not race.
        lock (s_oneAtATime)
        {
            File.Move(file, name, overwrite: false);
        }
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string file, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
