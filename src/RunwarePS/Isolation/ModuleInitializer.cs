using System.Management.Automation;

namespace RunwarePS.Isolation;

/// <summary>Called by the engine at import. Does no I/O.</summary>
public sealed class ModuleInitializer : IModuleAssemblyInitializer
{
    public void OnImport() => PrivateLibraries.Register();
}
