using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace RunwarePS.Tests;

/// <summary>Show-RunwareImage, on a host that keeps what reaches its screen.</summary>
public sealed class ShowTests : EngineTest
{
    private const string Kitty = "TERM=xterm-kitty";
    private const string ITerm2 = "TERM=xterm-256color TERM_PROGRAM=iTerm.app";
    private const string Plain = "TERM=xterm-256color";
    private const string Tmux = "TERM=xterm-kitty TMUX=here";

    private static readonly string[] s_variables = ["TERM", "TERM_PROGRAM", "LC_TERMINAL", "KITTY_WINDOW_ID", "TMUX", "STY", "ZELLIJ", "PSModulePath"];

    private readonly Dictionary<string, string?> _before = s_variables.ToDictionary(v => v, Environment.GetEnvironmentVariable, StringComparer.Ordinal);

    [Theory]
    [InlineData(Kitty, "PNG", "")]
    [InlineData(Kitty, "PNG", "-OutputType base64Data")]
    [InlineData(ITerm2, "PNG", "")]
    [InlineData(ITerm2, "JPG", "-OutputType dataURI")]
    [InlineData(ITerm2, "WEBP", "")]
    public void A_terminal_gets_the_bytes_of_the_image_as_they_are(string terminal, string format, string arguments)
    {
        using var screen = Open(terminal);

        var run = screen.Session.Run($"$image = New-RunwareImage 'a tram' -OutputFormat {format} {arguments}; $image | Show-RunwareImage -Width 30; $image | Save-RunwareImage -Path $args[0] -NoMetadata", NewFolder());

        Picture(screen.Written).ShouldBe(File.ReadAllBytes(run.Text));
        screen.Written.ShouldMatch(terminal == Kitty ? "^\e_Ga=T,f=100,c=30," : "^\e]1337;File=inline=1;size=[0-9]+;width=30:");
    }

