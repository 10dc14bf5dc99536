using System.Management.Automation;

namespace RunwarePS.Binding;

/// <summary>Finds files the way PowerShell users expect: the current location counts, a literal name wins over a pattern.</summary>
internal static class FileLookup
{
    /// <summary>The files that a text names: itself taken literally, else as a wildcard; empty where it names none.</summary>
    public static IReadOnlyList<string> FindFiles(this PSCmdlet cmdlet, string text, bool literal = false)
    {
        try
        {
            var path = cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath(text, out var provider, out _);
            if (provider.Name != "FileSystem")
            {
                return [];
            }

            return File.Exists(path) ? [path]
                : !literal && WildcardPattern.ContainsWildcardCharacters(text)
                ? [.. cmdlet.SessionState.Path.GetResolvedProviderPathFromPSPath(text, out _).Where(File.Exists)]
                : [];
        }
        catch (Exception e)
            when (e is SessionStateException or PSInvalidOperationException or PSNotSupportedException or PSArgumentException)
        {
            return []; // no path at all, or a pattern that matches nothing
        }
    }
}
