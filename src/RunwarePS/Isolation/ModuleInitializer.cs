using System.Management.Automation;
using RunwarePS.Formatting;

namespace RunwarePS.Isolation;

/// <summary>Called by the engine at import. Does no I/O.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    /// <summary>
    /// Registers the types of the module, and the handler that finds the isolated assemblies; none is loaded before the first request.
    /// </summary>
    public void OnImport()
    {
        PrivateLibraries.Register();
        TypeExtensions.Register();
    }
}
