namespace RunwarePS.Media.Terminal;

/// <summary>How a terminal shows images.</summary>
internal enum TerminalImages
{
    /// <summary>Not known: a module that asks the terminal itself may help.</summary>
    Unknown,

    /// <summary>The terminal can't show images, or a multiplexer doesn't pass them on.</summary>
    None,

    /// <summary>By kitty's graphics protocol, which takes PNG.</summary>
    Kitty,

    /// <summary>iTerm2's inline images, in any format that the system can decode.</summary>
    ITerm2,
}

/// <summary>
/// Determines from the environment which protocols a terminal supports. A query would read the response from the user's keyboard input.
/// </summary>
internal static class TerminalDetection
{
    /// <param name="variable">Gives an environment variable, or null.</param>
    public static TerminalImages Detect(Func<string, string?> variable)
    {
        var term = variable("TERM") ?? "";
        var program = variable("TERM_PROGRAM") ?? "";

        // A multiplexer first: the variables of the terminal around it are still there.
        if (Has(variable, "TMUX") || Has(variable, "STY") || Has(variable, "ZELLIJ")
            || Begins(term, "tmux") || Begins(term, "screen") || term == "dumb")
        {
            return TerminalImages.None;
        }

        // TERM is set by each terminal anew. The others are inherited by a terminal that was started from another one.
        if (term is "xterm-kitty" or "xterm-ghostty")
        {
            return TerminalImages.Kitty;
        }

        // WezTerm supports kitty's protocol only if the user turned it on, and iTerm2's always.
        return program.ToUpperInvariant() switch
        {
            "GHOSTTY" => TerminalImages.Kitty,
            "ITERM.APP" or "WEZTERM" or "MINTTY" => TerminalImages.ITerm2,
            "" when variable("LC_TERMINAL") == "iTerm2" => TerminalImages.ITerm2, // the one that ssh carries over
            "" when Has(variable, "KITTY_WINDOW_ID") => TerminalImages.Kitty,
            _ => TerminalImages.Unknown,
        };
    }

    private static bool Has(Func<string, string?> variable, string name) => !string.IsNullOrEmpty(variable(name));

    private static bool Begins(string text, string beginning) => text.StartsWith(beginning, StringComparison.Ordinal);
}
