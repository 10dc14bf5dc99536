using System.Buffers.Text;
using System.Collections.Concurrent;

namespace RunwarePS.Bench.Server;

/// <summary>What all routes share.</summary>
internal sealed class ServerState
{
    private readonly ConcurrentDictionary<string, (string Type, long At)> _accepted = new(StringComparer.Ordinal);
    private int _requests;
    private int _tasks;
    private int _downloads;
    private double _lastSubmit;

    public ServerState() => Set(new ServerSettings());

    public ServerSettings Settings { get; private set; } = new();

    public byte[] Picture { get; private set; } = [];

    /// <summary>Encoded once, so that the server's own work is small beside that of its clients.</summary>
    public byte[] PictureAsBase64 { get; private set; } = [];

    public ServerCounts Counts => new(_requests, _tasks, _downloads, Volatile.Read(ref _lastSubmit));

    public void Set(ServerSettings settings)
    {
        if (Picture.Length != settings.PictureBytes)
        {
            var picture = Jpeg(settings.PictureBytes);
            var text = new byte[Base64.GetMaxEncodedToUtf8Length(picture.Length)];
            Base64.EncodeToUtf8(picture, text, out _, out var written);
            (Picture, PictureAsBase64) = (picture, text[..written]);
        }

        Settings = settings;
        _accepted.Clear();
        (_requests, _tasks, _downloads) = (0, 0, 0);
    }

    // The structure of a JPG, so that whoever writes into its head can; noise where the picture would be.
    private static byte[] Jpeg(int length)
    {
        byte[] head =
        [
            0xFF, 0xD8, 0xFF, 0xE0, 0, 16, (byte)'J', (byte)'F', (byte)'I', (byte)'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0,
            0xFF, 0xC0, 0, 11, 8, 4, 0, 4, 0, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0,
        ];
        var picture = new byte[length];
        new Random(1).NextBytes(picture);
        for (var i = 0; i < length; i++)
        {
            picture[i] &= 0x7F; // 0xFF would begin a marker
        }

        head.CopyTo(picture, 0);
        (picture[^2], picture[^1]) = (0xFF, 0xD9);
        return picture;
    }

    public void CountRequest() => Interlocked.Increment(ref _requests);

    public void CountDownload() => Interlocked.Increment(ref _downloads);

    public void CountTask()
    {
        Interlocked.Increment(ref _tasks);
        Volatile.Write(ref _lastSubmit, (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds);
    }

    public void Accept(string taskUuid, string type) => _accepted[taskUuid] = (type, Environment.TickCount64 + Settings.ReadyMs);

    /// <summary>The type of a task, and whether it is ready; null for a task that was never accepted.</summary>
    public (string Type, bool IsReady)? Find(string taskUuid) =>
        _accepted.TryGetValue(taskUuid, out var task) ? (task.Type, Environment.TickCount64 >= task.At)
        : Settings.KnowsAll ? ("imageInference", true)
        : null;
}
