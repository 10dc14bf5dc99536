using System.ClientModel;
using System.Diagnostics;
using OpenAI;
using OpenAI.Images;

namespace RunwarePS.Bench.Peers;

/// <summary>The OpenAI package for .NET on the OpenAI images route of the same server.</summary>
internal sealed class OpenAiJobs : IJobs
{
    private ImageClient _client = null!;

    public static string Version => typeof(ImageClient).Assembly.GetName().Version!.ToString(3);

    public async Task<JobResult> RunAsync(Job job)
    {
        switch (job.Name)
        {
            case "connect":
                _client = new ImageClient("gpt-image-1", new ApiKeyCredential("bench"), new OpenAIClientOptions { Endpoint = new Uri(job.Endpoint!) });
                return new JobResult(0, 0);
            case "calls":
                return await BatchAsync(job.Count, throttle: 1);
            case "batch":
                return await BatchAsync(job.Count, job.Throttle);
            default:
                throw new NotSupportedException($"OpenAI .NET has no job '{job.Name}'.");
        }
    }

    private async Task<JobResult> BatchAsync(int count, int throttle)
    {
        var watch = Stopwatch.StartNew();
        var left = count;
        var made = 0;
        await Task.WhenAll(Enumerable.Range(0, throttle).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                GeneratedImage image = await _client.GenerateImageAsync("a red tram", new ImageGenerationOptions { Size = GeneratedImageSize.W1024xH1024 });
                if (image.ImageBytes is not null)
                {
                    Interlocked.Increment(ref made);
                }
            }
        })));
        return new JobResult(watch.Elapsed.TotalMilliseconds, made);
    }
}
