using System.IO.Compression;
using System.Text;

namespace RunwarePS.Core.Tests;

/// <summary>Metadata that other programs rewrote is still read, and an image that has metadata gets it into the same packet.</summary>
public sealed class XmpTests
{
    private const string Own = "https://github.com/runwareps/RunwarePS/xmp/1.0/";
    private const string Id = "8b8b8b8b-0002-4000-8000-000000000002";
    private const string Caption = "<dc:description><rdf:Alt><rdf:li xml:lang='de'>eine Katze</rdf:li><rdf:li xml:lang='x-default'>a cat</rdf:li></rdf:Alt></dc:description>";

    private static readonly GenerationMetadata s_facts = new() { Prompt = "a cat", Model = "openai:1@1", ImageUuid = Talk.B, Cost = 0.167m };

    private static readonly Dictionary<string, string> s_spellings = new(StringComparer.Ordinal)
    {
        ["one description"] = $"<rdf:Description rdf:about=''>{Caption}<r:Model>openai:1@1</r:Model><r:Cost>0.167</r:Cost><r:ImageUuid>{Id}</r:ImageUuid></rdf:Description>",
        ["one for each namespace"] = $"<rdf:Description rdf:about=''>{Caption}</rdf:Description>"
            + $"<rdf:Description rdf:about=''><r:Model>openai:1@1</r:Model><r:Cost>0.167</r:Cost><r:ImageUuid>{Id}</r:ImageUuid></rdf:Description>",
        ["ours first"] = $"<rdf:Description><r:Model>openai:1@1</r:Model><r:Cost>0.167</r:Cost><r:ImageUuid>{Id}</r:ImageUuid></rdf:Description><rdf:Description>{Caption}</rdf:Description>",
        ["attributes"] = $"<rdf:Description rdf:about='' r:Model='openai:1@1' r:Cost='0.167' r:ImageUuid='{Id}'>{Caption}</rdf:Description>",
        ["attributes, all of them"] = $"<rdf:Description r:Model='openai:1@1' r:Cost='0.167' r:ImageUuid='{Id}' dc:description='a cat'/>",
        ["a typed node"] = $"<r:Image rdf:about='uuid:1' r:Model='openai:1@1' r:Cost='0.167'>{Caption}<r:ImageUuid>{Id}</r:ImageUuid></r:Image>",
        ["values with qualifiers"] = $"<rdf:Description>{Caption}<r:Model rdf:parseType='Resource'><rdf:value>openai:1@1</rdf:value><r:Note>x</r:Note></r:Model>"
            + $"<r:Cost><rdf:Description rdf:value='0.167' r:Note='x'/></r:Cost><r:ImageUuid><rdf:Description><rdf:value>{Id}</rdf:value></rdf:Description></r:ImageUuid></rdf:Description>",
        ["lists of one and resources"] = $"<rdf:Description>{Caption}<r:Model rdf:resource='openai:1@1'/><r:Cost><rdf:Seq><rdf:li>0.167</rdf:li></rdf:Seq></r:Cost>"
            + $"<r:ImageUuid><rdf:Bag><rdf:li rdf:resource='{Id}'/></rdf:Bag></r:ImageUuid></rdf:Description>",
    };

    public static TheoryData<string> Spellings => [.. s_spellings.Keys];

    public static TheoryData<string> Formats => new("JPG", "PNG", "WEBP");

    [Theory]
    [MemberData(nameof(Spellings))]
    public void The_same_facts_are_read_however_a_program_spells_them(string spelling) => Xmp.Read([Packet(s_spellings[spelling])]).ShouldBe(s_facts);

