using System.Text;
using System.Text.Json;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>Tasks and images to deliver.</summary>
internal static class Some
{
    /// <summary>What the catalog says that one image of <see cref="Task"/> costs.</summary>
    public const decimal Price = 0.167m;

    /// <summary>Seals what tests keep.</summary>
    public static readonly JournalSeal Seal = new(ApiKey.From("secret-key"), new byte[16], new JournalScope("https://api.example/v1", "ACCOUNT"));

    /// <summary>The smallest bytes that are recognized as a PNG, made different by a number.</summary>
    public static byte[] Picture(int number = 0, int size = 64)
    {
        var bytes = new byte[size];
        new Random(number).NextBytes(bytes);
        new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A }.CopyTo(bytes, 0);
        return bytes;
    }

    public static ImageRequest Request(string prompt = "A fox in the snow", Guid? id = null, bool async = true, int? count = null) => new()
    {
        TaskUuid = id ?? Guid.NewGuid(),
        Prompt = prompt,
        Async = async,
        Count = count,
        Quality = "high",
    };

    public static TaskRequest Task(string prompt = "A fox in the snow", Guid? id = null, bool async = true, int? count = null) =>
        Request(prompt, id, async, count).ToTask();

    public static TaskRequest[] Tasks(int count, bool async = true) => [.. Enumerable.Range(0, count).Select(i => Task($"Fox {i}", async: async))];

    /// <summary>A task as it goes over the wire.</summary>
    public static string Json(this TaskRequest task)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            task.Body.WriteTo(writer, MediaJson.Default.Options);
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }
}
