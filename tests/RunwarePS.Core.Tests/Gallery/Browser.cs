using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

/// <summary>A headless Chromium with one page, driven over the DevTools protocol.</summary>
internal sealed class Browser : IAsyncDisposable
{
    public const string WhereIsNone = "Chromium is not on this machine: install it, or name it in CHROME_PATH.";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _answers = new();
    private readonly ConcurrentQueue<(string Name, JsonNode Data)> _events = new();
    private readonly CancellationTokenSource _end = new();
    private string? _session;
    private int _sent;

    private Browser(Process process, string profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>The browser's program; null where there is none.</summary>
    public static string? Program { get; } = Find();

    /// <summary>What the page asked the network for, its own file and the data inside it apart.</summary>
    public string[] Requests => [.. Events("Network.requestWillBeSent").Select(e => e["request"]!["url"]!.GetValue<string>()).Where(url => !url.StartsWith("data:", StringComparison.Ordinal))];

    /// <summary>What went wrong in scripts or was refused by the page's policy.</summary>
    public string[] Complaints =>
    [
        .. Events("Runtime.exceptionThrown").Select(e => e.ToJsonString()),
        .. Events("Log.entryAdded").Where(e => e["entry"]!["source"]!.GetValue<string>() is "security" or "javascript").Select(e => e["entry"]!["text"]!.GetValue<string>()),
        .. Events("Page.javascriptDialogOpening").Select(e => e.ToJsonString()),
    ];

    public static async Task<Browser> StartAsync()
    {
        var browser = Launch();
        try
        {
            await browser.ConnectAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    private static Browser Launch()
    {
        var profile = Directory.CreateTempSubdirectory("runware-browser-").FullName;
        var process = Process.Start(new ProcessStartInfo(Program!,
        [
            // Its own sandbox needs rights that containers seldom give; the one page it opens is ours.
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking",
            "--hide-scrollbars", "--window-size=1280,900", "--remote-debugging-port=0", "--user-data-dir=" + profile, "about:blank",
        ])
        {
            RedirectStandardError = true,
            UseShellExecute = false,
        })!;
        return new Browser(process, profile);
    }

    private async Task ConnectAsync()
    {
        await _socket.ConnectAsync(await AddressAsync(_process).WaitAsync(s_patience), CancellationToken.None);
        _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null); // a full pipe would stop it
        _ = ListenAsync();
        var target = await SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
        var attached = await SendAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target["targetId"]!.DeepClone(), ["flatten"] = true });
        _session = attached["sessionId"]!.GetValue<string>();
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
        {
            await SendAsync(domain + ".enable");
        }
    }

    /// <summary>Opens a page and waits until it is loaded.</summary>
    public async Task OpenAsync(string address)
    {
        _events.Clear();
        await SendAsync("Page.navigate", new JsonObject { ["url"] = address });
        await UntilAsync("document.readyState === 'complete' && location.href !== 'about:blank'");
    }

    /// <summary>The value of an expression in the page.</summary>
    public async Task<T> ReadAsync<T>(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        answer["exceptionDetails"].ShouldBeNull(expression);
        return answer["result"]!["value"].Deserialize<T>()!;
    }

    public async Task UntilAsync(string condition)
    {
        for (var watch = Stopwatch.StartNew(); !await ReadAsync<bool>(condition); await Task.Delay(20))
        {
            watch.Elapsed.ShouldBeLessThan(s_patience, condition);
        }
    }

    /// <summary>Clicks into the middle of an element, with the mouse.</summary>
    public async Task ClickAsync(string selector)
    {
        var at = await ReadAsync<double[]>($$"""
            (() => {
              const element = document.querySelector({{JsonSerializer.Serialize(selector)}});
              element.scrollIntoView({ block: 'center', behavior: 'instant' });
              const box = element.getBoundingClientRect();
              return [box.x + box.width / 2, box.y + box.height / 2];
            })()
            """);
        foreach (var type in new[] { "mousePressed", "mouseReleased" })
        {
            await SendAsync("Input.dispatchMouseEvent", new JsonObject { ["type"] = type, ["x"] = at[0], ["y"] = at[1], ["button"] = "left", ["clickCount"] = 1 });
        }
    }

    /// <summary>Presses a key, by its name: <c>Escape</c>, <c>ArrowRight</c>, <c>Enter</c>, or a character.</summary>
    public async Task PressAsync(string key)
    {
        var code = key switch { "Escape" => 27, "Enter" => 13, "ArrowLeft" => 37, "ArrowUp" => 38, "ArrowRight" => 39, "ArrowDown" => 40, _ => key[0] };
        var text = key == "Enter" ? "\r" : key.Length == 1 ? key : null;
        foreach (var type in new[] { "keyDown", "keyUp" })
        {
            var stroke = new JsonObject { ["type"] = type, ["key"] = key, ["windowsVirtualKeyCode"] = code };
            if (type == "keyDown" && text is not null)
            {
                stroke["text"] = text;
            }

            await SendAsync("Input.dispatchKeyEvent", stroke);
        }
    }

    public Task TypeAsync(string text) => SendAsync("Input.insertText", new JsonObject { ["text"] = text });

    public Task PreferAsync(string scheme) => SendAsync("Emulation.setEmulatedMedia", new JsonObject
    {
        ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }),
    });

    public async Task<JsonNode> SendAsync(string method, JsonObject? parameters = null)
    {
        var id = Interlocked.Increment(ref _sent);
        var answer = _answers[id] = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
        if (_session is not null)
        {
            message["sessionId"] = _session;
        }

        await _socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, endOfMessage: true, _end.Token);
        var reply = await answer.Task.WaitAsync(s_patience);
        reply["error"].ShouldBeNull(method);
        return reply["result"]!;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _end.Dispose();
        for (var attempt = 0; attempt < 20 && Directory.Exists(_profile); attempt++)
        {
            try
            {
                Directory.Delete(_profile, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                await Task.Delay(50); // what it started may take a moment longer to end
            }
        }
    }

    private IEnumerable<JsonNode> Events(string name) => _events.Where(e => e.Name == name).Select(e => e.Data);

    private async Task ListenAsync()
    {
        var buffer = new byte[64 * 1024];
        var message = new MemoryStream();
        try
        {
            while (!_end.IsCancellationRequested)
            {
                var part = await _socket.ReceiveAsync(buffer, _end.Token);
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage)
                {
                    continue;
                }

                var said = JsonNode.Parse(message.GetBuffer().AsSpan(0, (int)message.Length))!;
                message.SetLength(0);
                if (said["id"] is { } id && _answers.TryRemove(id.GetValue<int>(), out var answer))
                {
                    answer.SetResult(said);
                }
                else if (said["method"] is { } method)
                {
                    _events.Enqueue((method.GetValue<string>(), said["params"]!));
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
        }
    }

    private static async Task<Uri> AddressAsync(Process process)
    {
        const string Announcement = "DevTools listening on ";
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(Announcement, StringComparison.Ordinal))
            {
                return new Uri(line[Announcement.Length..]);
            }
        }

        throw new InvalidOperationException("The browser ended: " + process.ExitCode.ToString(CultureInfo.InvariantCulture));
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CHROME_PATH") is { Length: > 0 } named)
        {
            return File.Exists(named) ? named : null;
        }

        string[] names = OperatingSystem.IsWindows() ? ["chrome.exe", "chromium.exe", "msedge.exe"] : ["chromium", "chromium-browser", "google-chrome"];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return (from name in names from folder in folders select Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}