    [Theory]
    [MemberData(nameof(Spellings))]
    public void A_packet_of_any_spelling_is_written_anew_without_the_facts_of_before(string spelling)
    {
        var merged = Xmp.Merge(s_facts with { Model = "another", Cost = null, Tag = "t" }, [Packet(s_spellings[spelling])])!;

        Xmp.Read([merged]).ShouldBe(s_facts with { Model = "another", Cost = null, Tag = "t" });
        Encoding.UTF8.GetString(merged).ShouldNotContain("0.167");
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-8")]
    public void A_packet_of_any_encoding_is_read_with_and_without_its_mark(string encoding)
    {
        var text = Encoding.UTF8.GetString(Packet(s_spellings["attributes"]));
        var bytes = Encoding.GetEncoding(encoding);

        Xmp.Read([bytes.GetBytes(text)]).ShouldBe(s_facts);
        Xmp.Read([[.. bytes.GetPreamble(), .. bytes.GetBytes(text)]]).ShouldBe(s_facts);
    }

    [Fact]
    public void What_is_reported_of_other_images_in_a_packet_is_not_reported_of_this_one() =>
        Xmp.Read([Packet($"<rdf:Description dc:format='image/png'><r:Pantry><rdf:Bag><rdf:li>{s_spellings["attributes"]}</rdf:li></rdf:Bag></r:Pantry></rdf:Description>")])!.Model.ShouldBeNull();

    [Fact]
    public void A_value_that_is_wrapped_without_end_is_unknown()
    {
        var deep = string.Concat(Enumerable.Repeat("<rdf:Description><rdf:value>", 5000)) + "x" + string.Concat(Enumerable.Repeat("</rdf:value></rdf:Description>", 5000));

        Xmp.Read([Packet($"<rdf:Description><r:Model>{deep}</r:Model><r:Tag>t</r:Tag></rdf:Description>")]).ShouldBe(new GenerationMetadata { Tag = "t" });
    }

    [Theory]
    [InlineData("2026-01-02T03:04:05Z", true)]
    [InlineData("2026-01-02T05:04:05+02:00", true)]
    [InlineData("2026-01-02T03:04:05.000Z", true)]
    [InlineData("2026-01-02T03:04:05", false)]
    [InlineData("2026-01", false)]
    [InlineData("02/01/2026", false)]
    public void A_time_is_read_if_it_states_which(string text, bool isKnown) =>
        Xmp.Read([Packet($"<rdf:Description r:Tag='t' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:CreateDate='{text}'/>")])!
            .CreatedAt.ShouldBe(isKnown ? new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc) : null);

    [Theory]
    [InlineData("iTXt", false)]
    [InlineData("iTXt", true)]
    [InlineData("zTXt", true)]
    [InlineData("tEXt", false)]
    public void A_PNG_keeps_its_packet_in_several_kinds_of_chunks(string kind, bool isCompressed)
    {
        var packet = isCompressed ? Deflate(Packet(s_spellings["attributes"])) : Packet(s_spellings["attributes"]);
        byte[] head = kind switch { "iTXt" => [isCompressed ? (byte)1 : (byte)0, 0, .. "en\0XMP\0"u8], "zTXt" => [0], _ => [] };
        var image = Pictures.Png().With(kind, [.. "XML:com.adobe.xmp\0"u8, .. head, .. packet], atEnd: true);

        MetadataReader.Read(new MemoryStream(image)).ShouldBe(s_facts);
        ShouldHaveOnePacket(Images.Describe(image, s_facts with { Tag = "t" }), s_facts with { Tag = "t" });
    }

    [Fact]
    public void A_chunk_that_cannot_be_unpacked_is_no_packet_and_is_never_replaced()
    {
        foreach (var packed in new[] { [1, 2, 3], Deflate(new byte[64 * 1024 * 1024]) })
        {
            var image = new MemoryStream(Pictures.Png().With("iTXt", [.. "XML:com.adobe.xmp\0"u8, 1, 0, 0, 0, .. packed]));

            MetadataReader.Read(image).ShouldBeNull();
            MetadataWriter.Plan(image, ImageContainer.Read(image)!, s_facts).Refusal.ShouldNotBeNull().ShouldContain("can't be read");
        }
    }

