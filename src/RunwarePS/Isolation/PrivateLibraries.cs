using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace RunwarePS.Isolation;

/// <summary>
/// Loads the assemblies that need third-party packages, and those packages, into a context of their own, so that a session may
/// hold other versions of the same packages. None is loaded before the first request. An assembly with native code for this system is
/// preferred to the one for all systems, also of the core, which is in the default context.
/// </summary>
internal static class PrivateLibraries
{
    private const string Core = "RunwarePS.Core";

    private static readonly string s_folder = Path.Combine(Path.GetDirectoryName(typeof(PrivateLibraries).Assembly.Location)!, "lib");

    private static readonly HashSet<string> s_isolated = new(StringComparer.OrdinalIgnoreCase)
    { "RunwarePS.Http", "RunwarePS.Journal.PostgreSql", "RunwarePS.Journal.Sqlite" };

    private static readonly Lazy<PrivateContext> s_context = new(() => new PrivateContext());

    // Once per process and never taken away: OnRemove does not run when a runspace closes, and a second import of the module
    // finds this class initialized already.
    static PrivateLibraries() => AssemblyLoadContext.Default.Resolving += Resolve;

    /// <summary>Registers the handler. The type initializer does that; this method only runs it.</summary>
    public static void Register() =>
        RuntimeHelpers.RunClassConstructor(typeof(PrivateLibraries).TypeHandle);

    // The engine asks for the core only after the import has begun, because no exported type derives from one of it. Without native code, or
    // if it is asked for sooner, the engine finds the core beside the module.
    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name == Core && PathOf(InRuntimes("lib", Core + ".dll")) is { } path ? context.LoadFromAssemblyPath(path)
        : name.Name is not null && s_isolated.Contains(name.Name) ? s_context.Value.LoadFromFolder(name)
        : null;

    private static string? PathOf(string path) => File.Exists(path) ? path : null;

    private static string InRuntimes(string kind, string file) => Path.Combine(s_folder, "runtimes", Platform(), kind, file);

    private static string Platform()
    {
        var system = OperatingSystem.IsWindows() ? "win"
            : OperatingSystem.IsMacOS() ? "osx"
            : RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl"
            : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    private sealed class PrivateContext() : AssemblyLoadContext("RunwarePS")
    {
        // By path, and only if the file is there: asking by name would come back here and never end.
        public Assembly? LoadFromFolder(AssemblyName name)
        {
            var file = name.Name + ".dll";
            var path = PathOf(InRuntimes("lib", file)) ?? PathOf(Path.Combine(s_folder, file));
            return path is null ? null : LoadFromAssemblyPath(path);
        }

        // The core is the module's own, wherever it was found.
        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name == Core
                || (assemblyName.Name == "System.Diagnostics.DiagnosticSource" && RuntimeHas(assemblyName.Version!))
                    ? null
                    : LoadFromFolder(assemblyName);

        // A process has one set of activities and meters: its own library, unless that is older than the packages need.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static bool RuntimeHas(Version version) =>
            version <= typeof(System.Diagnostics.DiagnosticSource).Assembly.GetName().Version;

        protected override IntPtr LoadUnmanagedDll(string unmanagedDllName)
        {
            var path = PathOf(InRuntimes("native", FileName(unmanagedDllName)));
            return path is null ? IntPtr.Zero : LoadUnmanagedDllFromPath(path);
        }

        private static string FileName(string library) =>
            OperatingSystem.IsWindows() ? library + ".dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";
    }
}
