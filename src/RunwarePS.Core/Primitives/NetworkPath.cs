namespace RunwarePS.Primitives;

/// <summary>Tells a disk of this machine from one across the network, where locks cannot be trusted.</summary>
internal static class NetworkPath
{
    public static bool IsNetwork(string path)
    {
        try
        {
            var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
            var drive = DriveInfo.GetDrives()
                .Where(d => path.StartsWith(Path.EndsInDirectorySeparator(d.Name)
                    ? d.Name
                    : d.Name + Path.DirectorySeparatorChar, comparison))
                .MaxBy(d => d.Name.Length);
            return drive?.DriveType == DriveType.Network;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
