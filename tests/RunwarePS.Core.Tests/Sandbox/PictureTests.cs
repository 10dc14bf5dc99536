using System.Net;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.SampleMedia;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

public sealed class PictureTests
{
    private static readonly Guid s_task = Guid.Parse("581b618a-3399-4d68-8957-0c31b9bfd2a2");

    public static TheoryData<string, int, int> Sizes()
    {
        var data = new TheoryData<string, int, int>();
        foreach (var format in Enum.GetNames<SandboxImageFormat>())
        {
            foreach (var (width, height) in new[] { (1, 1), (7, 9), (100, 37), (1024, 1024), (1536, 1024), (1, 4096), (4096, 1) })
            {
                data.Add(format, width, height);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void PictureHasTheSizeAskedFor(string format, int width, int height)
    {
        var picture = new Placeholder(width, height, Enum.Parse<SandboxImageFormat>(format), Transparent: false, "A fox", s_task, 0).Render();

        PictureHeader.Read(picture).ShouldBe(new PictureHeader(format.ToLowerInvariant(), width, height));
    }

    [Theory]
    [InlineData("Jpg")]
    [InlineData("Png")]
    [InlineData("Webp")]
    [InlineData("Tiff")]
    public void SamePictureHasTheSameBytesAndNoOther(string format)
    {
        var picture = new Placeholder(256, 256, Enum.Parse<SandboxImageFormat>(format), Transparent: false, "A fox", s_task, 0);
        var bytes = picture.Render();

        picture.Render().ShouldBe(bytes);
        (picture with { Index = 1 }).Render().ShouldNotBe(bytes);
        (picture with { Prompt = "A bear" }).Render().ShouldNotBe(bytes);
        (picture with { TaskUuid = Guid.NewGuid() }).Render().ShouldNotBe(bytes);
    }

    [SkippableTheory]
    [InlineData("Jpg", false)]
    [InlineData("Png", false)]
    [InlineData("Webp", false)]
    [InlineData("Png", true)]
    [InlineData("Webp", true)]
    [InlineData("Tiff", false)]
    [InlineData("Tiff", true)]
    public void Another_program_decodes_the_same_color_from_each_format(string format, bool transparent)
    {
        using var folder = new TempFolder();
        foreach (var (width, height, prompt) in new[] { (1, 1, "A fox"), (7, 9, "A bear"), (100, 37, "A tram"), (1536, 1024, "A boat") })
        {
            byte[] Color(string encoded, bool withAlpha)
            {
                var picture = new Placeholder(width, height, Enum.Parse<SandboxImageFormat>(encoded), withAlpha, prompt, s_task, 0);
                var (file, pixels) = (folder.Of($"{prompt}.{encoded}"), folder.Of("pixels.rgba"));
                File.WriteAllBytes(file, picture.Render());
                File.Delete(pixels);
                Tool.Make(pixels, "magick", file, "-depth", "8", $"RGBA:{pixels}");
                var decoded = File.ReadAllBytes(pixels);
                decoded.Length.ShouldBe(width * height * 4);
                decoded.Chunk(4).ShouldAllBe(pixel => pixel.SequenceEqual(decoded.Take(4)), "each pixel has the color of the first");
                return decoded[..4];
            }

            var (color, expected) = (Color(format, transparent), Color("Png", withAlpha: false));
            color[3].ShouldBe((byte)(transparent ? 128 : 255));
            color.Take(3).Zip(expected).ShouldAllBe(c => Math.Abs(c.First - c.Second) <= (format == "Jpg" ? 2 : 0));
        }
    }

    [Fact]
    public void TransparencyIsMarkedWhereTheFormatHasIt()
    {
        byte[] Render(SandboxImageFormat format, bool transparent) => new Placeholder(64, 64, format, transparent, "A fox", s_task, 0).Render();

        Render(SandboxImageFormat.Png, transparent: true).AsSpan().IndexOf("tRNS"u8).ShouldBeGreaterThan(0);
        Render(SandboxImageFormat.Png, transparent: false).AsSpan().IndexOf("tRNS"u8).ShouldBe(-1);
        (Render(SandboxImageFormat.Webp, transparent: true)[24] & 0x10).ShouldBe(0x10);
        (Render(SandboxImageFormat.Webp, transparent: false)[24] & 0x10).ShouldBe(0);
        Render(SandboxImageFormat.Jpg, transparent: true).ShouldBe(Render(SandboxImageFormat.Jpg, transparent: false));
    }

    [Theory]
    [InlineData("JPG", "image/jpeg")]
    [InlineData("PNG", "image/png")]
    [InlineData("WEBP", "image/webp")]
    public async Task PictureIsServedAtItsAddress(string format, string contentType)
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Image(width: 1536);
        task["outputFormat"] = format;
        var address = (string)(await client.SendAsync(task)).Data[0]!["imageURL"]!;

        using var response = await client.Http.GetAsync(new Uri(address));

        response.Content.Headers.ContentType!.MediaType.ShouldBe(contentType);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        response.Content.Headers.ContentLength.ShouldBe(bytes.Length);
        PictureHeader.Read(bytes).ShouldBe(new PictureHeader(format.ToLowerInvariant(), 1536, 1024));
    }

    [Fact]
    public async Task ReferenceImagesAndBackgroundAreAccepted()
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Image();
        task["outputFormat"] = "PNG";
        task["outputType"] = "base64Data";
        task["inputs"] = new JsonObject { ["referenceImages"] = new JsonArray(new string('A', 1_000_000)) };
        task["providerSettings"] = new JsonObject { ["openai"] = new JsonObject { ["background"] = "transparent" } };

        var reply = await client.SendAsync(task);

        Convert.FromBase64String((string)reply.Data[0]!["imageBase64Data"]!).AsSpan().IndexOf("tRNS"u8).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task WhatWasNotGeneratedIsNotFound()
    {
        using var client = new SandboxClient();
        var address = (string)(await client.SendAsync(SandboxClient.Image())).Data[0]!["imageURL"]!;

        foreach (var wrong in new[] { address.Replace("-0.", "-1.", StringComparison.Ordinal), address.Replace(".jpg", ".png", StringComparison.Ordinal) })
        {
            using var response = await client.Http.GetAsync(new Uri(wrong));
            response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        }
    }
}
