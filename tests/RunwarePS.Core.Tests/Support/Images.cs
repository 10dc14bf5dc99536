using System.Text;

namespace RunwarePS.Core.Tests;

/// <summary>Puts parts into images, and metadata as the module does.</summary>
internal static class Images
{
    /// <summary>An image with a part put in behind its first one, or at its end.</summary>
    public static byte[] With(this byte[] image, string kind, byte[] content, bool atEnd = false)
    {
        var container = ImageContainer.Read(new MemoryStream(image))!;
        byte[] part = container.Format == ImageFormat.Png ? Pictures.Chunk(Encoding.Latin1.GetBytes(kind), content)
            : container.Format == ImageFormat.Jpeg ? [0xFF, Convert.FromHexString(kind)[0], (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content]
            : [.. Encoding.Latin1.GetBytes(kind), .. BitConverter.GetBytes(content.Length), .. content, .. new byte[content.Length % 2]];
        var at = (int)(container.Format == ImageFormat.Webp || atEnd ? container.End!.Value : container.Parts[0].End);
        if (atEnd && container.Format != ImageFormat.Webp)
        {
            at = (int)container.Parts[^1].Start;
        }

        byte[] with = [.. image[..at], .. part, .. image[at..]];
        if (container.Format == ImageFormat.Webp)
        {
            BitConverter.GetBytes(at + part.Length - 8).CopyTo(with, 4);
        }

        return with;
    }

    /// <summary>An image with metadata.</summary>
    public static byte[] Describe(byte[] image, GenerationMetadata facts)
    {
        var stream = new MemoryStream(image);
        var plan = MetadataWriter.Plan(stream, ImageContainer.Read(stream)!, facts);
        plan.Refusal.ShouldBeNull();
        var described = new MemoryStream();
        MetadataWriter.ApplyAsync(plan, stream, described, CancellationToken.None).GetAwaiter().GetResult();
        return described.ToArray();
    }

    /// <summary>The packets of an image.</summary>
    public static IReadOnlyList<XmpPacket> Packets(byte[] image)
    {
        var stream = new MemoryStream(image);
        return MetadataFinder.Find(stream, ImageContainer.Read(stream)!);
    }
}
