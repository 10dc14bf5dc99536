using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace RunwarePS.Isolation;

/// <summary>
/// Loads the assemblies that need third-party packages, and those packages, into a context of their own, so that a session may
/// hold other versions of the same packages. Nothing is loaded before the first request.
/// </summary>
internal static class PrivateLibraries
{
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

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) =>
        name.Name is not null && s_isolated.Contains(name.Name) ? s_context.Value.LoadFromFolder(name) : null;

    private sealed class PrivateContext() : AssemblyLoadContext("RunwarePS")
    {
        // By path, and only if the file is there: asking by name would come back here and never end.
        public Assembly? LoadFromFolder(AssemblyName name)
        {
            var path = Path.Combine(s_folder, name.Name + ".dll");
            return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
        }

        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name == "System.Diagnostics.DiagnosticSource" && RuntimeHas(assemblyName.Version!)
                ? null
                : LoadFromFolder(assemblyName);

        // A process has one set of activities and meters: its own library, unless that is older than the packages need.
        [MethodImpl(MethodImplOptions.NoInlining)]
        private static bool RuntimeHas(Version version) =>
            version <= typeof(System.Diagnostics.DiagnosticSource).Assembly.GetName().Version;

        protected override IntPtr LoadUnmanagedDll(string unmanagedDllName)
        {
            var path = Path.Combine(s_folder, "runtimes", Platform(), "native", FileName(unmanagedDllName));
            return File.Exists(path) ? LoadUnmanagedDllFromPath(path) : IntPtr.Zero;
        }

        private static string Platform()
        {
            var system = OperatingSystem.IsWindows() ? "win"
                : OperatingSystem.IsMacOS() ? "osx"
                : RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal) ? "linux-musl"
                : "linux";
            return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
        }

        private static string FileName(string library) =>
            OperatingSystem.IsWindows() ? library + ".dll" : OperatingSystem.IsMacOS() ? $"lib{library}.dylib" : $"lib{library}.so";
    }
}
