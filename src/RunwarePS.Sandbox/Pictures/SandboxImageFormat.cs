namespace RunwarePS.Sandbox.Pictures;

internal enum SandboxImageFormat
{
    Jpg,
    Png,
    Webp,
    Tiff,
}
