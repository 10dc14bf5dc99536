using System.Reflection;

namespace RunwarePS.Bench.Children;

/// <summary>How this program starts itself once more.</summary>
internal static class Self
{
    public static string Program => Environment.ProcessPath!;

    // Under `dotnet RunwarePS.Bench.dll` the process is the host, which needs to be told of the assembly.
    public static IEnumerable<string> Arguments(params string[] arguments) =>
        Path.GetFileNameWithoutExtension(Program).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? [Assembly.GetExecutingAssembly().Location, .. arguments]
            : arguments;

    /// <summary>What the build noted in this assembly.</summary>
    public static string Metadata(string key) =>
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == key).Value!;

    /// <summary>Writes an embedded script into a folder and gives its path.</summary>
    public static string Extract(string script, string folder)
    {
        var path = Path.Combine(folder, script);
        Directory.CreateDirectory(folder);
        using var source = Assembly.GetExecutingAssembly().GetManifestResourceStream(script)!;
        using var target = File.Create(path);
        source.CopyTo(target);
        return path;
    }
}
