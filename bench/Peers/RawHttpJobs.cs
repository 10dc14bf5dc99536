using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace RunwarePS.Bench.Peers;

/// <summary>The least that .NET can do: <see cref="HttpClient"/>, the same POST, the reply parsed into an object. No checks, no journal, no retries.</summary>
internal sealed class RawHttpJobs : IJobs, IDisposable
{
    private readonly HttpClient _http = new();
    private Uri _endpoint = null!;

    public async Task<JobResult> RunAsync(Job job)
    {
        switch (job.Name)
        {
            case "connect":
                _endpoint = new Uri(job.Endpoint!);
                return new JobResult(0, 0);
            case "calls":
                return await BatchAsync(job, throttle: 1, _ => PostAsync("URL"));
            case "batch":
                return await BatchAsync(job, job.Throttle, _ => PostAsync("URL"));
            case "save":
                return await BatchAsync(job, job.Throttle, i => SaveAsync(job.Folder!, i));
            case "download":
                var items = new Item[job.Count];
                await BatchAsync(job, job.Throttle, async i => items[i] = await PostAsync("URL"));
                return await BatchAsync(job, job.Throttle, i => DownloadAsync(items[i], job.Folder!, i));
            default:
                throw new NotSupportedException($"Raw HttpClient has no job '{job.Name}'.");
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JobResult> BatchAsync(Job job, int throttle, Func<int, Task> work)
    {
        var watch = Stopwatch.StartNew();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, throttle).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < job.Count;)
            {
                await work(i);
            }
        })));
        return new JobResult(watch.Elapsed.TotalMilliseconds, job.Count);
    }

    private async Task<Item> PostAsync(string outputType)
    {
        using var response = await SendAsync(outputType);
        var reply = await response.Content.ReadFromJsonAsync<Reply>(Job.Json);
        return reply!.Data[0];
    }

    private async Task SaveAsync(string folder, int index)
    {
        using var response = await SendAsync("base64Data");
        var bytes = await response.Content.ReadAsByteArrayAsync();
        var reply = JsonSerializer.Deserialize<Reply>(bytes, Job.Json)!;
        await File.WriteAllBytesAsync(PathOf(folder, index), reply.Data[0].ImageBase64Data!);
    }

    private async Task DownloadAsync(Item item, string folder, int index)
    {
        using var response = await _http.GetAsync(item.ImageUrl, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        await using var file = File.Create(PathOf(folder, index));
        await response.Content.CopyToAsync(file);
    }

    private async Task<HttpResponseMessage> SendAsync(string outputType)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes<ImageInference[]>([new ImageInference(Guid.NewGuid(), "a red tram", outputType)], Job.Json);
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        var response = await _http.PostAsync(_endpoint, content);
        return response.EnsureSuccessStatusCode();
    }

    private static string PathOf(string folder, int index) => Path.Combine(folder, FormattableString.Invariant($"{index}.jpg"));

    private sealed record ImageInference(Guid TaskUUID, string PositivePrompt, string OutputType)
    {
        public string TaskType => "imageInference";

        public string Model => "openai:1@1";

        public int Width => 1024;

        public int Height => 1024;

        public bool IncludeCost => true;
    }

    private sealed record Reply(Item[] Data);

    private sealed record Item(Guid TaskUUID, Guid ImageUUID, string? ImageUrl, byte[]? ImageBase64Data, decimal? Cost);
}
