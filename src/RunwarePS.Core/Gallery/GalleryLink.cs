using System.Buffers;

namespace RunwarePS.Gallery;

/// <summary>The URLs that a page may hold: files relative to it, and media on the web whose host its policy can name.</summary>
internal static class GalleryLink
{
    private static readonly SearchValues<char> s_plainHost =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");

    /// <summary>
    /// A file as a page in a folder links to it. Each part is escaped: <c>#</c>, <c>?</c> and <c>%</c> are characters of names here.
    /// </summary>
    public static string OfFile(string file, string folder)
    {
        var relative = Path.GetRelativePath(folder, file);
        return Path.IsPathRooted(relative)
            ? new Uri(relative).AbsoluteUri // another drive
            : string.Join('/', relative.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Select(Uri.EscapeDataString));
    }

    /// <summary>
    /// The origin of media on the web, as a policy names it; null for what is never linked to: other schemes, users and passwords, odd
    /// hosts.
    /// </summary>
    public static string? Origin(Uri? address)
    {
        if (address is not { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "" }
            || address.HostNameType is not (UriHostNameType.Dns or UriHostNameType.IPv4))
        {
            return null;
        }

        var host = address.IdnHost;
        return host.Length == 0 || host.AsSpan().ContainsAnyExcept(s_plainHost) ? null
            : address.IsDefaultPort ? $"{address.Scheme}://{host}"
            : FormattableString.Invariant($"{address.Scheme}://{host}:{address.Port}");
    }
}
