using System.Buffers.Binary;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using RunwarePS.Sandbox;
using RunwarePS.Sandbox.Files;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

/// <summary>The sample files: players and viewers open them, and no two results have the same bytes.</summary>
public sealed class MediaFileTests
{
    private static readonly Guid s_task = Guid.Parse("581b618a-3399-4d68-8957-0c31b9bfd2a2");

    [Theory]
    [InlineData("MP4")]
    [InlineData("MOV")]
    [InlineData("WEBM")]
    [InlineData("MP3")]
    [InlineData("OGG")]
    [InlineData("FLAC")]
    [InlineData("WAV")]
    [InlineData("SVG")]
    [InlineData("GLB")]
    [InlineData("FBX")]
    [InlineData("safetensors")]
    public void SameSeedHasTheSameBytesAndNoOther(string name)
    {
        var bytes = Render(name);

        bytes.Length.ShouldBeInRange(60, 6000);
        Render(name).ShouldBe(bytes);
        Render(name, index: 1).ShouldNotBe(bytes);
        FileFormat.Of(bytes).Name.ShouldBe(name is "FBX" or "safetensors" ? "" : name);
    }

    [SkippableTheory]
    [InlineData("MP4", false, "h264", "aac")]
    [InlineData("MOV", false, "h264", "aac")]
    [InlineData("MOV", true, "qtrle")]
    [InlineData("WEBM", false, "vp9", "opus")]
    [InlineData("WEBM", true, "vp9")]
    [InlineData("MP3", false, "mp3")]
    [InlineData("OGG", false, "opus")]
    [InlineData("FLAC", false, "flac")]
    [InlineData("WAV", false, "pcm_u8")]
    public void PlayerDecodesIt(string name, bool transparent, params string[] codecs)
    {
        using var folder = new TempFolder();
        var file = folder.Of("sample." + name.ToLowerInvariant());
        File.WriteAllBytes(file, Render(name, transparent: transparent));

        var streams = Tool.Run("ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", file);
        Skip.If(streams is null, "ffprobe isn't installed on this machine");
        streams.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ShouldBe(codecs);

        Skip.If(OperatingSystem.IsWindows(), "there's no sh");
        Tool.Run("sh", "-c", $"ffmpeg -v {(name == "WAV" ? "error" : "warning")} -i '{file}' -f null - 2>&1").ShouldBe("", "there's nothing to warn of");
    }

    [Fact]
    public void WavAndGlbSayTheirTrueLengths()
    {
        var (wav, glb) = (Render("WAV"), Render("GLB"));

        BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(4)).ShouldBe(wav.Length - 8);
        BinaryPrimitives.ReadInt32LittleEndian(wav.AsSpan(40)).ShouldBe(wav.Length - 44);
        BinaryPrimitives.ReadInt32LittleEndian(glb.AsSpan(8)).ShouldBe(glb.Length);
        var json = BinaryPrimitives.ReadInt32LittleEndian(glb.AsSpan(12));
        (json % 4).ShouldBe(0);
        var scene = JsonNode.Parse(glb.AsSpan(20, json))!;
        ((int)scene["buffers"]![0]!["byteLength"]!).ShouldBe(BinaryPrimitives.ReadInt32LittleEndian(glb.AsSpan(20 + json)));
        glb.Length.ShouldBe(20 + json + 8 + 36);
    }

    [Fact]
    public void SvgIsXmlAndSafetensorsHaveTheirHeader()
    {
        XDocument.Parse(System.Text.Encoding.UTF8.GetString(Render("SVG"))).Root!.Name.LocalName.ShouldBe("svg");

        var tensors = Render("safetensors");
        var header = (int)BinaryPrimitives.ReadInt64LittleEndian(tensors);
        JsonNode.Parse(tensors.AsSpan(8, header))!["lora.weight"]!["data_offsets"]![1]!.GetValue<int>().ShouldBe(tensors.Length - 8 - header);
    }

    [Fact]
    public void BoxesOfAVideoFillItExactly()
    {
        foreach (var name in (string[])["MP4", "MOV"])
        {
            var file = Render(name);
            var names = new List<string>();
            var at = 0;
            while (at < file.Length)
            {
                names.Add(System.Text.Encoding.ASCII.GetString(file, at + 4, 4));
                at += BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            }

            at.ShouldBe(file.Length);
            names.ShouldContain("moov", StringComparer.Ordinal);
            names[^1].ShouldBe("free");
        }
    }

    [Theory]
    [InlineData("PNG", true)]
    [InlineData("WEBP", true)]
    [InlineData("JPG", false)]
    public async Task CutoutIsTransparentWhereItsFormatAllows(string format, bool transparent)
    {
        using var client = new SandboxClient();

        var item = await client.OneAsync(SandboxClient.Task(
            $$$"""{"taskType":"removeBackground","model":"runware:109@1","inputs":{"image":"https://files.example/a.png"},"outputFormat":"{{{format}}}"}"""));

        var file = await client.DownloadAsync(item["imageURL"]);
        var hasAlpha = format == "PNG" ? file.AsSpan().IndexOf("tRNS"u8) > 0 : format == "WEBP" && (file[24] & 0x10) != 0;
        hasAlpha.ShouldBe(transparent);
    }

    [Theory]
    [InlineData("videoInference", "klingai:kling-video@2.6-pro", "\"positivePrompt\":\"A fox\",\"width\":1920,\"height\":1080", "video/mp4")]
    [InlineData("3dInference", "tripo:v3.1@0", "\"positivePrompt\":\"A fox\"", "model/gltf-binary")]
    public async Task FileHasItsContentType(string type, string model, string keys, string mediaType)
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Task($$"""{"taskType":"{{type}}","model":"{{model}}",{{keys}}}""");
        await client.SendAsync(task);
        var item = await client.OneAsync(SandboxClient.GetResponse((string)task["taskUUID"]!));

        using var response = await client.Http.GetAsync(new Uri((string)(item["videoURL"] ?? item["outputs"]!["files"]![0]!["url"])!));

        response.Content.Headers.ContentType!.MediaType.ShouldBe(mediaType);
    }

    private static byte[] Render(string name, int index = 0, bool transparent = false)
    {
        var format = new[]
        {
            FileFormat.Mp4, FileFormat.Mov, FileFormat.Webm, FileFormat.Mp3, FileFormat.Ogg, FileFormat.Flac, FileFormat.Wav, FileFormat.Svg, FileFormat.Glb, FileFormat.Fbx,
            FileFormat.Safetensors,
        }.Single(f => f.Name == name);
        return SampleFile.Render(format, new FileSeed("A fox", s_task, index), transparent);
    }
}
