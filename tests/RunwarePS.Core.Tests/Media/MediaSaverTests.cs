using System.Collections;
using System.Text;
using Microsoft.AspNetCore.Http;
using RunwarePS.Http;

namespace RunwarePS.Core.Tests;

/// <summary>Outputs of every kind become whole files, over connections that break at any place.</summary>
[Collection(Alone.Name)] // memory is measured
public sealed class MediaSaverTests : IDisposable
{
    private static readonly HttpPipelineFactory s_pipeline = new();

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("Mp4", ".mp4")]
    [InlineData("Mov", ".mov")]
    [InlineData("Webm", ".webm")]
    [InlineData("Wav", ".wav")]
    [InlineData("Mp3", ".mp3")]
    [InlineData("Mp3Frames", ".mp3")]
    [InlineData("Flac", ".flac")]
    [InlineData("Ogg", ".ogg")]
    [InlineData("Glb", ".glb")]
    [InlineData("Fbx", ".fbx")]
    [InlineData("Zip", ".zip")]
    [InlineData("Tiff", ".tiff")]
    [InlineData("Svg", ".svg")]
    public async Task The_bytes_name_the_file_whatever_the_server_and_the_url_state(string sample, string extension)
    {
        var bytes = MediaSamples.Of(sample);
        await using var stub = await ServeAsync(bytes, "video/x-matroska");
        var saved = await SaveAsync(File(stub, "/1.dat"));

        saved.Path.ShouldBe(_folder.Of("a" + extension));
        (await System.IO.File.ReadAllBytesAsync(saved.Path)).ShouldBe(bytes);
    }

    [Theory]
    [InlineData("audio/mpeg", "/1.dat", ".mp3")]
    [InlineData("audio/x-wav", "/1.dat", ".wav")]
    [InlineData("model/gltf-binary; charset=binary", "/1.dat", ".glb")]
    [InlineData("application/octet-stream", "/models/1.PLY?x=.exe", ".ply")]
    [InlineData("application/octet-stream", "/1.safetensors", ".safetensors")]
    [InlineData(null, "/1.jpeg", ".jpg")]
    [InlineData(null, "/1", ".bin")]
    [InlineData(null, "/1.%2F..%2Fx", ".bin")]
    public async Task Unknown_bytes_are_named_by_the_content_type_and_then_by_the_url(string? mediaType, string path, string extension)
    {
        await using var stub = await ServeAsync(MediaSamples.Unknown(), mediaType);

        (await SaveAsync(File(stub, path))).Path.ShouldBe(_folder.Of("a" + extension));
    }

    [Theory]
    [InlineData("/1.usdz", ".usdz")]
    [InlineData("/1.zip", ".zip")]
    [InlineData("/1", ".zip")]
    public async Task An_archive_that_is_a_model_keeps_its_extension(string path, string extension)
    {
        await using var stub = await ServeAsync(MediaSamples.Zip(), "application/octet-stream");

        (await SaveAsync(File(stub, path))).Path.ShouldBe(_folder.Of("a" + extension));
    }

    [Fact]
    public async Task A_page_in_the_place_of_media_leaves_nothing_behind()
    {
        await using var stub = await ServeAsync(Encoding.UTF8.GetBytes("<!DOCTYPE html><html></html>"), mediaType: null);
        foreach (var media in new RunwareMedia[] { File(stub, "/1.bin"), new RunwareVideo { Url = new Uri(stub.Root, "/1.mp4") } })
        {
            var e = await Should.ThrowAsync<RunwareException>(() => SaveAsync(media));
            (e.Code, e.Message).ShouldBe(("DownloadFailed", $"{media.Url} doesn't contain a media file."));
        }

        _folder.Files.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Mp4")]
    [InlineData("Wav")]
    [InlineData("Glb")]
    [InlineData("Svg")]
    [InlineData("Zip")]
    public async Task Data_that_breaks_off_is_a_failure_and_data_with_padding_is_not(string sample)
    {
        var bytes = MediaSamples.Of(sample);
        var media = new RunwareFile();
        media.SetBytes(bytes.AsMemory()[..^20], mediaType: null);
        (await Should.ThrowAsync<RunwareException>(() => SaveAsync(media))).Message.ShouldContain("ended after");
        _folder.Files.ShouldBeEmpty();

        media.SetBytes((byte[])[.. bytes, .. new byte[64]], mediaType: null);
        await SaveAsync(media);
    }

    [Fact]
    public async Task Provenance_of_a_video_is_in_its_sidecar_and_the_tokens_of_names_work()
    {
        var video = new RunwareVideo { TaskUuid = Talk.A, Uuid = Talk.B, Prompt = "rain", Model = "m:1@1", Width = 1280, Cost = 0.5m };
        new GenerationMetadata { Duration = 5.5m, TaskType = "videoInference" }.ApplyTo(video);
        video.SetBytes(MediaSamples.Mp4(), mediaType: null);
        var saved = await Saver().SaveAsync(
            video, Options("{Prompt} {Width} {Duration} {ImageUuid} {Uuid}") with { Sidecar = true }, CancellationToken.None);

        saved.Path.ShouldBe(_folder.Of($"rain 1280 5.5 {Talk.B} {Talk.B}.mp4"));
        (await System.IO.File.ReadAllBytesAsync(saved.Path)).ShouldBe(MediaSamples.Mp4());
        MetadataReader.Read(saved.Path).ShouldBe(GenerationMetadata.Of(video));
        var json = await System.IO.File.ReadAllTextAsync(saved.SidecarPath);
        json.ShouldContain($"\"uuid\": \"{Talk.B}\"");
        json.ShouldNotContain("imageUuid");
    }

    [Fact]
    public async Task The_very_same_video_counts_as_saved_and_another_does_not()
    {
        var video = new RunwareVideo { Uuid = Talk.B };
        video.SetBytes(MediaSamples.Mp4(), mediaType: null);
        await SaveAsync(video);
        (await SaveAsync(video)).Path.ShouldBe(_folder.Of("a.mp4"));

        video.SetBytes(MediaSamples.Mp4(700), mediaType: null);
        (await Should.ThrowAsync<RunwareException>(() => SaveAsync(video))).Code.ShouldBe("FileExists");
        (await Saver().SaveAsync(video, Options("a") with { SkipExisting = true }, CancellationToken.None)).IsThisOutput.ShouldBeFalse();
        _folder.Files.ShouldBe(["a.mp4"]);
    }

    [Fact]
    public async Task An_image_of_that_name_is_not_the_video_to_skip()
    {
        await System.IO.File.WriteAllBytesAsync(_folder.Of("a.jpg"), Pictures.Jpeg());
        var video = new RunwareVideo();
        video.SetBytes(MediaSamples.Mp4(), mediaType: null);

        (await Saver().SaveAsync(video, Options("a") with { SkipExisting = true }, CancellationToken.None)).Path.ShouldBe(_folder.Of("a.mp4"));
    }

    [Theory]
    [InlineData("Grüße\r\n", null, ".txt", "Grüße\r\n")]
    [InlineData("{ \"age\": 7 }", 7L, ".json", "{ \"age\": 7 }")]
    [InlineData("seven years", 7L, ".json", "{\"age\":7}")]
    [InlineData(null, 7L, ".json", "{\"age\":7}")]
    public async Task A_text_is_saved_as_it_is_and_data_as_json(string? text, long? age, string extension, string content)
    {
        var saved = await SaveAsync(new RunwareText { Text = text, Data = age is null ? null : new Hashtable { ["age"] = age } });

        saved.Path.ShouldBe(_folder.Of("a" + extension));
        (await System.IO.File.ReadAllTextAsync(saved.Path)).ShouldBe(content);
    }

    [Fact]
    public async Task A_result_without_a_file_is_reported()
    {
        var e = await Should.ThrowAsync<RunwareException>(() => SaveAsync(new RunwareResult { TaskType = "training" }));
        e.Code.ShouldBe("ParameterUnreadable");
        _folder.Files.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("\"v1\"", null)]
    [InlineData(null, "Thu, 01 Jan 2026 00:00:00 GMT")]
    [InlineData("W/\"v1\"", null)]
    [InlineData(null, null)]
    public async Task A_download_that_breaks_goes_on_where_it_broke_if_the_server_can_confirm_that_the_file_is_the_same(string? tag, string? date)
    {
        var file = MediaSamples.Mp4(3_000_000);
        var ranges = new List<string>();
        await using var stub = await Stub.StartAsync(async context =>
        {
            var (request, response) = (context.Request, context.Response);
            var range = request.GetTypedHeaders().Range?.Ranges.Single();
            ranges.Add($"{range?.From} {request.Headers.IfRange}");
            var from = (int)(range?.From ?? 0);
            response.Headers.ETag = tag;
            response.Headers.LastModified = date;
            response.StatusCode = range is null ? 200 : 206;
            response.ContentLength = file.Length - from;
            response.Headers.ContentRange = range is null ? default : $"bytes {from}-{file.Length - 1}/{file.Length}";
            if (ranges.Count < 3)
            {
                await response.Body.WriteAsync(file.AsMemory(from, 1_000_000));
                await response.Body.FlushAsync();
                context.Abort();
            }
            else
            {
                await response.Body.WriteAsync(file.AsMemory(from));
            }
        });

        var saved = await SaveAsync(File(stub, "/1.mp4"), maxRetryCount: 3);
        (await System.IO.File.ReadAllBytesAsync(saved.Path)).ShouldBe(file);
        var canResume = tag == "\"v1\"" || date is not null;
        ranges[0].ShouldBe(" ");
        ranges.Skip(1).ShouldAllBe(r => canResume ? !r.StartsWith(' ') && r.EndsWith(tag ?? date!, StringComparison.Ordinal) : r == " ");
        _folder.Files.ShouldBe(["a.mp4"]);
    }

    [Theory]
    [InlineData("whole")]
    [InlineData("other tag")]
    [InlineData("other length")]
    [InlineData("other place")]
    [InlineData("no range")]
    [InlineData("416")]
    public async Task A_file_that_changed_meanwhile_is_fetched_anew(string how)
    {
        var (old, now) = (MediaSamples.Mp4(2_000_000), MediaSamples.Mp4(2_100_000));
        var requests = 0;
        await using var stub = await Stub.StartAsync(async context =>
        {
            var response = context.Response;
            if (++requests == 1)
            {
                response.Headers.ETag = "\"old\"";
                response.ContentLength = old.Length;
                await response.Body.WriteAsync(old.AsMemory(0, 1_500_000));
                await response.Body.FlushAsync();
                context.Abort();
                return;
            }

            var from = (int?)context.Request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0;
            response.Headers.ETag = how is "other length" or "other place" or "no range" ? "\"old\"" : "\"new\"";
            if (from > 0 && how != "whole")
            {
                response.StatusCode = how == "416" ? 416 : 206;
                response.Headers.ContentRange = how switch
                {
                    "other tag" => $"bytes {from}-{old.Length - 1}/{old.Length}",
                    "other length" => $"bytes {from}-{now.Length - 1}/{now.Length}",
                    "other place" => $"bytes {from + 1}-{old.Length - 1}/{old.Length}",
                    "416" => $"bytes */{now.Length}",
                    _ => default,
                };
                await response.Body.WriteAsync(now.AsMemory(from, 1000));
                return;
            }

            response.ContentLength = now.Length;
            await response.Body.WriteAsync(now);
        });

        var saved = await SaveAsync(File(stub, "/1.mp4"), maxRetryCount: 3);
        (await System.IO.File.ReadAllBytesAsync(saved.Path)).ShouldBe(now);
        _folder.Files.ShouldBe(["a.mp4"]);
    }

    [Fact]
    public async Task A_refusal_in_between_does_not_lose_what_is_here()
    {
        var file = MediaSamples.Mp4(2_000_000);
        var starts = new List<long>();
        await using var stub = await Stub.StartAsync(async context =>
        {
            var response = context.Response;
            var from = (int?)context.Request.GetTypedHeaders().Range?.Ranges.Single().From ?? 0;
            starts.Add(from);
            if (starts.Count == 2)
            {
                response.StatusCode = 503;
                return;
            }

            response.Headers.ETag = "\"v1\"";
            response.StatusCode = from > 0 ? 206 : 200;
            response.Headers.ContentRange = from > 0 ? $"bytes {from}-{file.Length - 1}/{file.Length}" : default;
            response.ContentLength = file.Length - from;
            await response.Body.WriteAsync(file.AsMemory(from, starts.Count == 1 ? 1_200_000 : file.Length - from));
            await response.Body.FlushAsync();
            if (starts.Count == 1)
            {
                context.Abort();
            }
        });

        var saved = await SaveAsync(File(stub, "/1.mp4"), maxRetryCount: 2);
        (await System.IO.File.ReadAllBytesAsync(saved.Path)).ShouldBe(file);
        starts.Count.ShouldBe(3);
        starts[2].ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_slow_download_that_goes_on_is_not_ended_by_the_timeout_and_one_that_stalls_is()
    {
        var file = MediaSamples.Mp4(6 * 1024 * 1024);
        await using var stub = await Stub.StartAsync(async context =>
        {
            context.Response.ContentLength = file.Length;
            for (var at = 0; at < file.Length; at += 1024 * 1024)
            {
                await context.Response.Body.WriteAsync(file.AsMemory(at, Math.Min(1024 * 1024, file.Length - at)));
                await context.Response.Body.FlushAsync();
                await Task.Delay(context.Request.Path == "/stall" && at > 0 ? Timeout.Infinite : 400, context.RequestAborted);
            }
        });
        var saver = new MediaSaver(new MediaSource(s_pipeline.CreateDownloadClient, TimeSpan.FromSeconds(2), maxRetryCount: 0, TimeProvider.System));

        await saver.SaveAsync(File(stub, "/slow"), Options("a"), CancellationToken.None);
        var e = await Should.ThrowAsync<RunwareException>(() => saver.SaveAsync(File(stub, "/stall"), Options("b"), CancellationToken.None));
        e.Category.ShouldBe(RunwareErrorCategory.Timeout);
        _folder.Files.ShouldBe(["a.mp4"]);
    }

    [Fact]
    public async Task A_large_download_takes_little_memory()
    {
        const int Megabytes = 200;
        var piece = new byte[1024 * 1024];
        await using var stub = await Stub.StartAsync(async context =>
        {
            await context.Response.Body.WriteAsync(MediaSamples.Unknown());
            for (var i = 0; i < Megabytes; i++)
            {
                await context.Response.Body.WriteAsync(piece);
            }
        });
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await SaveAsync(File(stub, "/1.safetensors"));

        // Server and client share the process; each piece of it would show.
        (GC.GetTotalAllocatedBytes(precise: true) - before).ShouldBeLessThan(Megabytes * 1024 * 1024 / 4);
    }

    private static Task<Stub> ServeAsync(byte[] bytes, string? mediaType) => Stub.StartAsync(context =>
    {
        context.Response.ContentType = mediaType;
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes).AsTask();
    });

    private static RunwareFile File(Stub stub, string path) => new() { TaskUuid = Talk.A, Url = new Uri(stub.Root, path) };

    [Fact]
    public async Task A_path_that_could_not_be_written_is_free_for_the_next_with_force()
    {
        await using var stub = await ServeAsync(MediaSamples.Of("Mp4"), mediaType: null);
        var saver = Saver();
        var options = Options("a") with { Force = true };
        Directory.CreateDirectory(_folder.Of("a.mp4")); // as a file that another program holds open on Windows
        await Should.ThrowAsync<RunwareException>(() => saver.SaveAsync(File(stub, "/1"), options, CancellationToken.None));
        Directory.Delete(_folder.Of("a.mp4"));
        await System.IO.File.WriteAllTextAsync(_folder.Of("a.mp4"), "of an earlier run");

        var saved = await saver.SaveAsync(File(stub, "/1"), options, CancellationToken.None);

        (await System.IO.File.ReadAllBytesAsync(saved.Path)).ShouldBe(MediaSamples.Of("Mp4"));
    }

    private Task<SavedFile> SaveAsync(RunwareOutput output, int maxRetryCount = 0) => Saver(maxRetryCount).SaveAsync(output, Options("a"), CancellationToken.None);

    private SaveOptions Options(string name) => new() { Folder = _folder.Root, Template = FileNameTemplate.Parse(name) };

    private static MediaSaver Saver(int maxRetryCount = 0) =>
        new(new MediaSource(s_pipeline.CreateDownloadClient, TimeSpan.FromSeconds(30), maxRetryCount, FakeTime.Jumping()));
}
