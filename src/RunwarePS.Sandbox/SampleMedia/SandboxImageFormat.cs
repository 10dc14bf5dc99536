namespace RunwarePS.Sandbox.SampleMedia;

internal enum SandboxImageFormat
{
    Jpg,
    Png,
    Webp,
    Tiff,
}
