namespace RunwarePS.Core.Tests;

/// <summary>Which terminal it is, by what each sets in its environment and hands on to what is started in it.</summary>
public sealed class TerminalDetectionTests
{
    [Theory]
    [InlineData("kitty", "TERM=xterm-kitty KITTY_WINDOW_ID=1", "Kitty")]
    [InlineData("kitty from Terminal.app", "TERM=xterm-kitty KITTY_WINDOW_ID=1 TERM_PROGRAM=Apple_Terminal", "Kitty")]
    [InlineData("kitty with another TERM", "TERM=xterm-256color KITTY_WINDOW_ID=1", "Kitty")]
    [InlineData("kitty over ssh", "TERM=xterm-kitty", "Kitty")]
    [InlineData("Ghostty", "TERM=xterm-ghostty TERM_PROGRAM=ghostty", "Kitty")]
    [InlineData("Ghostty with another TERM", "TERM=xterm-256color TERM_PROGRAM=ghostty", "Kitty")]
    [InlineData("iTerm2", "TERM=xterm-256color TERM_PROGRAM=iTerm.app LC_TERMINAL=iTerm2", "ITerm2")]
    [InlineData("iTerm2 over ssh", "TERM=xterm-256color LC_TERMINAL=iTerm2", "ITerm2")]
    [InlineData("WezTerm", "TERM=xterm-256color TERM_PROGRAM=WezTerm", "ITerm2")]
    [InlineData("WezTerm on Windows", "TERM_PROGRAM=WezTerm", "ITerm2")]
    [InlineData("mintty", "TERM=xterm-256color TERM_PROGRAM=mintty", "ITerm2")]
    [InlineData("VS Code from kitty", "TERM=xterm-256color TERM_PROGRAM=vscode KITTY_WINDOW_ID=1", "Unknown")]
    [InlineData("Terminal.app, a shell from iTerm2", "TERM=xterm-256color TERM_PROGRAM=Apple_Terminal LC_TERMINAL=iTerm2", "Unknown")]
    [InlineData("Windows Terminal", "WT_SESSION=1", "Unknown")]
    [InlineData("xterm", "TERM=xterm-256color", "Unknown")]
    [InlineData("nothing at all", "", "Unknown")]
    [InlineData("tmux in kitty", "TERM=tmux-256color TMUX=/tmp/tmux-1/default,1,0 KITTY_WINDOW_ID=1 TERM_PROGRAM=tmux", "None")]
    [InlineData("tmux with kitty's TERM", "TERM=xterm-kitty TMUX=/tmp/tmux-1/default,1,0", "None")]
    [InlineData("tmux on another machine", "TERM=screen-256color LC_TERMINAL=iTerm2", "None")]
    [InlineData("screen", "TERM=screen.xterm-256color STY=1.pts", "None")]
    [InlineData("zellij in WezTerm", "TERM=xterm-256color ZELLIJ=0 TERM_PROGRAM=WezTerm", "None")]
    [InlineData("no terminal at all", "TERM=dumb TERM_PROGRAM=iTerm.app", "None")]
    [InlineData("empty variables", "TERM=xterm-kitty TMUX= STY= ZELLIJ=", "Kitty")]
    public void A_terminal_is_known_by_its_environment(string terminal, string environment, string expected)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);

        TerminalDetection.Detect(name => variables.GetValueOrDefault(name)).ToString().ShouldBe(expected, terminal);
    }
}
