using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox;
using RunwarePS.Sandbox.Files;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

/// <summary>Downloads in whole and in part.</summary>
public sealed class DownloadTests
{
    [Theory]
    [InlineData(0, 9, 0, 10)]
    [InlineData(10, null, 10, -1)]
    [InlineData(null, 7, -7, -1)]
    [InlineData(5, 1_000_000, 5, -1)]
    public async Task PartOfAFileIsThatPart(int? from, int? to, int start, int end)
    {
        using var client = new SandboxClient();
        var url = await ImageAsync(client);
        var whole = await client.Http.GetByteArrayAsync(url);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(from, to);

        using var response = await client.Http.SendAsync(request);

        response.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        var first = start < 0 ? whole.Length + start : start;
        var part = whole[first..(end < 0 ? whole.Length : end)];
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(part);
        response.Content.Headers.ContentRange!.ToString().ShouldBe($"bytes {first}-{first + part.Length - 1}/{whole.Length}");
    }

    [Fact]
    public async Task RangeBehindTheEndIsRefusedAndAnotherTagGetsTheWhole()
    {
        using var client = new SandboxClient();
        var url = await ImageAsync(client);
        using var whole = await client.Http.GetAsync(url);
        var length = whole.Content.Headers.ContentLength!.Value;
        whole.Headers.AcceptRanges.ShouldBe(["bytes"]);

        using var behind = new HttpRequestMessage(HttpMethod.Get, url);
        behind.Headers.Range = new RangeHeaderValue(length, null);
        using var refused = await client.Http.SendAsync(behind);
        refused.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        refused.Content.Headers.ContentRange!.ToString().ShouldBe($"bytes */{length}");

        using var other = new HttpRequestMessage(HttpMethod.Get, url);
        other.Headers.Range = new RangeHeaderValue(5, null);
        other.Headers.IfRange = new RangeConditionHeaderValue(new EntityTagHeaderValue("\"other\""));
        using var all = await client.Http.SendAsync(other);
        all.StatusCode.ShouldBe(HttpStatusCode.OK);

        using var same = new HttpRequestMessage(HttpMethod.Get, url);
        same.Headers.Range = new RangeHeaderValue(5, null);
        same.Headers.IfRange = new RangeConditionHeaderValue(whole.Headers.ETag!);
        using var part = await client.Http.SendAsync(same);
        part.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
    }

    [Fact]
    public async Task HeadHasTheLengthAndNoBody()
    {
        using var client = new SandboxClient();
        var url = await ImageAsync(client);
        var whole = await client.Http.GetByteArrayAsync(url);
        using var request = new HttpRequestMessage(HttpMethod.Head, url);

        using var response = await client.Http.SendAsync(request);

        response.Content.Headers.ContentLength.ShouldBe(whole.Length);
        (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        (await client.Http.GetByteArrayAsync(url)).ShouldBe(whole);
    }

    [Fact]
    public async Task DownloadThatIsCutCanBeResumed()
    {
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.DropAfterAcceptance, TaskType = SandboxFault.Download, Times = 1 });
        var url = await ImageAsync(client);
        using var response = await client.Http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        var length = (int)response.Content.Headers.ContentLength!.Value;
        using var received = new MemoryStream();

        await Should.ThrowAsync<Exception>(async () => await (await response.Content.ReadAsStreamAsync()).CopyToAsync(received));

        received.Length.ShouldBe(length / 2);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(received.Length, null);
        using var rest = await client.Http.SendAsync(request);
        received.Write(await rest.Content.ReadAsByteArrayAsync());
        received.ToArray().ShouldBe(await client.Http.GetByteArrayAsync(url));
    }

    [Fact]
    public async Task LargeFileTakesNoMemory()
    {
        const long Size = 5_000_000_000;
        var file = FileContent.Enlarged(new byte[3000], Size, "video/mp4");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var length = 0L;

        await foreach (var piece in file.ReadAsync(Size - 100_000_000, Size))
        {
            length += piece.Length;
        }

        length.ShouldBe(100_000_000);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000);
    }

    [SkippableFact]
    public async Task LargeVideoPlays()
    {
        const long Size = 80_000_000;
        using var client = new SandboxClient(new SandboxFault { Kind = SandboxFaultKind.LargeFile, TaskType = "videoInference", Size = Size });
        var task = SandboxClient.Task("""{"taskType":"videoInference","model":"klingai:kling-video@2.6-pro","positivePrompt":"A fox","width":1920,"height":1080}""");
        await client.SendAsync(task);
        var url = new Uri((string)(await client.OneAsync(SandboxClient.GetResponse((string)task["taskUUID"]!)))["videoURL"]!);
        using var folder = new TempFolder();
        var file = folder.Of("large.mp4");
        using (var response = await client.Http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead))
        {
            response.Content.Headers.ContentLength.ShouldBe(Size);
            await using var target = File.Create(file);
            await response.Content.CopyToAsync(target);
        }

        new FileInfo(file).Length.ShouldBe(Size);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(Size - 1000, null);
        using var end = await client.Http.SendAsync(request);
        await using (var stream = File.OpenRead(file))
        {
            stream.Seek(-1000, SeekOrigin.End);
            var last = new byte[1000];
            await stream.ReadExactlyAsync(last);
            (await end.Content.ReadAsByteArrayAsync()).ShouldBe(last);
        }

        var codec = Tool.Run("ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", file);
        Skip.If(codec is null, "ffprobe isn't installed on this machine");
        codec.ShouldStartWith("h264");
    }

    private static async Task<Uri> ImageAsync(SandboxClient client)
    {
        var task = SandboxClient.Image();
        task["outputFormat"] = "PNG";
        return new Uri((string)(await client.OneAsync(task))["imageURL"]!);
    }
}
