using RunwarePS.Sandbox.SampleMedia;

namespace RunwarePS.Core.Tests;

public sealed class MetadataTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Formats => new("JPG", "PNG", "WEBP");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_is_written_is_read_again(string format)
    {
        var written = Sample("a tram & \"rain\" <in> the 🚋 tunnel\u0001\nsecond line");

        var read = Read(With(Picture(format), format, written));

        read.ShouldBe(written with { Prompt = "a tram & \"rain\" <in> the 🚋 tunnel\uFFFD\nsecond line" });
    }

    [Theory]
    [InlineData("one\r\ntwo\rthree\nfour")]
    [InlineData("\r\n a tram \t\r\n")]
    [InlineData(" ")]
    [InlineData("]]> &#13; &amp; <b> 'a' \"b\"")]
    [InlineData("next\u0085line, line\u2028separator, 🚋")]
    public void A_prompt_reads_back_to_the_character_where_XML_can_carry_it(string prompt) =>
        Xmp.Read([Xmp.Write(new GenerationMetadata { Prompt = prompt, Tag = prompt })]).ShouldBe(new GenerationMetadata { Prompt = prompt, Tag = prompt });

    [Fact]
    public void What_XML_cannot_carry_at_all_becomes_the_replacement_character() =>
        Xmp.Read([Xmp.Write(Sample("\0\u0001\e|\uFFFE\uFFFF|\uD83D"))])!.Prompt.ShouldBe("\uFFFD\uFFFD\uFFFD|\uFFFD\uFFFD|\uFFFD");

    [Theory]
    [MemberData(nameof(Formats))]
    public void Of_a_large_image_only_the_heads_and_the_packet_are_read(string format)
    {
        const int Large = 8 * 1024 * 1024;
        byte[] filling = format switch
        {
            "PNG" => [0, 0x80, 0, 0, .. "tEXt"u8, .. new byte[Large], 0, 0, 0, 0],
            "JPG" => [.. Enumerable.Range(0, Large / 65535).SelectMany(_ => (byte[])[0xFF, 0xE0, 0xFF, 0xFF, .. new byte[65533]])],
            _ => [.. "EXIF"u8, 0, 0, 0x80, 0, .. new byte[Large]],
        };
        var with = With(Picture(format), format, Sample("a tram"));
        var first = format switch { "PNG" => 33, "JPG" => 2, _ => 30 };
        byte[] large = [.. with[..first], .. filling, .. with[first..]];
        if (format == "WEBP")
        {
            BitConverter.GetBytes(large.Length - 8).CopyTo(large, 4);
        }

        using var picture = new CountingStream(large);

        MetadataReader.Read(picture)!.Prompt.ShouldBe("a tram");

        picture.BytesRead.ShouldBeLessThan(with.Length - Picture(format).Length + 2048);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_codes_the_pixels_is_copied_byte_for_byte(string format)
    {
        var picture = Picture(format);
        var with = With(picture, format, Sample("a tram"));

        var pixels = picture.AsSpan(format == "WEBP" ? 12 : format == "PNG" ? 33 : 20);
        with.AsSpan().IndexOf(pixels).ShouldBeGreaterThan(0);
        with.Length.ShouldBeGreaterThan(picture.Length);
        ImageFormat.Detect(with)!.Name.ShouldBe(format);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void An_image_that_breaks_off_anywhere_harms_no_other(string format)
    {
        var with = With(Picture(format), format, Sample("a tram"));
        for (var length = 0; length < Math.Min(with.Length, 3000); length++)
        {
            Should.NotThrow(() => Read(with[..length]));
        }
    }

    [Fact]
    public void A_prompt_that_no_JPEG_segment_holds_leaves_the_image_as_it_was() =>
        Plan(Picture("JPG"), Sample(new string('x', 66_000))).Refusal.ShouldNotBeNull().ShouldContain("64 KB");

    [Theory]
    [InlineData("")]
    [InlineData("<a><b></a>")]
    [InlineData("<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>")]
    [InlineData("<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"/>")]
    public void Foreign_or_hostile_XMP_is_ignored(string text) => Xmp.Read([System.Text.Encoding.UTF8.GetBytes(text)]).ShouldBeNull();

    [Fact]
    public async Task The_same_image_saved_again_counts_as_saved_though_the_file_grew()
    {
        var image = new RunwareImage { TaskUuid = Talk.A, ImageUuid = Talk.B, Prompt = "a tram" };
        image.SetBytes(Picture("PNG"), mediaType: null);
        var first = (await Saver().SaveAsync(image, Options("a"), CancellationToken.None)).Path;
        var before = await File.ReadAllBytesAsync(first);
        image.CreatedAt = DateTime.UtcNow;

        (await Saver().SaveAsync(image, Options("a"), CancellationToken.None)).ShouldBe(new SavedFile(first, IsThisOutput: true));

        (await File.ReadAllBytesAsync(first)).ShouldBe(before);
        image.ImageUuid = Talk.A;
        (await Should.ThrowAsync<RunwareException>(() => Saver().SaveAsync(image, Options("a"), CancellationToken.None))).Code.ShouldBe("FileExists");
    }

    [Fact]
    public async Task Of_many_images_that_race_for_one_name_one_gets_it_and_none_is_replaced()
    {
        for (var round = 0; round < 20; round++)
        {
            var name = FormattableString.Invariant($"race-{round}");
            var saver = Saver();
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
            {
                var image = new RunwareImage { ImageUuid = Guid.NewGuid() };
                image.SetBytes(Picture("JPG"), mediaType: null);
                try
                {
                    await saver.SaveAsync(image, Options(name), CancellationToken.None);
                    return image.ImageUuid;
                }
                catch (RunwareException e) when (e.Code == "FileExists")
                {
                    return (Guid?)null;
                }
            })));

            var winner = outcomes.OfType<Guid>().ShouldHaveSingleItem();
            MetadataReader.Read(_folder.Of(name + ".jpg"))!.ImageUuid.ShouldBe(winner);
        }

        Directory.GetFiles(_folder.Root, "*.part").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_sidecar_contains_the_same_as_the_image()
    {
        var image = new RunwareImage { TaskUuid = Talk.A, ImageUuid = Talk.B, Prompt = "a tram", Cost = 0.25m, CreatedAt = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc) };
        image.SetBytes(Picture("JPG"), mediaType: null);

        var path = (await Saver().SaveAsync(image, Options("a") with { Sidecar = true, Metadata = false }, CancellationToken.None)).Path;

        File.Exists(path + ".json").ShouldBeTrue();
        Read(await File.ReadAllBytesAsync(path)).ShouldBeNull();
        MetadataReader.Read(path).ShouldBe(GenerationMetadata.Of(image));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_file_in_the_place_of_the_sidecar_stays_unless_forced(bool force)
    {
        const string Notes = """{"title":"a.jpg","description":"my notes"}""";
        await File.WriteAllTextAsync(_folder.Of("a.jpg.json"), Notes);
        var image = new RunwareImage { TaskUuid = Talk.A, ImageUuid = Talk.B, Prompt = "a tram" };
        image.SetBytes(Picture("JPG"), mediaType: null);

        var saved = await Saver().SaveAsync(image, Options("a") with { Sidecar = true, Force = force }, CancellationToken.None);

        Read(await File.ReadAllBytesAsync(saved.Path))!.Prompt.ShouldBe("a tram", "the image isn't lost by it");
        _folder.Files.ShouldBe(["a.jpg", "a.jpg.json"]);
        (await File.ReadAllTextAsync(_folder.Of("a.jpg.json")) == Notes).ShouldBe(!force);
        (saved.SidecarFailure is null).ShouldBe(force);
        if (saved.SidecarFailure is { } failure)
        {
            failure.Code.ShouldBe("FileExists");
            failure.Message.ShouldContain(_folder.Of("a.jpg.json"));
            failure.RecommendedAction.ShouldContain("-Force");
        }
    }

    [Fact]
    public async Task The_sidecar_of_the_same_image_counts_as_written_and_that_of_another_does_not()
    {
        var image = new RunwareImage { TaskUuid = Talk.A, ImageUuid = Talk.B, Prompt = "a tram", CreatedAt = DateTime.UtcNow };
        image.SetBytes(Picture("JPG"), mediaType: null);
        var options = Options("a") with { Sidecar = true };
        (await Saver().SaveAsync(image, options, CancellationToken.None)).SidecarFailure.ShouldBeNull();
        var before = await File.ReadAllTextAsync(_folder.Of("a.jpg.json"));
        image.CreatedAt = DateTime.UnixEpoch;

        (await Saver().SaveAsync(image, options, CancellationToken.None)).SidecarFailure.ShouldBeNull();
        File.Delete(_folder.Of("a.jpg"));
        image.ImageUuid = Talk.A;
        (await Saver().SaveAsync(image, options, CancellationToken.None)).SidecarFailure!.Code.ShouldBe("FileExists");

        (await File.ReadAllTextAsync(_folder.Of("a.jpg.json"))).ShouldBe(before);
        _folder.Files.ShouldBe(["a.jpg", "a.jpg.json"]);
    }

    [Fact]
    public async Task A_sidecar_that_cannot_be_written_costs_no_image()
    {
        Directory.CreateDirectory(_folder.Of("a.jpg.json"));
        var image = new RunwareImage { ImageUuid = Talk.B };
        image.SetBytes(Picture("JPG"), mediaType: null);

        var saved = await Saver().SaveAsync(image, Options("a") with { Sidecar = true }, CancellationToken.None);

        saved.SidecarFailure!.Code.ShouldBe("SaveFailed");
        File.Exists(saved.Path).ShouldBeTrue();
    }

    [Fact]
    public async Task Metadata_that_the_format_cannot_hold_stands_beside_the_image()
    {
        var image = new RunwareImage { TaskUuid = Talk.A, ImageUuid = Talk.B, Prompt = new string('x', 70_000), CreatedAt = DateTime.UnixEpoch };
        image.SetBytes(Picture("JPG"), mediaType: null);

        var saved = await Saver().SaveAsync(image, Options("a"), CancellationToken.None);

        saved.MetadataRefusal.ShouldNotBeNull().ShouldContain("64 KB");
        MetadataReader.Read(saved.Path).ShouldBe(GenerationMetadata.Of(image));
    }

    [Fact]
    public async Task A_sidecar_that_an_editor_saved_with_a_mark_is_still_read()
    {
        await File.WriteAllTextAsync(_folder.Of("a.png"), "no image");
        await File.WriteAllTextAsync(_folder.Of("a.png.json"), """{"creatorTool":"RunwarePS 1.0.0","prompt":"a tram"}""", new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        MetadataReader.Read(_folder.Of("a.png"))!.Prompt.ShouldBe("a tram");
    }

    [Fact]
    public async Task A_name_that_is_taken_is_skipped_on_request()
    {
        var image = new RunwareImage { ImageUuid = Talk.B };
        image.SetBytes(Picture("JPG"), mediaType: null);
        await File.WriteAllTextAsync(_folder.Of("a.jpg"), "something else");

        (await Saver().SaveAsync(image, Options("a") with { SkipExisting = true }, CancellationToken.None)).ShouldBe(new SavedFile(_folder.Of("a.jpg"), IsThisOutput: false));

        (await File.ReadAllTextAsync(_folder.Of("a.jpg"))).ShouldBe("something else");
    }

    [SkippableTheory]
    [MemberData(nameof(Formats))]
    public async Task Exiftool_reads_it_and_finds_nothing_wrong(string format)
    {
        var file = _folder.Of("a." + format.ToLowerInvariant());
        await File.WriteAllBytesAsync(file, With(Picture(format), format, Sample("a tram")));

        var said = Tool.Run("exiftool", "-s", "-validate", "-XMP:all", "-warning", "-error", file);

        Skip.If(said is null, "exiftool is not on this machine");
        said.ShouldContain("trainedAlgorithmicMedia");
        said.ShouldContain(": a tram");
        said.ShouldContain(": OK");
        said.ShouldNotContain("Warning");
        said.ShouldNotContain("Error");
    }

    [SkippableTheory]
    [MemberData(nameof(Formats))]
    public async Task ImageMagick_decodes_the_same_pixels_before_and_after(string format)
    {
        var before = _folder.Of("before." + format.ToLowerInvariant());
        var after = _folder.Of("after." + format.ToLowerInvariant());
        var picture = Picture(format);
        await File.WriteAllBytesAsync(before, picture);
        await File.WriteAllBytesAsync(after, With(picture, format, Sample("a tram")));

        var pixels = Tool.Pixels(before);

        Skip.If(pixels is null, "ImageMagick (magick or convert) is not on this machine");
        pixels.ShouldStartWith("96x64 ");
        Tool.Pixels(after).ShouldBe(pixels);
    }

    [Fact]
    public void A_simple_lossy_WEBP_becomes_an_extended_one_of_the_same_size()
    {
        byte[] picture = [.. "RIFF"u8, 30, 0, 0, 0, .. "WEBPVP8 "u8, 18, 0, 0, 0, 0, 0, 0, 0x9D, 0x01, 0x2A, 96, 0, 64, 0, .. new byte[8]];

        var with = With(picture, "WEBP", Sample("a tram"));

        with.AsSpan(12, 8).SequenceEqual((ReadOnlySpan<byte>)[.. "VP8X"u8, 10, 0, 0, 0]).ShouldBeTrue();
        with[20].ShouldBe((byte)0x04); // metadata, no alpha
        (with[24], with[27]).ShouldBe(((byte)95, (byte)63)); // one less than width and height
        Read(with)!.Prompt.ShouldBe("a tram");
    }

    [Fact]
    public void A_WEBP_of_an_unknown_kind_is_left_alone()
    {
        var picture = Picture("WEBP");
        "VP9?"u8.CopyTo(picture.AsSpan(12));

        Plan(picture, Sample("a tram")).Refusal.ShouldNotBeNull().ShouldContain("WEBP variant");
    }

    [Theory]
    [InlineData("{ \"prompt\": ")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"title":"a.png","description":"my notes"}""")]
    [InlineData("""{"prompt":"a tram","width":96,"height":64,"model":"theirs"}""")]
    [InlineData("""{"creatorTool":"Another","prompt":"a tram"}""")]
    [InlineData("""{"creatorTool":"RunwarePS 1.0.0","width":"wide"}""")]
    [InlineData("""{"creatorTool":7,"prompt":"a tram"}""")]
    [InlineData("""{"prompt":"a","prompt":"b"}""")]
    public void A_foreign_sidecar_is_ignored(string text)
    {
        var path = _folder.Of("a.png");
        File.WriteAllText(path, "no picture");
        File.WriteAllText(path + ".json", text);

        MetadataReader.Read(path).ShouldBeNull();
    }

    [Fact]
    public void A_file_that_cannot_be_read_or_claims_a_packet_beyond_reason_reports_nothing()
    {
        var huge = _folder.Of("huge.png");
        using (var file = File.Create(huge))
        {
            file.Write([.. Picture("PNG").AsSpan(0, 33), 0x40, 0, 0, 0, .. "iTXt"u8, .. MetadataFinder.PngKeyword, 0, 0, 0, 0, 0]);
            file.SetLength(2L * 1024 * 1024 * 1024); // holds no more than that on disk
        }

        MetadataReader.Read(huge).ShouldBeNull();
        MetadataReader.Read(_folder.Of("nowhere.png")).ShouldBeNull();
        MetadataReader.Read(_folder.Root).ShouldBeNull();
    }

    [Fact]
    public void What_killed_sessions_left_is_swept_and_nothing_else()
    {
        File.WriteAllText(_folder.Of(".runware-1f.part"), "half a picture");
        File.WriteAllText(_folder.Of("mine.part"), "somebody's");
        using var inUse = new FileStream(_folder.Of(".runware-2e.part"), FileMode.Create, FileAccess.Write, FileShare.None);

        AtomicFile.DeleteAbandoned(_folder.Root);
        AtomicFile.DeleteAbandoned(_folder.Of("nowhere"));

        _folder.Files.ShouldBe([".runware-2e.part", "mine.part"]);
    }

    private static GenerationMetadata? Read(byte[] picture) => MetadataReader.Read(new MemoryStream(picture));

    private static MetadataPlan Plan(byte[] picture, GenerationMetadata provenance)
    {
        var stream = new MemoryStream(picture);
        return MetadataWriter.Plan(stream, ImageContainer.Read(stream)!, provenance);
    }

    private static byte[] With(byte[] picture, string format, GenerationMetadata provenance)
    {
        ImageFormat.Detect(picture)!.Name.ShouldBe(format);
        return Images.Describe(picture, provenance);
    }

    private static byte[] Picture(string format) => new Placeholder(96, 64, Enum.Parse<SandboxImageFormat>(format, ignoreCase: true), Transparent: false, "a tram", Talk.A, 0).Render();

    private SaveOptions Options(string template) => new() { Folder = _folder.Root, Template = FileNameTemplate.Parse(template) };

    private static MediaSaver Saver() =>
        new(new MediaSource(() => throw new InvalidOperationException("Nothing is to be fetched here."), TimeSpan.FromSeconds(30), maxRetryCount: 0, TimeProvider.System));

    private static GenerationMetadata Sample(string prompt) => new()
    {
        Prompt = prompt,
        Model = "openai:1@1",
        Width = 96,
        Height = 64,
        OutputFormat = "PNG",
        Quality = "high",
        TaskUuid = Talk.A,
        ImageUuid = Talk.B,
        Index = 2,
        Seed = 7,
        Cost = 0.25m,
        Tag = "set",
        CreatedAt = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        RequestHash = "ABCD",
    };

    private sealed class CountingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public long BytesRead { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            var read = base.Read(buffer);
            BytesRead += read;
            return read;
        }
    }
}
