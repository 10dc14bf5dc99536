namespace RunwarePS.Sandbox.Files;

/// <summary>A format in which the sandbox returns files, by the API's name for it.</summary>
internal sealed record FileFormat(string Name, string Extension, string MediaType)
{
    public static readonly FileFormat Jpg = new("JPG", "jpg", "image/jpeg");
    public static readonly FileFormat Png = new("PNG", "png", "image/png");
    public static readonly FileFormat Webp = new("WEBP", "webp", "image/webp");
    public static readonly FileFormat Tiff = new("TIFF", "tiff", "image/tiff");
    public static readonly FileFormat Svg = new("SVG", "svg", "image/svg+xml");
    public static readonly FileFormat Mp4 = new("MP4", "mp4", "video/mp4");
    public static readonly FileFormat Webm = new("WEBM", "webm", "video/webm");
    public static readonly FileFormat Mov = new("MOV", "mov", "video/quicktime");
    public static readonly FileFormat Mp3 = new("MP3", "mp3", "audio/mpeg");
    public static readonly FileFormat Wav = new("WAV", "wav", "audio/wav");
    public static readonly FileFormat Flac = new("FLAC", "flac", "audio/flac");
    public static readonly FileFormat Ogg = new("OGG", "ogg", "audio/ogg");
    public static readonly FileFormat Glb = new("GLB", "glb", "model/gltf-binary");
    public static readonly FileFormat Fbx = new("FBX", "fbx", "application/octet-stream");
    public static readonly FileFormat Safetensors = new("safetensors", "safetensors", "application/octet-stream");
    public static readonly FileFormat Zip = new("ZIP", "zip", "application/zip");
    public static readonly FileFormat Unknown = new("", "bin", "application/octet-stream");

    private static readonly (FileFormat Format, int Offset, byte[] Mark)[] s_marks =
    [
        (Jpg, 0, [0xFF, 0xD8, 0xFF]), (Png, 1, "PNG"u8.ToArray()), (Webp, 8, "WEBP"u8.ToArray()), (Tiff, 0, "II*\0"u8.ToArray()),
        (Svg, 0, "<svg"u8.ToArray()), (Glb, 0, "glTF"u8.ToArray()), (Zip, 0, "PK\x3\x4"u8.ToArray()),
        (Mov, 4, "ftypqt"u8.ToArray()), (Mp4, 4, "ftyp"u8.ToArray()), (Webm, 0, [0x1A, 0x45, 0xDF, 0xA3]),
        (Mp3, 0, "ID3"u8.ToArray()), (Mp3, 0, [0xFF, 0xFB]), (Mp3, 0, [0xFF, 0xF3]), (Wav, 8, "WAVE"u8.ToArray()),
        (Flac, 0, "fLaC"u8.ToArray()), (Ogg, 0, "OggS"u8.ToArray()),
    ];

    /// <summary>What the file is: image, video, audio, model, or application.</summary>
    public string Kind => MediaType[..MediaType.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The format that a file's first bytes show.</summary>
    public static FileFormat Of(ReadOnlySpan<byte> file)
    {
        foreach (var (format, offset, mark) in s_marks)
        {
            if (file.Length >= offset && file[offset..].StartsWith(mark))
            {
                return format;
            }
        }

        return Unknown;
    }
}
