using System.Reflection;
using RunwarePS.Engine;

// The first image on a fresh machine: the real cmdlets in a child process, on the engine that the restore brought or RUNWAREPS_PWSH names.
var root = Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == "RepositoryRoot").Value!;
var module = Path.Combine(root, "out", "RunwarePS");
var folder = Path.Combine(root, "out", "pictures");
var engine = PowerShellEngine.Current;

Console.WriteLine($"PowerShell {engine.Version} generates three images on the sandbox with New-RunwareImage:");
Console.Write(engine.Run(["-File", Path.Combine(root, "samples", "first-image.ps1"), "-Path", folder, "-Module", module], out var exitCode));
Console.WriteLine(exitCode == 0 ? $"Done. To use the module in PowerShell 7.4 or later, run: Import-Module {module}" : "The sample failed. See the error above.");
return exitCode;
