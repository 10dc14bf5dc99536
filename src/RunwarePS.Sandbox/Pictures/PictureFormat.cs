namespace RunwarePS.Sandbox.Pictures;

internal enum PictureFormat
{
    Jpg,
    Png,
    Webp,
}

internal static class PictureFormats
{
    public static string Extension(this PictureFormat format) => format switch
    {
        PictureFormat.Png => "png",
        PictureFormat.Webp => "webp",
        _ => "jpg",
    };

    public static string MediaType(this PictureFormat format) => format switch
    {
        PictureFormat.Png => "image/png",
        PictureFormat.Webp => "image/webp",
        _ => "image/jpeg",
    };
}
