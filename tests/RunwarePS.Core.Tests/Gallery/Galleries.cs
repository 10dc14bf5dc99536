using RunwarePS.Sandbox.SampleMedia;

namespace RunwarePS.Core.Tests;

/// <summary>Pages and images to test with.</summary>
internal static class Galleries
{
    /// <summary>Nothing is to be fetched.</summary>
    public static readonly MediaSource NoNetwork = new(() => throw new InvalidOperationException("Nothing is to be fetched here."), TimeSpan.FromSeconds(30), maxRetryCount: 0, TimeProvider.System);

    /// <summary>What would run if it were not kept a text.</summary>
    public const string Hostile = """<img src=x onerror="window.ran=1"><script>window.ran=2</script></script><script>window.ran=3</script>"onmouseover="window.ran=4" 'onfocus='window.ran=5' autofocus javascript:window.ran=6 {{script}} <!-- ]]> </title></style></h2> &lt;b&gt; ${1} `x` """;

    /// <summary>An image that a browser shows.</summary>
    public static byte[] Picture(int width = 96, int height = 64, string prompt = "a tram", int index = 0) =>
        new Placeholder(width, height, SandboxImageFormat.Png, Transparent: false, prompt, Talk.A, index).Render();

    public static RunwareImage Image(string? prompt = "a tram", string? path = null) => new()
    {
        TaskUuid = Talk.A,
        ImageUuid = Talk.B,
        Prompt = prompt,
        Model = "openai:1@1",
        Width = 1024,
        Height = 1024,
        Cost = 0.25m,
        Path = path,
        CreatedAt = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
    };

    /// <summary>An image with a file of its own.</summary>
    public static RunwareImage Saved(this RunwareImage image, TempFolder folder, string name)
    {
        image.Path = folder.Of(name);
        Directory.CreateDirectory(Path.GetDirectoryName(image.Path)!);
        File.WriteAllBytes(image.Path, Picture(prompt: name));
        return image;
    }

    /// <summary>Writes a page of these images, tasks and files (as text), and gives its text.</summary>
    public static async Task<string> WriteAsync(string path, IEnumerable<object> items, MediaSource? embed = null, long room = GalleryWriter.EmbedLimit, string title = "A title")
    {
        using var writer = new GalleryWriter(path, embed, room);
        foreach (var item in items)
        {
            foreach (var entry in Entries(item))
            {
                await writer.AddAsync(entry, CancellationToken.None);
            }
        }

        await writer.FinishAsync(title, force: false, CancellationToken.None);
        return await File.ReadAllTextAsync(path);
    }

    public static IEnumerable<GalleryEntry> Entries(object item) => item switch
    {
        RunwareTask task => GalleryEntry.Of(task, Find),
        RunwareOutput output => [GalleryEntry.Of(output, Find(output))],
        _ => [GalleryEntry.Of(new RunwareFile(), (string)item)],
    };

    private static string? Find(RunwareOutput output) => output is RunwareMedia { Path: { } path } && File.Exists(path) ? path : null;
}
