using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace RunwarePS.Core.Tests;

/// <summary>The machine's own Chromium, without a window, driven by Playwright. Playwright's own browsers are never downloaded.</summary>
public sealed class Chromium : IAsyncLifetime
{
    public const string Missing = "This machine doesn't have Chromium. Install it, or set CHROME_PATH to its path.";

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The path of the browser; null if this machine doesn't have one.</summary>
    public static string? Program { get; } = Find();

    public async Task InitializeAsync()
    {
        if (Program is null)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program,
            ChromiumSandbox = false, // it needs rights that containers seldom give, and the only pages are our own
            Args =
            [
                "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--no-first-run",
            ],
        });
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>A page with its own profile.</summary>
    internal async Task<BrowserPage> OpenAsync(string url, bool runsScripts = true)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            JavaScriptEnabled = runsScripts,
            ViewportSize = new ViewportSize { Width = 1280, Height = 900 },
        });
        var page = await BrowserPage.OfAsync(await context.NewPageAsync());
        await page.Page.GotoAsync(url);
        return page;
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("CHROME_PATH") is { Length: > 0 } named)
        {
            return File.Exists(named) ? named : null;
        }

        string[] names = OperatingSystem.IsWindows()
            ? ["chrome.exe", "chromium.exe", "msedge.exe"] : ["chromium", "chromium-browser", "google-chrome"];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return (from name in names from folder in folders select Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }
}

/// <summary>An open page, and what it did since.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<string> _complaints = new();

    private BrowserPage(IPage page) => Page = page;

    public IPage Page { get; }

    /// <summary>The URLs that the page requested, except data URLs.</summary>
    public string[] Requests => [.. _requests];

    /// <summary>What scripts threw, what the page's policy refused, and dialogs.</summary>
    public string[] Complaints => [.. _complaints];

    public static async Task<BrowserPage> OfAsync(IPage page)
    {
        var opened = new BrowserPage(page);
        page.PageError += (_, error) => opened._complaints.Enqueue(error);
        page.Dialog += async (_, dialog) =>
        {
            opened._complaints.Enqueue(dialog.Message);
            await dialog.DismissAsync();
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                opened._requests.Enqueue(request.Url);
            }
        };

        // The console of Playwright doesn't give an entry's source, which tells a refusal from a file that isn't found.
        var session = await page.Context.NewCDPSessionAsync(page);
        session.Event("Log.entryAdded").OnEvent += (_, entry) => opened.Add(entry!.Value.GetProperty("entry"));
        await session.SendAsync("Log.enable");
        return opened;
    }

    public Task<T> ReadAsync<T>(string expression) => Page.EvaluateAsync<T>(expression);

    public Task UntilAsync(string condition) => Page.WaitForFunctionAsync(condition);

    public Task ClickAsync(string selector) => Page.Locator(selector).First.ClickAsync();

    public Task PressAsync(string key) => Page.Keyboard.PressAsync(key);

    public Task TypeAsync(string text) => Page.Keyboard.InsertTextAsync(text);

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();

    private void Add(JsonElement entry)
    {
        if (entry.GetProperty("source").GetString() is "security" or "javascript")
        {
            _complaints.Enqueue(entry.GetProperty("text").GetString()!);
        }
    }
}
