namespace RunwarePS.Sandbox.Pictures;

internal enum SandboxImageFormat
{
    Jpg,
    Png,
    Webp,
}

internal static class SandboxImageFormats
{
    public static string Extension(this SandboxImageFormat format) => format switch
    {
        SandboxImageFormat.Png => "png",
        SandboxImageFormat.Webp => "webp",
        _ => "jpg",
    };

    public static string MediaType(this SandboxImageFormat format) => format switch
    {
        SandboxImageFormat.Png => "image/png",
        SandboxImageFormat.Webp => "image/webp",
        _ => "image/jpeg",
    };
}
