using System.Management.Automation;

namespace RunwarePS.Terminal;

/// <summary>Modules of others that show images, where the user has installed them.</summary>
internal static class ImageModules
{
    private const string Sixel = nameof(Sixel);
    private const string Spectre = "PwshSpectreConsole";

    // Searching the module path takes long, and is done once in a process, unless the path changes.
    private static (string? Path, string[] Modules)? s_found;

    public static bool AnyInstalled(PSCmdlet cmdlet) => Installed(cmdlet).Length > 0;

    /// <summary>Shows a file by the first of them that can; false where none could.</summary>
    public static bool Show(PSCmdlet cmdlet, HostScreen screen, string file, int width)
    {
        foreach (var module in Installed(cmdlet))
        {
            try
            {
                // A text goes out as it is: the formatting of the engine would wrap it.
                foreach (var said in Run(cmdlet, module, file, width))
                {
                    screen.WriteLine($"{said}");
                }

                return true;
            }
            catch (RuntimeException e) when (e is not PipelineStoppedException)
            {
                cmdlet.WriteDetail(Strings.ModuleCannotShow.With(module, DisplayText.Line(e.Message)));
            }
        }

        return false;
    }

    private static IEnumerable<PSObject> Run(PSCmdlet cmdlet, string module, string file, int width) => module == Sixel
        ? cmdlet.InvokeCommand.InvokeScript(@"Sixel\ConvertTo-Sixel -Path $args[0] -Width $args[1] -ErrorAction Stop", file, width)

        // Its first versions draw at once, the later ones give an object that Out-SpectreHost draws. It takes a path with wildcards.
        : cmdlet.InvokeCommand.InvokeScript("""
            $drawn = PwshSpectreConsole\Get-SpectreImage -ImagePath $args[0] -MaxWidth $args[1] -ErrorAction Stop
            if ($drawn -and (Get-Command PwshSpectreConsole\Out-SpectreHost -ErrorAction Ignore)) {
                $drawn | PwshSpectreConsole\Out-SpectreHost | Out-Null
            }
            elseif ($drawn) { $drawn | Out-Host }
            """, WildcardPattern.Escape(file), width);

    private static string[] Installed(PSCmdlet cmdlet)
    {
        var path = Environment.GetEnvironmentVariable("PSModulePath");
        if (s_found is not { } found || found.Path != path)
        {
            var script = $"Get-Module -ListAvailable -Name {Sixel}, {Spectre} -ErrorAction Ignore | ForEach-Object Name";
            var names = cmdlet.InvokeCommand.InvokeScript(script).Select(name => $"{name}");
            s_found = found = (path, [.. new[] { Sixel, Spectre }.Intersect(names, StringComparer.OrdinalIgnoreCase)]);
        }

        return found.Modules;
    }
}
