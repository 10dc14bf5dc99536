using System.Management.Automation;
using System.Management.Automation.Host;

namespace RunwarePS.Terminal;

/// <summary>The screen of the host, as far as it can be known: whether anybody sees it, what it can show, how wide it is.</summary>
internal sealed class HostScreen
{
    private const int UsualColumns = 80;

    private readonly PSHost _host;

    public HostScreen(PSCmdlet cmdlet)
    {
        _host = cmdlet.Host;

        // Only of the console host is it known where its output goes; another host has a screen of its own.
        IsVisible = _host.UI is not null && !(_host.Name == "ConsoleHost" && Console.IsOutputRedirected);
        Images = IsVisible && _host.UI!.SupportsVirtualTerminal && !WantsPlainText(cmdlet)
            ? TerminalDetection.Detect(Environment.GetEnvironmentVariable)
            : TerminalImages.None;
    }

    /// <summary>False where the output is redirected: then nothing is written.</summary>
    public bool IsVisible { get; }

    public TerminalImages Images { get; }

    /// <summary>
    /// The width of an image in cells: as specified, else so that a square image fits the window; never wider than the window.
    /// </summary>
    public int Width(int? told)
    {
        var (columns, lines) = Window();
        return Math.Clamp(told ?? 2 * (lines - 2), 1, columns); // a cell is about twice as high as wide
    }

    public void Write(string text)
    {
        if (IsVisible)
        {
            _host.UI.Write(text);
        }
    }

    public void WriteLine(string text = "")
    {
        if (IsVisible)
        {
            _host.UI.WriteLine(text);
        }
    }

    private (int Columns, int Lines) Window()
    {
        try
        {
            var size = _host.UI.RawUI.WindowSize;
            return (size.Width > 0 ? size.Width : UsualColumns, size.Height > 2 ? size.Height : UsualColumns / 2);
        }
        catch (Exception e) when (e is HostException or NotImplementedException or PSNotImplementedException or NullReferenceException)
        {
            return (UsualColumns, UsualColumns / 2); // a host without a window
        }
    }

    // A host strips escape sequences out of what it writes then, and would leave the base64 behind.
    private static bool WantsPlainText(PSCmdlet cmdlet) =>
        cmdlet.GetVariableValue("PSStyle") is { } style
            && PSObject.AsPSObject(style).Properties["OutputRendering"]?.Value?.ToString() == "PlainText";
}
