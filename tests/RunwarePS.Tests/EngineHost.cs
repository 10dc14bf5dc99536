using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using RunwarePS.Samples;

namespace RunwarePS.Tests;

/// <summary>Hosts the engine of an installed PowerShell in this process: its assemblies and native libraries come from its own folder.</summary>
internal static class EngineHost
{
    public const string WhereIsNone = "no PowerShell 7.4+ found: " + InstalledPowerShell.HowToGetOne;

    public static string RepositoryRoot { get; } =
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepositoryRoot").Value!;

    /// <summary>The module as the build staged it.</summary>
    public static string Module { get; } = Path.Combine(RepositoryRoot, "out", "RunwarePS");

#pragma warning disable CA2255 // The hooks must stand before the first method that names a type of the engine is compiled.
    [ModuleInitializer]
    internal static void Hook()
#pragma warning restore CA2255
    {
        AssemblyLoadContext.Default.Resolving += (context, name) => InHome(name.Name + ".dll") is { } path ? context.LoadFromAssemblyPath(path) : null;
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) =>
            NativeNames(name).Select(InHome).FirstOrDefault(p => p is not null) is { } path ? NativeLibrary.Load(path) : IntPtr.Zero;
    }

    private static string? InHome(string file) =>
        InstalledPowerShell.Found is { } found && Path.Combine(found.Home, file) is var path && File.Exists(path) ? path : null;

    private static IEnumerable<string> NativeNames(string name) => [name, name + ".dll", "lib" + name + ".so", name + ".so", "lib" + name + ".dylib", name + ".dylib"];
}
