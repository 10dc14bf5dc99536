using System.Runtime.InteropServices;

namespace RunwarePS.Primitives;

/// <summary>
/// Gives a file a name that must not be taken, in one step. <see cref="File.Move(string, string)"/> is that only on Windows; elsewhere it
/// looks first and renames then, and of two pictures that race for a name the second would replace the first.
/// </summary>
internal static class NewName
{
    private const int AlreadyThere = 17; // EEXIST, on Linux and macOS alike

    private static readonly object s_oneAtATime = new();

    /// <exception cref="IOException">The name is taken, or the file system refuses.</exception>
    public static void Give(string file, string name)
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

        // A file system without such links: at least the pictures of this process do not race.
        lock (s_oneAtATime)
        {
            File.Move(file, name, overwrite: false);
        }
    }

    [DllImport("libc", EntryPoint = "link", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string file, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);
}
