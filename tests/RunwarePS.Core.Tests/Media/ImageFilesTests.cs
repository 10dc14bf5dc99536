using System.Diagnostics.CodeAnalysis;

namespace RunwarePS.Core.Tests;

/// <summary>
/// Files that other programs made, through the saver: the same pixels, nothing that ExifTool has an objection to, and all that they held before.
/// </summary>
public sealed class ImageFilesTests : IDisposable
{
    private const int Padding = 5000;

    // An RGB profile with nothing but what one has to have.
    private const string SmallProfile =
        "AAAB4GxjbXMCEAAAbW50clJHQiBYWVogB+oAAQABAAAAAAAAYWNzcEFQUEwAAAAAbm9uZW5vbmUAAAAAAAAAAAAAAAAAAPbWAAEAAAAA0y1sY2"
        + "1zAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAJZGVzYwAAAPAAAABfY3BydAAAAVAAAAANd3RwdAAAAWAA"
        + "AAAUclhZWgAAAXQAAAAUZ1hZWgAAAYgAAAAUYlhZWgAAAZwAAAAUclRSQwAAAbAAAAAOZ1RSQwAAAcAAAAAOYlRSQwAAAdAAAAAOZGVzYwAAAA"
        + "AAAAAFdGVzdAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAdGV4dAAAAABub25lAAAAAFhZWiAAAAAAAAD21gABAAAAANMtWFlaIAAAAAAAAG+kAAA49gAAA49YWVogAAAAAAAAYpYAALeHAAAY3F"
        + "hZWiAAAAAAAAAkogAAD4MAALbPY3VydgAAAAAAAAABAjMAAGN1cnYAAAAAAAAAAQIzAABjdXJ2AAAAAAAAAAECMwAA";

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Kinds => new("png", "jpg", "progressive jpg", "lossy webp", "lossless webp", "animated webp", "alpha webp", "exif jpg", "exif webp", "icc png", "icc jpg", "icc webp",
        "xmp png", "xmp jpg", "xmp webp", "profile png");

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task Metadata_changes_no_pixel_and_costs_nothing_that_was_there(string kind)
    {
        var original = Make(kind);
        var image = Image(original);

        var saved = await SaveAsync(image);

        saved.MetadataRefusal.ShouldBeNull();
        MetadataReader.Read(saved.Path).ShouldBe(GenerationMetadata.Of(image));
        var pixels = Tool.Pixels(original);
        pixels.ShouldNotBeNullOrEmpty();
        Tool.Pixels(saved.Path).ShouldBe(pixels);
        Objections(saved.Path).Except(Objections(original), StringComparer.Ordinal).ShouldBeEmpty();
        Tags(original).Except(Tags(saved.Path), StringComparer.Ordinal).ShouldBeEmpty();
        Images.Packets(await File.ReadAllBytesAsync(saved.Path)).ShouldHaveSingleItem();
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_file_with_padding_is_saved_with_it(string kind)
    {
        var original = Make(kind);
        var pixels = Tool.Pixels(original);
        await File.WriteAllBytesAsync(original, [.. await File.ReadAllBytesAsync(original), .. new byte[Padding]]);

        var saved = await SaveAsync(Image(original));

        Tool.Pixels(saved.Path).ShouldBe(pixels);
        (await File.ReadAllBytesAsync(saved.Path))[^Padding..].ShouldAllBe(b => b == 0);
        MetadataReader.Read(saved.Path)!.Prompt.ShouldBe("a tram");
    }

    [SkippableTheory]
    [MemberData(nameof(Kinds))]
    public async Task A_file_that_breaks_off_leaves_nothing(string kind)
    {
        var original = Make(kind);
        var bytes = await File.ReadAllBytesAsync(original);
        File.Delete(original);
        foreach (var missing in new[] { 1, 2, 12, bytes.Length / 3, bytes.Length / 2, bytes.Length - 60 })
        {
            var image = new RunwareImage { TaskUuid = Talk.A, ImageBase64Data = Convert.ToBase64String(bytes[..^missing]) };
            await FailAsync(image);
        }

        // Text that was cut within a group of four.
        foreach (var missing in new[] { 1, 2, 3, 7 })
        {
            await FailAsync(new RunwareImage { ImageBase64Data = Convert.ToBase64String(bytes)[..^(missing + 8)] });
            await FailAsync(new RunwareImage { ImageDataUri = "data:image/png;base64," + Convert.ToBase64String(bytes)[..^(missing + 8)] });
        }
    }

    [SkippableTheory]
    [InlineData("png", "caBX")]
    [InlineData("jpg", "EB")]
    [InlineData("progressive jpg", "EB")]
    [InlineData("lossy webp", "C2PA")]
    [InlineData("animated webp", "C2PA")]
    public async Task A_signed_file_stays_byte_for_byte_and_its_metadata_stands_beside_it(string kind, string part)
    {
        var original = Make(kind);
        byte[] box = [.. "????jumb????jumdc2pa"u8];
        var signed = (await File.ReadAllBytesAsync(original)).With(part, part == "EB" ? [.. "JP"u8, 0, 1, 0, 0, 0, 1, .. box] : box);
        await File.WriteAllBytesAsync(original, signed);
        var image = Image(original);

        var saved = await SaveAsync(image);

        (await File.ReadAllBytesAsync(saved.Path)).ShouldBe(signed);
        saved.MetadataRefusal.ShouldNotBeNull().ShouldContain("C2PA");
        MetadataReader.Read(saved.Path).ShouldBe(GenerationMetadata.Of(image));
        (await SaveAsync(image)).Path.ShouldBe(saved.Path, "the same image saved again counts as saved");
        image.ImageUuid = Guid.NewGuid();
        (await Should.ThrowAsync<RunwareException>(() => SaveAsync(image))).Code.ShouldBe("FileExists");
    }

    [SkippableTheory]
    [InlineData("png", "exiftool", "-q", "-overwrite_original", "-XMP:Rating=5", "-XMP-dc:Creator=Ann", "{0}")]
    [InlineData("jpg", "exiftool", "-q", "-overwrite_original", "-XMP:Rating=5", "-EXIF:Artist=Ann", "{0}")]
    [InlineData("lossy webp", "exiftool", "-q", "-overwrite_original", "-XMP:Rating=5", "{0}")]
    [InlineData("alpha webp", "exiftool", "-q", "-overwrite_original", "-XMP:Rating=5", "-EXIF:Artist=Ann", "{0}")]
    [InlineData("png", "exiftool", "-q", "-overwrite_original", "-z", "-XMP:Rating=5", "{0}")]
    [InlineData("jpg", "magick", "{0}", "jpg:{0}")]
    public async Task What_another_program_rewrote_is_read_and_counts_as_saved(string kind, string program, params string[] arguments)
    {
        var image = Image(Make(kind));
        var saved = await SaveAsync(image);
        var before = await File.ReadAllBytesAsync(saved.Path);
        Tool.Make(saved.Path, program, Array.ConvertAll(arguments, a => a.Replace("{0}", saved.Path, StringComparison.Ordinal)));
        var after = await File.ReadAllBytesAsync(saved.Path);
        after.ShouldNotBe(before);

        MetadataReader.Read(saved.Path).ShouldBe(GenerationMetadata.Of(image));
        (await SaveAsync(image)).ShouldBe(new SavedFile(saved.Path, IsThisOutput: true));
        (await File.ReadAllBytesAsync(saved.Path)).ShouldBe(after);
    }

    [SkippableFact]
    public async Task What_ImageMagick_converts_is_read()
    {
        var image = Image(Make("jpg"));
        var saved = await SaveAsync(image);
        var converted = _folder.Of("converted.png");
        Tool.Make(converted, "magick", saved.Path, converted);

        MetadataReader.Read(converted).ShouldBe(GenerationMetadata.Of(image));
    }

    [SkippableTheory]
    [InlineData("png")]
    [InlineData("jpg")]
    [InlineData("lossy webp")]
    public async Task An_image_whose_metadata_was_removed_counts_as_saved(string kind)
    {
        var image = Image(Make(kind));
        var saved = await SaveAsync(image);
        Tool.Make(saved.Path, "exiftool", "-q", "-overwrite_original", "-all=", saved.Path);
        MetadataReader.Read(saved.Path).ShouldBeNull();

        (await SaveAsync(image)).Path.ShouldBe(saved.Path);
        var other = await File.ReadAllBytesAsync(Make(kind));
        other[other.Length / 2] ^= 1;
        image.SetBytes(other, mediaType: null);
        (await Should.ThrowAsync<RunwareException>(() => SaveAsync(image))).Code.ShouldBe("FileExists");
    }

    private async Task FailAsync(RunwareImage image)
    {
        (await Should.ThrowAsync<RunwareException>(() => SaveAsync(image))).Code.ShouldBe("DownloadFailed");
        Directory.Exists(_folder.Of("saved")).ShouldBeTrue();
        Directory.EnumerateFileSystemEntries(_folder.Of("saved")).ShouldBeEmpty();
    }

    private static string[] Objections(string file)
    {
        var said = Tool.Run("exiftool", "-validate", "-warning", "-error", "-a", file);
        Skip.If(said is null, "exiftool isn't installed on this machine");
        return [.. said.Split('\n').Where(line => line.StartsWith("Warning", StringComparison.Ordinal) || line.StartsWith("Error", StringComparison.Ordinal))];
    }

    /// <summary>What ExifTool reads, without what is told of the file itself.</summary>
    private static string[] Tags(string file)
    {
        var said = Tool.Run("exiftool", "-G1", "-s", "-a", "--System:all", "--ExifTool:all", "--Composite:all", "--XMP-x:all", file);
        Skip.If(said is null, "exiftool isn't installed on this machine");
        string[] ofContainer = ["[File] ", "[RIFF]"]; // that it is an extended WEBP now, and where its text begins
        return [.. said.Split('\n').Where(line => !Array.Exists(ofContainer, o => line.StartsWith(o, StringComparison.Ordinal)))];
    }

    private Task<SavedFile> SaveAsync(RunwareImage image) => new MediaSaver(new MediaSource(() => throw new InvalidOperationException(), TimeSpan.FromSeconds(30), maxRetryCount: 0, TimeProvider.System))
        .SaveAsync(image, new SaveOptions { Folder = _folder.Of("saved"), Template = FileNameTemplate.Parse("a") }, CancellationToken.None);

    private static RunwareImage Image(string file)
    {
        var image = new RunwareImage
        {
            TaskUuid = Talk.A, ImageUuid = Talk.B, Prompt = "a tram", Model = "openai:1@1", Width = 96, Height = 64, Cost = 0.25m, CreatedAt = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
        };
        image.SetBytes(File.ReadAllBytes(file), mediaType: null);
        return image;
    }

    /// <summary>Makes a file of a kind. Its last word is the format.</summary>
    [SuppressMessage("Security", "CA5394", Justification = "No secret.")]
    private string Make(string kind)
    {
        var format = kind.Split(' ')[^1];
        var file = _folder.Of($"{Guid.NewGuid():N}.{format}");
        var (first, second) = (_folder.Of("1.png"), _folder.Of("2.png"));
        string[] canvas = ["-size", "96x64", "-seed", "1"];
        string[] plain = ["-define", "png:exclude-chunks=date,time,tIME", "-strip"];
        if (format != "webp")
        {
            Tool.Make(file, "magick", [.. canvas, "plasma:red-blue", .. plain, "-interlace", kind.StartsWith("progressive", StringComparison.Ordinal) ? "JPEG" : "none", file]);
        }
        else
        {
            string[] alpha = kind == "alpha webp" ? ["-alpha", "set", "-channel", "A", "-evaluate", "set", "50%"] : [];
            Tool.Make(first, "magick", [.. canvas, "plasma:red-blue", .. alpha, .. plain, first]);
            Tool.Make(second, "magick", [.. canvas, "plasma:green-white", .. plain, second]);
            switch (kind)
            {
                case "animated webp":
                    Tool.Make(file, "img2webp", "-loop", "0", "-lossy", "-d", "50", first, second, "-o", file);
                    break;
                case "lossless webp":
                    Tool.Make(file, "cwebp", "-quiet", "-lossless", first, "-o", file);
                    break;
                default:
                    Tool.Make(file, "cwebp", "-quiet", first, "-o", file);
                    break;
            }
        }

        var addition = kind.Split(' ')[0] switch
        {
            "exif" => ["-EXIF:Artist=Ann", "-EXIF:Orientation#=1"],
            "icc" => [$"-ICC_Profile<={Profile()}"],
            "xmp" => ["-XMP:Rating=5", "-XMP-dc:Creator=Ann"],
            _ => Array.Empty<string>(),
        };
        if (addition.Length > 0)
        {
            Tool.Make(file, "exiftool", ["-q", "-overwrite_original", .. addition, file]);
        }

        if (kind == "profile png")
        {
            var other = Make("xmp jpg");
            Tool.Make(file, "magick", other, file); // ImageMagick puts the packet into a chunk of a kind of its own
            File.Delete(other);
        }

        return file;
    }

    private string Profile()
    {
        var file = _folder.Of("profile.icc");
        File.WriteAllBytes(file, Convert.FromBase64String(SmallProfile));
        return file;
    }
}