    [Theory]
    [InlineData("$file | Show-RunwareImage")]
    [InlineData("$file.FullName | Show-RunwareImage")]
    [InlineData("Show-RunwareImage $file")]
    [InlineData("Get-Item -LiteralPath $file.FullName | Show-RunwareImage")]
    [InlineData("Push-Location -LiteralPath $file.DirectoryName; Show-RunwareImage 'a [1].png'; Pop-Location")]
    [InlineData("Push-Location -LiteralPath $file.DirectoryName; Show-RunwareImage *.png; Pop-Location")]
    [InlineData("[pscustomobject]@{ FullName = $file.FullName } | Show-RunwareImage")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($file)) | Show-RunwareImage")]
    [InlineData("Get-RunwareImageInfo -LiteralPath $file | Show-RunwareImage")]
    [InlineData("$image | Show-RunwareImage")]
    [InlineData("[Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($image)) | Show-RunwareImage")]
    [InlineData("[pscustomobject]@{ imageURL = \"$($image.ImageUrl)\" } | Show-RunwareImage")]
    [InlineData("$image.ImageUrl | Show-RunwareImage")]
    [InlineData("\"$($image.ImageUrl)\" | Show-RunwareImage")]
    [InlineData("'data:image/png;base64,' + [Convert]::ToBase64String([IO.File]::ReadAllBytes($file)) | Show-RunwareImage")]
    [InlineData("Show-RunwareImage ([IO.File]::ReadAllBytes($file))")]
    [InlineData("Get-RunwareTask $image.TaskUuid | Show-RunwareImage")]
    public void An_image_is_given_in_any_form(string script)
    {
        using var screen = Open(Kitty);
        screen.Session.Run("$image = New-RunwareImage 'a tram' -OutputFormat PNG; $file = $image | Save-RunwareImage -Path $args[0] -FileName 'a [1]'", NewFolder("[x]"));

        screen.Session.Run(script).Output.ShouldBeEmpty();

        Regex.Count(screen.Written, "a=T,f=100,c=56,", RegexOptions.None, TimeSpan.FromSeconds(1)).ShouldBe(1);
        Picture(screen.Written)[..8].ShouldBe([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
    }

    [Theory]
    [InlineData(Kitty, "JPG")]
    [InlineData(Kitty, "WEBP")]
    [InlineData(Plain, "PNG")]
    [InlineData(Tmux, "PNG")]
    public void Where_the_terminal_cannot_the_path_is_reported(string terminal, string format)
    {
        using var screen = Open(terminal);

        var file = screen.Session.Run($"New-RunwareImage 'a tram' -OutputFormat {format} | Save-RunwareImage -Path $args[0] | Tee-Object -Variable f; $f | Show-RunwareImage", NewFolder()).Text;

        screen.Written.ShouldBe(file + "\n");
    }

    [Fact]
    public void What_cannot_be_shown_is_not_fetched()
    {
        using var screen = Open(Tmux);
        screen.Session.Run("$image = New-RunwareImage 'a tram'; $before = $sandbox.Request.Count");

        var run = screen.Session.Run("$image | Show-RunwareImage; $sandbox.Request.Count - $before; $image.ImageUrl.AbsoluteUri", []);

        run.Texts[0].ShouldBe("0");
        screen.Written.ShouldBe(run.Texts[1] + "\n");
    }

    [Fact]
    public void A_path_does_not_speak_to_the_terminal()
    {
        using var screen = Open(Plain);

        screen.Session.Run("[pscustomobject]@{ ImageUrl = 'http://127.0.0.1:9/x'; Path = \"/nowhere/`e]0;title`a.png\" } | Show-RunwareImage");
        screen.Session.Run("[pscustomobject]@{ imageURL = \"http://127.0.0.1:9/`e[2Jx?sig=secret\" } | Show-RunwareImage");

        screen.Written.ShouldBe("http://127.0.0.1:9/x\nhttp://127.0.0.1:9/%1B[2Jx\n");
    }

    [Theory]
    [InlineData("'nothere.png'", "ImageNotFound", "ObjectNotFound")]
    [InlineData("'*.nothing'", "ImageNotFound", "ObjectNotFound")]
    [InlineData("$text", "ImageUnreadable", "InvalidArgument")]
    [InlineData("42", "ParameterUnreadable", "InvalidArgument")]
    [InlineData("[pscustomobject]@{ imageBase64Data = 'AAAA' }", "DownloadFailed", "NotSpecified")]
    [InlineData("[pscustomobject]@{ imageBase64Data = '!' }", "ParameterUnreadable", "InvalidArgument")]
    [InlineData("[pscustomobject]@{ imageURL = \"$($sandbox.Endpoint)/nothing.png\" }", "DownloadFailed", null)]
    public void What_is_not_an_image_is_an_error_of_its_own_and_the_next_is_shown(string item, string id, string? category)
    {
        using var screen = Open(Kitty);
        var folder = NewFolder();
        File.WriteAllText(Path.Combine(folder, "text.png"), "\e]0;title\a and more than twelve bytes");

        var run = screen.Session.Try($"$text = Join-Path $args[0] text.png; $good = New-RunwareImage 'a tram' -OutputFormat PNG; & {{ {item}; $good }} | Show-RunwareImage", folder);

        run.Ended.ShouldBeNull();
        run.Error.Id().ShouldBe(id);
        if (category is not null)
        {
            run.Error.CategoryInfo.Category.ToString().ShouldBe(category);
        }

        run.Error.ErrorDetails.RecommendedAction.ShouldNotBeNullOrEmpty();
        screen.Written.ShouldStartWith("\e_G");
    }

    [Theory]
    [InlineData(Kitty, "m=0;\e\\")]
    [InlineData(ITerm2, "\a")]
    public void A_stop_in_the_middle_ends_the_sequence(string terminal, string end)
    {
        using var screen = Open(terminal);
        screen.Session.Run("$file = New-RunwareImage 'a tram' -Model openai:gpt-image@2 -Size 3840x2160 -OutputFormat PNG | Save-RunwareImage -Path $args[0]", NewFolder());
        using var shell = screen.Session.Create("Show-RunwareImage $file");
        var stop = default(IAsyncResult);
        screen.OnWriting(() =>
        {
            if (stop is null)
            {
                stop = shell.BeginStop(callback: null, state: null);
                Thread.Sleep(2000); // until the cmdlet knows, on a busy machine too
            }
        });

        shell.Invoke();

        shell.EndStop(stop!);
        shell.InvocationStateInfo.State.ShouldBe(System.Management.Automation.PSInvocationState.Stopped);
        screen.Written.ShouldEndWith(end);
        screen.Written.Length.ShouldBeLessThan(2 * 4200, "the rest is not written");
    }

    [Fact]
    public void With_plain_text_only_the_path_is_reported()
    {
        using var screen = Open(Kitty);

        var file = screen.Session.Run("$f = New-RunwareImage 'a tram' -OutputFormat PNG | Save-RunwareImage -Path $args[0]; $before = $PSStyle.OutputRendering; $PSStyle.OutputRendering = 'PlainText'; $f | Show-RunwareImage; $PSStyle.OutputRendering = $before; $f", NewFolder()).Text;

        screen.Written.ShouldBe(file + "\n");
    }

    [Theory]
    [InlineData(Plain, "PNG", "function ConvertTo-Sixel([string] $Path, [int] $Width) { if (-not (Test-Path -LiteralPath $Path)) { throw } \"sixel $Width \" + 'q' * 500 }", "", "sixel 25 ")]
    [InlineData(Kitty, "JPG", "function ConvertTo-Sixel([string] $Path, [int] $Width) { if (-not (Test-Path -LiteralPath $Path)) { throw } \"sixel $Width \" + 'q' * 500 }", "", "sixel 25 ")]
    [InlineData(Plain, "PNG", "function ConvertTo-Sixel([string] $Path, [int] $Width) { throw 'no' }", "function Get-SpectreImage([string] $ImagePath, [int] $MaxWidth) { Write-Host \"spectre $MaxWidth $(Resolve-Path $ImagePath)\" }", "spectre 25 ")]
    [InlineData(Plain, "PNG", "", "function Get-SpectreImage([string] $ImagePath, [int] $MaxWidth) { \"spectre $MaxWidth\" }; function Out-SpectreHost { process { Write-Host \"drawn $_\" } }", "drawn spectre 25")]
    public void A_module_of_others_shows_what_the_terminal_cannot(string terminal, string format, string sixel, string spectre, string expected)
    {
        var modules = NewFolder();
        foreach (var (name, code) in new[] { ("Sixel", sixel), ("PwshSpectreConsole", spectre) }.Where(m => m.Item2.Length > 0))
        {
            Directory.CreateDirectory(Path.Combine(modules, name));
            File.WriteAllText(Path.Combine(modules, name, name + ".psm1"), code);
        }

        Environment.SetEnvironmentVariable("PSModulePath", modules + Path.PathSeparator + _before["PSModulePath"]);
        using var screen = Open(terminal);

        screen.Session.Run($"$image = New-RunwareImage 'a tram' -OutputFormat {format}; $image | Show-RunwareImage -Width 25; $image | Save-RunwareImage -Path $args[0] -FileName 'a [1]' | Show-RunwareImage -Width 25", NewFolder());

        var lines = screen.Written.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2, "one line for each picture, and none of them wrapped");
        lines.ShouldAllBe(line => line.StartsWith(expected));
    }

    [Fact]
    public void Without_a_screen_nothing_is_written() =>
        Session.Run("Connect-Runware -Sandbox; New-RunwareImage 'a tram' | Show-RunwareImage").Output.ShouldBeEmpty();

    public override void Dispose()
    {
        foreach (var (name, value) in _before)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        base.Dispose();
    }

    /// <summary>The bytes that a terminal would decode.</summary>
    private static byte[] Picture(string written) =>
        Convert.FromBase64String(string.Concat(Regex.Matches(written, "(\e_G[^;]*;|width=[0-9]+:)(?<data>[A-Za-z0-9+/=]*)", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)).Select(m => m.Groups["data"].Value)));

    private static Opened Open(string terminal)
    {
        foreach (var variable in s_variables.Except(["PSModulePath"], StringComparer.Ordinal))
        {
            Environment.SetEnvironmentVariable(variable, value: null);
        }

        foreach (var variable in terminal.Split(' '))
        {
            Environment.SetEnvironmentVariable(variable.Split('=')[0], variable.Split('=')[1]);
        }

        return Connected();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Opened Connected()
    {
        var screen = new Opened();
        screen.Session.StartSandbox();
        return screen;
    }

    private sealed class Opened : IDisposable
    {
        private readonly ScreenHost _host = new();

        public Opened() => Session = new EngineSession(_host);

        public EngineSession Session { get; }

        public string Written => _host.Written;

        public void OnWriting(Action action) => _host.Writing = action;

        public void Dispose() => Session.Dispose();
    }
}