    [Fact]
    public void The_packet_of_a_JPEG_continues_in_as_many_segments_as_it_takes()
    {
        const string Guid = "0123456789ABCDEF0123456789ABCDEF";
        var filling = new string('x', 150_000);
        var extension = Packet($"<rdf:Description dc:format='{filling}'>{Caption}</rdf:Description>");
        var main = Packet($"<rdf:Description xmlns:n='http://ns.adobe.com/xmp/note/' n:HasExtendedXMP='{Guid}' r:Model='openai:1@1' r:Cost='0.167' r:ImageUuid='{Id}'/>");
        var image = Pictures.Jpeg();
        foreach (var at in new[] { 120_000, 0, 60_000 }) // in any order
        {
            image = image.With("E1", Extension(Guid, extension, at, Math.Min(60_000, extension.Length - at)));
        }

        image = image.With("E1", Extension("ANOTHERFILESEXTENSION00000000000", Packet("<rdf:Description dc:description='left over'/>"), 0, null));
        var whole = image.With("E1", [.. MetadataFinder.JpegHead, .. main]);

        MetadataReader.Read(new MemoryStream(whole)).ShouldBe(s_facts);
        MetadataReader.Read(new MemoryStream(Pictures.Jpeg().With("E1", Extension(Guid, extension, 0, 60_000)).With("E1", [.. MetadataFinder.JpegHead, .. main])))
            .ShouldBe(s_facts with { Prompt = null });
        var described = Images.Describe(whole, s_facts with { Prompt = "a dog" });
        MetadataReader.Read(new MemoryStream(described)).ShouldBe(s_facts with { Prompt = "a dog" });
        Images.Packets(described).Count.ShouldBe(2, "the packet, and its extension");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_image_with_a_packet_gets_one_packet_that_keeps_what_it_reported(string format)
    {
        var foreign = Packet("<rdf:Description rdf:about='uuid:7' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='5' xmp:CreatorTool='Their tool'>"
            + "<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li></rdf:Seq></dc:creator></rdf:Description>");
        var image = WithPacket(format, foreign);

        var described = Images.Describe(Images.Describe(image, s_facts), s_facts with { Tag = "again" });

        ShouldHaveOnePacket(described, s_facts with { Tag = "again" });
        var text = Encoding.UTF8.GetString(Images.Packets(described)[0].Xml!);
        text.ShouldContain("xmp:Rating=\"5\"");
        text.ShouldContain("<rdf:li>Ann</rdf:li>");
        text.ShouldContain("Their tool");
        text.ShouldNotContain("RunwarePS 0");
        text.Split("rdf:about=\"uuid:7\"").Length.ShouldBe(3, "theirs and ours, about the same image");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_description_of_another_program_stays_and_is_not_taken_for_the_prompt(string format)
    {
        var foreign = Packet($"<rdf:Description xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:CreateDate='2020-01-01T00:00:00Z'>{Caption}</rdf:Description>");
        var facts = s_facts with { Prompt = "a dog", CreatedAt = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc) };

        var described = Images.Describe(WithPacket(format, foreign), facts);

        ShouldHaveOnePacket(described, facts);
        Encoding.UTF8.GetString(Images.Packets(described)[0].Xml!).ShouldContain("a cat");
        ShouldHaveOnePacket(Images.Describe(WithPacket(format, foreign), facts with { Prompt = null, CreatedAt = null }), facts with { Prompt = null, CreatedAt = null });
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Several_packets_become_one_and_nothing_they_state_is_lost(string format)
    {
        var first = Packet("<rdf:Description dc:format='first' dc:source='theirs'/>");
        var second = Packet($"<rdf:Description dc:format='second' dc:rights='all' r:Model='old' r:ImageUuid='{Id}'/>");
        var image = format == "WEBP" ? WithPacket(format, first).With("XMP ", second) : WithPacket(format, second, first);

        MetadataReader.Read(new MemoryStream(image))!.ImageUuid.ShouldBe(Talk.B);
        var described = Images.Describe(image, s_facts);

        ShouldHaveOnePacket(described, s_facts);
        var text = Encoding.UTF8.GetString(Images.Packets(described)[0].Xml!);
        text.ShouldContain("theirs");
        text.ShouldContain("rights");
        text.ShouldContain("\"first\"");
        text.ShouldNotContain("\"second\"");
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_packet_that_cannot_be_read_stays_as_it_is(string format)
    {
        foreach (var broken in new[] { "<x:xmpmeta", "no XML", "<a/>", "" })
        {
            var image = new MemoryStream(WithPacket(format, Encoding.UTF8.GetBytes(broken)));

            MetadataWriter.Plan(image, ImageContainer.Read(image)!, s_facts).Refusal.ShouldNotBeNull().ShouldContain("can't be read");
        }
    }

    [Theory]
    [InlineData("PNG", "caBX", false)]
    [InlineData("PNG", "caBX", true)]
    [InlineData("JPG", "EB", false)]
    [InlineData("JPG", "EB", true)]
    [InlineData("WEBP", "C2PA", false)]
    public void A_signed_image_is_not_touched(string format, string kind, bool atEnd)
    {
        byte[] box = [.. "????jumb????jumdc2pa"u8];
        var signed = Image(format).With(kind, format == "JPG" ? [.. "JP"u8, 0, 1, 0, 0, 0, 1, .. box] : box, atEnd);

        Refusal(signed).ShouldNotBeNull().ShouldContain("C2PA");
        Refusal([.. Image(format), .. signed]).ShouldBeNull("it isn't signed itself");
    }

    [Theory]
    [InlineData("https://cai.example/manifests/7", true)]
    [InlineData(" http://cai.example/7", true)]
    [InlineData("self#jumbf=/c2pa/urn:uuid:7", false)] // of a manifest that was removed
    [InlineData("Given by Ann", false)]
    public void An_image_that_names_a_remote_manifest_is_signed(string place, bool isSigned)
    {
        foreach (var format in new[] { "JPG", "PNG", "WEBP" })
        {
            var attribute = WithPacket(format, Packet($"<rdf:Description xmlns:t='http://purl.org/dc/terms/' t:provenance='{place}'/>"));
            var element = WithPacket(format, Packet($"<rdf:Description xmlns:t='http://purl.org/dc/terms/'><t:provenance>{place}</t:provenance></rdf:Description>"));

            (Refusal(attribute) is not null).ShouldBe(isSigned);
            (Refusal(element) is not null).ShouldBe(isSigned);
        }
    }

    [Fact]
    public void A_JPEG_that_holds_further_images_is_not_touched() =>
        Refusal(Pictures.Jpeg().With("E2", [.. "MPF\0"u8, 0, 0])).ShouldNotBeNull().ShouldContain("more images");

    private static void ShouldHaveOnePacket(byte[] image, GenerationMetadata facts)
    {
        Images.Packets(image).ShouldHaveSingleItem();
        MetadataReader.Read(new MemoryStream(image)).ShouldBe(facts);
        ImageContainer.Read(new MemoryStream(image))!.End.ShouldBe(image.Length);
    }

    private static string? Refusal(byte[] image)
    {
        var stream = new MemoryStream(image);
        return MetadataWriter.Plan(stream, ImageContainer.Read(stream)!, s_facts).Refusal;
    }

    private static byte[] Image(string format) => format switch { "JPG" => Pictures.Jpeg(), "PNG" => Pictures.Png(), _ => Pictures.Webp() };

    private static byte[] WithPacket(string format, params byte[][] packets) => packets.Aggregate(Image(format), (image, packet) => format switch
    {
        "JPG" => image.With("E1", [.. MetadataFinder.JpegHead, .. packet]),
        "PNG" => image.With("iTXt", [.. MetadataFinder.PngKeyword, 0, 0, 0, 0, 0, .. packet]),
        _ => image.With("XMP ", packet),
    });

    private static byte[] Extension(string guid, byte[] whole, int at, int? length) =>
    [
        .. "http://ns.adobe.com/xmp/extension/\0"u8, .. Encoding.ASCII.GetBytes(guid), .. BigEndian(whole.Length), .. BigEndian(at),
        .. whole.AsSpan(at, length ?? whole.Length - at),
    ];

    private static byte[] BigEndian(int value)
    {
        var bytes = new byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Packet(string nodes) => Encoding.UTF8.GetBytes(
        $"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:r='{Own}'>{nodes}</rdf:RDF></x:xmpmeta>");

    private static byte[] Deflate(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            stream.Write(bytes);
        }

        return packed.ToArray();
    }
}
