using System.Management.Automation;

namespace RunwarePS.Terminal;

/// <summary>Draws images in the terminal: by its own escape sequences, else by a module that can.</summary>
internal sealed class ImageDrawing(PSCmdlet cmdlet, HostScreen screen)
{
    /// <summary>Whether this terminal shows at least some images.</summary>
    public bool IsPossible => screen.Images is TerminalImages.Kitty or TerminalImages.ITerm2
        || (screen.Images == TerminalImages.Unknown && ImageModules.AnyInstalled(cmdlet));

    /// <summary>Draws an image; false if this terminal can't.</summary>
    /// <param name="content">The image.</param>
    /// <param name="path">Its file; null if it's only in memory.</param>
    /// <param name="columns">How wide, in character cells; null for the size of the window.</param>
    public bool Draw(Stream content, string? path, int? columns)
    {
        var width = screen.Width(columns);
        switch (screen.Images)
        {
            case TerminalImages.ITerm2:
                Write(ImageEscapes.ITerm2(content, content.Length, width), ImageEscapes.ITerm2End);
                return true;
            case TerminalImages.Kitty when ImageFormat.Detect(content) == ImageFormat.Png:
                Write(ImageEscapes.Kitty(content, content.Length, width), ImageEscapes.KittyEnd);
                return true;
            case TerminalImages.Kitty or TerminalImages.Unknown when ImageModules.AnyInstalled(cmdlet):
                return path is null ? DrawTemporary(content, width) : ImageModules.Show(cmdlet, screen, path, width);
            default:
                return false;
        }
    }

    private void Write(IEnumerable<string> pieces, string end)
    {
        foreach (var piece in pieces)
        {
            if (cmdlet.Stopping)
            {
                screen.Write(end); // half a sequence would swallow the prompt
                throw new PipelineStoppedException();
            }

            screen.Write(piece);
        }

        screen.WriteLine();
    }

    private bool DrawTemporary(Stream content, int width)
    {
        var file = Path.Combine(Path.GetTempPath(),
            FormattableString.Invariant($"runware-{Guid.NewGuid():N}{ImageFormat.Detect(content)!.Extension}"));
        try
        {
            using (var copy = new FileStream(file, FileMode.CreateNew))
            {
                content.CopyTo(copy);
            }

            return ImageModules.Show(cmdlet, screen, file, width);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunwareException(ErrorCodes.SaveFailed, RunwareErrorCategory.Unknown,
                Strings.ImageNotWritten.With(file, e.Message), e);
        }
        finally
        {
            AtomicFile.TryDelete(file); // a program may still be reading it
        }
    }
}
