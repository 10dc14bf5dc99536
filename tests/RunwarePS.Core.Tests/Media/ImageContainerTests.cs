namespace RunwarePS.Core.Tests;

/// <summary>Containers are walked by their own lengths: what follows their end isn't theirs, and what doesn't reach it is incomplete.</summary>
public sealed class ImageContainerTests
{
    private const string Claim = "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        + "<rdf:Description xmlns:r='https://github.com/runwareps/RunwarePS/xmp/1.0/' r:Model='of another image'/></rdf:RDF></x:xmpmeta>";

    public static TheoryData<string> Formats => new("JPG", "PNG", "WEBP");

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_end_of_an_image_is_where_its_container_states(string format)
    {
        var image = Image(format);
        Read(image).End.ShouldBe(image.Length);

        foreach (var behind in Behind())
        {
            Read([.. image, .. behind]).End.ShouldBe(image.Length);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_image_that_breaks_off_anywhere_has_no_end(string format)
    {
        var image = Image(format);
        for (var length = ImageFormat.HeaderLength; length < image.Length; length++)
        {
            Read(image[..length]).End.ShouldBeNull($"{format} of {length} bytes");
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_image_that_breaks_off_isnt_whole_because_of_what_fills_its_place(string format)
    {
        var image = Image(format);
        foreach (var length in new[] { 40, 100, image.Length / 2, image.Length - 20 })
        {
            Read([.. image[..length], .. new byte[format == "WEBP" ? image.Length - length - 1 : 5000]]).End.ShouldBeNull($"{format} of {length} bytes");
        }
    }

    [Fact]
    public void An_end_marker_inside_a_preview_or_a_text_ends_nothing()
    {
        var preview = Pictures.Jpeg(500);
        var jpeg = Pictures.Jpeg().With("E1", [.. "Exif\0\0"u8, .. preview]);
        Read(jpeg).End.ShouldBe(jpeg.Length);
        Read(jpeg[..^2]).End.ShouldBeNull();

        var png = Pictures.Png().With("tEXt", [.. "Comment\0"u8, 0, 0, 0, 0, .. "IEND"u8, 0xAE, 0x42, 0x60, 0x82]);
        Read(png).End.ShouldBe(png.Length);
        Read(png[..^12]).End.ShouldBeNull();
    }

    [Fact]
    public void A_JPEG_of_several_scans_ends_behind_the_last_one()
    {
        byte[] table = [0xFF, 0xC4, 0, 4, 0xFF, 0xD9]; // what looks like an end is within its length
        byte[] scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 7, 0xFF, 0, 7, 0xFF, 0xD0, 7, 0xFF, 0xFF];
        byte[] image = [.. Pictures.Jpeg()[..^2], .. table, .. scan, .. table, .. scan, 0xFF, 0xD9];

        Read([.. image, .. Pictures.Jpeg()]).End.ShouldBe(image.Length);
        Read(image[..^1]).End.ShouldBeNull();
        Read([.. Pictures.Jpeg()[..^2], .. table]).End.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Metadata_behind_the_end_is_not_the_images(string format)
    {
        var image = Image(format);
        var text = System.Text.Encoding.ASCII.GetBytes(Claim);
        byte[] behind = format switch
        {
            "JPG" => [0xFF, 0xE1, (byte)((text.Length + 2) >> 8), (byte)(text.Length + 2), .. text],
            "PNG" => Pictures.Chunk("iTXt"u8, [.. "XML:com.adobe.xmp\0\0\0\0\0"u8, .. text[29..]]),
            _ => [.. "XMP "u8, .. BitConverter.GetBytes(text.Length - 29), .. text[29..]],
        };

        MetadataReader.Read(new MemoryStream([.. image, .. behind])).ShouldBeNull();
        var described = Images.Describe([.. image, .. behind], new GenerationMetadata { Model = "openai:1@1" });
        MetadataReader.Read(new MemoryStream(described))!.Model.ShouldBe("openai:1@1");
        described.AsSpan().EndsWith(behind).ShouldBeTrue();
        Read(described).End.ShouldBe(described.Length - behind.Length);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_follows_the_end_survives_untouched(string format)
    {
        foreach (var behind in Behind())
        {
            var described = Images.Describe([.. Image(format), .. behind], new GenerationMetadata { Model = "openai:1@1" });

            described.AsSpan().EndsWith(behind).ShouldBeTrue();
            Read(described).End.ShouldBe(described.Length - behind.Length);
        }
    }

    [Fact]
    public void A_WEBP_whose_last_chunk_lacks_its_even_byte_gets_it_before_another_follows()
    {
        var image = Pictures.Webp(601);

        var described = Images.Describe(image, new GenerationMetadata { Model = "m" });

        MetadataReader.Read(new MemoryStream(described))!.Model.ShouldBe("m");
        Read(described).End.ShouldBe(described.Length);
        Images.Describe(described, new GenerationMetadata { Model = "n" }).Length.ShouldBe(described.Length);
    }

    [Fact]
    public void A_hostile_file_of_empty_parts_fills_no_memory()
    {
        var chunk = Pictures.Chunk("tEXt"u8, []);
        using var image = new MemoryStream();
        image.Write(Pictures.Png().AsSpan(0, 33));
        for (var i = 0; i < 1_000_100; i++)
        {
            image.Write(chunk);
        }

        ImageContainer.Read(image)!.Parts.Count.ShouldBeLessThanOrEqualTo(1_000_000);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Pixels_have_one_hash_whatever_stands_beside_them(string format)
    {
        var image = Image(format);
        var hash = Hash(image);

        Hash([.. image, 1, 2, 3]).ShouldBe(hash);
        Hash(Images.Describe(image, new GenerationMetadata { Model = "m" })).ShouldBe(hash);
        Hash(format switch { "JPG" => Pictures.Jpeg(601), "PNG" => Pictures.Png(601), _ => Pictures.Webp(602) }).ShouldNotBe(hash);
        Hash(image[..^1]).ShouldBeNull();
    }

    private static byte[][] Behind() => [[0], new byte[70_000], [0x0A], Pictures.Jpeg(), Pictures.Png(), [0xFF, 0xD9], [.. "IEND"u8, 0xAE, 0x42, 0x60, 0x82]];

    private static byte[] Image(string format) => format switch { "JPG" => Pictures.Jpeg(), "PNG" => Pictures.Png(), _ => Pictures.Webp() };

    private static ImageContainer Read(byte[] image) => ImageContainer.Read(new MemoryStream(image))!;

    private static byte[]? Hash(byte[] image) => Read(image).HashPixels(new MemoryStream(image));
}
