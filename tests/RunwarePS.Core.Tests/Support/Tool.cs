using System.Diagnostics;

namespace RunwarePS.Core.Tests;

/// <summary>Programs of the machine that check files or make them; a test that needs one is skipped where it isn't installed.</summary>
internal static class Tool
{
    private static readonly Lazy<string?> s_imageMagick = new(() =>
        Run("magick", "-version") is not null ? "magick"
        : !OperatingSystem.IsWindows() && Run("convert", "-version") is not null ? "convert" // Windows has another convert
        : null);

    /// <summary>What a program writes; null if it isn't installed.</summary>
    public static string? Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            var said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return said;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    public static string? ImageMagick(params string[] arguments) => s_imageMagick.Value is { } program ? Run(program, arguments) : null;

    /// <summary>Size and a hash of the decoded pixels of each frame.</summary>
    public static string? Pixels(string file) => ImageMagick(file, "-format", "%wx%h %# ", "info:");

    /// <summary>Skips the test unless the program is installed, and makes it fail if the program made no file.</summary>
    public static void Make(string file, string program, params string[] arguments)
    {
        var said = program == "magick" ? ImageMagick(arguments) : Run(program, arguments);
        Skip.If(said is null, $"{program} isn't installed on this machine");
        File.Exists(file).ShouldBeTrue($"{program} {string.Join(' ', arguments)}: {said}");
    }
}
