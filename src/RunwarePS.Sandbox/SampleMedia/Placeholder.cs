using RunwarePS.Sandbox.Files;

namespace RunwarePS.Sandbox.SampleMedia;

/// <summary>The facts that a sandbox image is made from. The sandbox keeps them instead of the image.</summary>
internal sealed record Placeholder(int Width, int Height, SandboxImageFormat Format, bool Transparent, string Prompt, Guid TaskUuid,
    int Index)
{
    private const byte Opaque = 255;
    private const byte HalfTransparent = 128;

    /// <summary>The encoded image: the same bytes every time. Its color depends on the prompt, the task and the index.</summary>
    public byte[] Render()
    {
        if (Width < 1 || Height < 1)
        {
            throw new InvalidOperationException(FormattableString.Invariant($"An image of {Width}x{Height} pixels can't be made."));
        }

        var color = new FileSeed(Prompt, TaskUuid, Index).Hash();
        var alpha = Transparent ? HalfTransparent : Opaque;
        return Format switch
        {
            SandboxImageFormat.Png => SolidImage.Png(Width, Height, color[0], color[1], color[2], alpha),
            SandboxImageFormat.Webp => SolidImage.Webp(Width, Height, color[0], color[1], color[2], alpha),
            SandboxImageFormat.Tiff => SolidImage.Tiff(Width, Height, color[0], color[1], color[2], alpha),
            _ => SolidImage.Jpeg(Width, Height, color[0], color[1], color[2]),
        };
    }
}
