using System.Diagnostics;
using Microsoft.Playwright;
using Xunit.Abstractions;

namespace RunwarePS.Core.Tests;

/// <summary>The page as a browser shows it.</summary>
public sealed class GalleryBrowserTests(Chromium chromium, ITestOutputHelper output)
    : IClassFixture<Chromium>, IDisposable
{
    private const string Shown = "[...document.querySelectorAll('.card')].filter(c => !c.hidden).map(c => c.querySelector('.prompt').textContent)";
    private const string IsOpen = "document.getElementById('view').open";
    private const string Large = "document.getElementById('view-prompt').textContent";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task A_hostile_prompt_stays_text_and_runs_nothing()
    {
        await using var browser = await OpenAsync(
            Galleries.Image(Galleries.Hostile).Saved(_folder, "a.png"),
            new RunwareTask { TaskUuid = Talk.A, Prompt = Galleries.Hostile, Model = Galleries.Hostile, Tag = Galleries.Hostile, Failure = [new RunwareFailure { Code = Galleries.Hostile, Message = Galleries.Hostile }] });

        (await browser.ReadAsync<string[]>(Shown)).ShouldBe([Galleries.Hostile, Galleries.Hostile]);
        (await browser.ReadAsync<string>("document.title")).ShouldBe(Galleries.Hostile.Trim());
        (await browser.ReadAsync<string>("document.querySelector('.open img').alt")).ShouldStartWith(Galleries.Hostile[..100]);
        (await browser.ReadAsync<string>("document.querySelector('.failure .reason').textContent")).ShouldBe(Galleries.Hostile);
        await browser.ClickAsync(".open");
        (await browser.ReadAsync<string>(Large)).ShouldBe(Galleries.Hostile);
        (await browser.ReadAsync<int>("document.scripts.length + document.styleSheets.length")).ShouldBe(2);
        (await browser.ReadAsync<bool>("window.ran === undefined")).ShouldBeTrue();
        browser.Complaints.ShouldBeEmpty();
        browser.Requests.Order(StringComparer.Ordinal).Distinct(StringComparer.Ordinal).ShouldBe([Address("a.png"), Address("gallery.html")]);
    }

    [SkippableFact]
    public async Task The_policy_stops_what_is_not_ours()
    {
        await using var browser = await OpenAsync(Galleries.Image().Saved(_folder, "a.png"));

        await browser.ReadAsync<bool>("""
            (() => {
              for (const html of ['<img src=x onerror="window.ran=1">', '<img src="http://127.0.0.1:9/x.png">', '<iframe src="about:blank"></iframe>', '<style>h1 { display: none }</style>'])
                document.body.insertAdjacentHTML('beforeend', html);
              const script = document.createElement('script');
              script.textContent = 'window.ran = 2';
              document.body.append(script);
              return true;
            })()
            """);
        await browser.UntilAsync("document.querySelector('img[src=x]').complete");

        (await browser.ReadAsync<bool>("window.ran === undefined")).ShouldBeTrue();
        (await browser.ReadAsync<string>("getComputedStyle(document.querySelector('h1')).display")).ShouldBe("block");
        browser.Complaints.Length.ShouldBeGreaterThanOrEqualTo(4);
    }

    [SkippableFact]
    public async Task A_click_opens_the_large_view_arrows_move_and_Escape_closes_it()
    {
        await using var browser = await OpenAsync(Some("one", "two", "three"));

        (await browser.ReadAsync<bool>(IsOpen)).ShouldBeFalse();
        await browser.ClickAsync("#p2 .open");
        (await browser.ReadAsync<bool>(IsOpen)).ShouldBeTrue();
        (await browser.ReadAsync<string>(Large)).ShouldBe("two");
        await browser.UntilAsync("document.getElementById('view-image').naturalWidth === 96");
        (await browser.ReadAsync<string>("document.querySelector('#view .command code').textContent")).ShouldStartWith("New-RunwareImage -Prompt 'two'");

        await browser.PressAsync("ArrowRight");
        (await browser.ReadAsync<string>(Large)).ShouldBe("three");
        await browser.PressAsync("ArrowRight");
        (await browser.ReadAsync<string>(Large)).ShouldBe("three", "there is no fourth");
        await browser.PressAsync("ArrowLeft");
        await browser.ClickAsync("#previous");
        (await browser.ReadAsync<string>(Large)).ShouldBe("one");

        await browser.PressAsync("Escape");
        (await browser.ReadAsync<bool>(IsOpen)).ShouldBeFalse();
        await browser.UntilAsync("document.activeElement.closest('.card')?.id === 'p1'"); // one goes on where one left off, once the browser has told the page
        browser.Complaints.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task All_of_it_can_be_done_with_the_keyboard()
    {
        await using var browser = await OpenAsync(Some("one", "two", "three"));

        await browser.PressAsync("/");
        (await browser.ReadAsync<string>("document.activeElement.id")).ShouldBe("query");
        await browser.ReadAsync<bool>("document.querySelector('.open').focus(), true");
        await browser.PressAsync("ArrowRight");
        await browser.PressAsync("Enter");

        (await browser.ReadAsync<string>(Large)).ShouldBe("two");
        (await browser.ReadAsync<string>("document.activeElement.getAttribute('aria-label')")).ShouldBe("Close");
        await browser.PressAsync("Enter");
        (await browser.ReadAsync<bool>(IsOpen)).ShouldBeFalse();
        (await browser.ReadAsync<double>("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")).ShouldBeGreaterThanOrEqualTo(2, "the focus is seen");
    }

    [SkippableFact]
    public async Task The_filter_narrows_and_the_large_view_keeps_to_it()
    {
        await using var browser = await OpenAsync([.. Some("a red tram", "a red boat", "a blue boat"), new RunwareTask { TaskUuid = Talk.B, Prompt = "a failed boat", Failure = [new RunwareFailure { Code = "taskFailed", Message = "It broke." }] }]);

        await browser.ClickAsync("#query");
        await browser.TypeAsync("BOAT red");
        (await browser.ReadAsync<string[]>(Shown)).ShouldBe(["a red boat"]);
        (await browser.ReadAsync<string>("document.getElementById('count').textContent")).ShouldBe("1 of 4");
        await browser.TypeAsync(" nothing");
        (await browser.ReadAsync<bool>("document.getElementById('none').hidden")).ShouldBeFalse();
        await browser.ClickAsync("#reset");
        (await browser.ReadAsync<string[]>(Shown)).Length.ShouldBe(4);

        await browser.TypeAsync("boat");
        await browser.ClickAsync(".card:not([hidden]) .open");
        await browser.PressAsync("ArrowRight");
        await browser.PressAsync("ArrowRight");
        (await browser.ReadAsync<string>("document.getElementById('view-place').textContent")).ShouldBe("2 of 2");
        (await browser.ReadAsync<string>(Large)).ShouldBe("a blue boat");
        await browser.PressAsync("Escape");

        await ChooseAsync(browser, "state", "failure");
        (await browser.ReadAsync<string[]>(Shown)).ShouldBe(["a failed boat"]);
    }

    [SkippableFact]
    public async Task Sorting_puts_what_is_not_known_last()
    {
        var images = Some("b", "a", "c", "d");
        (images[0].Cost, images[1].Cost, images[2].Cost, images[3].Cost) = (0.5m, 10m, null, 0.042m);
        await using var browser = await OpenAsync([.. images]);

        await ChooseAsync(browser, "order", "cost desc");
        (await browser.ReadAsync<string[]>(Shown)).ShouldBe(["a", "b", "d", "c"]);
        await ChooseAsync(browser, "order", "cost asc");
        (await browser.ReadAsync<string[]>(Shown)).ShouldBe(["d", "b", "a", "c"]);
        await ChooseAsync(browser, "order", "prompt asc");
        (await browser.ReadAsync<string[]>(Shown)).ShouldBe(["a", "b", "c", "d"]);
        await ChooseAsync(browser, "order", "given");
        (await browser.ReadAsync<string[]>(Shown)).ShouldBe(["b", "a", "c", "d"]);
    }

    [SkippableFact]
    public async Task A_dark_system_gets_a_dark_page()
    {
        await using var browser = await OpenAsync(Some("one"));

        const string Brightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((sum, part) => sum + Number(part), 0)";
        await browser.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        (await browser.ReadAsync<int>(Brightness)).ShouldBeGreaterThan(700);
        await browser.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        (await browser.ReadAsync<int>(Brightness)).ShouldBeLessThan(100);
    }

    [SkippableFact]
    public async Task Files_are_found_whatever_their_names_hold()
    {
        string[] names = ["a b [1].png", "50% #1 c'est ça.png", "sub folder/東京 🦊.png", .. OperatingSystem.IsWindows() ? Array.Empty<string>() : ["what?.png", "a\"b\\c:d.png"]];
        await using var browser = await OpenAsync([.. names.Select(name => Galleries.Image(name).Saved(_folder, name))]);

        await browser.UntilAsync("[...document.images].filter(i => i.closest('.card')).every(i => i.complete && i.naturalWidth === 96)");
        browser.Complaints.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Images_inside_the_page_are_shown_and_open_as_well()
    {
        await using var browser = await OpenAsync(Galleries.NoNetwork, Some("one", "two"));
        foreach (var file in Directory.GetFiles(_folder.Root, "*.png"))
        {
            File.Delete(file);
        }

        await browser.UntilAsync("[...document.images].filter(i => i.closest('.card')).every(i => i.complete && i.naturalWidth === 96)");
        await browser.ClickAsync("#p1 .open");
        await browser.UntilAsync("document.getElementById('view-image').naturalWidth === 96");
        (await browser.ReadAsync<bool>("document.getElementById('view-file').hidden")).ShouldBeTrue();
        browser.Complaints.ShouldBeEmpty();
        browser.Requests.ShouldBe([Address("gallery.html")]);
    }

    [SkippableFact]
    public async Task The_copy_button_copies_the_command_as_it_is()
    {
        await using var browser = await OpenAsync(Galleries.Image("it's\n a “tram”\r\n").Saved(_folder, "a.png"));
        await browser.ReadAsync<bool>("Object.defineProperty(navigator, 'clipboard', { value: { writeText: async text => { window.copied = text; } } }), true");

        await browser.ClickAsync("summary");
        await browser.ClickAsync(".card .copy");

        await browser.UntilAsync("document.querySelector('.card .copy').textContent === 'Copied'");
        (await browser.ReadAsync<string>("window.copied")).ShouldBe("New-RunwareImage -Prompt ('it''s\n a “tram”' + [char]0xD + '\n') -Model 'openai:1@1' -Width 1024 -Height 1024");
    }

    [SkippableFact]
    public async Task Without_scripts_all_is_there_but_the_controls()
    {
        Skip.If(Chromium.Program is null, Chromium.Missing);
        await WriteAsync(embed: null, Some("one", "two"));
        await using var browser = await chromium.OpenAsync(Address("gallery.html"), runsScripts: false);

        (await browser.ReadAsync<string[]>(Shown)).ShouldBe(["one", "two"]);
        (await browser.ReadAsync<string>("getComputedStyle(document.querySelector('search')).display")).ShouldBe("none");
        (await browser.ReadAsync<string>("document.querySelector('.open').href")).ShouldBe(Address("one.png"));
    }

    /// <summary>What it takes on this machine is told and not judged: machines differ. What is judged is that images wait until they are near.</summary>
    [SkippableFact]
    public async Task Five_hundred_images_load_as_they_come_into_sight()
    {
        const int Count = 500;
        Skip.If(Chromium.Program is null, Chromium.Missing);
        var images = Enumerable.Range(0, Count).Select(i => Galleries.Image($"picture {i}, " + string.Join(' ', Enumerable.Repeat("with a long prompt", 12)), _folder.Of($"{i}.png"))).ToArray();
        var picture = Galleries.Picture(1024, 1024);
        foreach (var image in images)
        {
            await File.WriteAllBytesAsync(image.Path!, picture);
        }

        var watch = Stopwatch.StartNew();
        await WriteAsync(embed: null, images);
        var written = watch.Elapsed;
        await using var browser = await chromium.OpenAsync(Address("gallery.html"));

        var ready = await browser.ReadAsync<double>("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd");
        var loaded = await browser.ReadAsync<double>("performance.getEntriesByType('navigation')[0].loadEventEnd");
        var requested = browser.Requests.Distinct(StringComparer.Ordinal).Count();
        var frames = await browser.ReadAsync<double[]>("""
            new Promise(done => {
              const frames = [];
              let last = performance.now();
              const scroll = now => {
                frames.push(now - last);
                last = now;
                scrollBy({ top: 120, behavior: 'instant' });
                if (scrollY + innerHeight >= document.documentElement.scrollHeight - 1 || frames.length > 900) done(frames);
                else requestAnimationFrame(scroll);
              };
              requestAnimationFrame(scroll);
            })
            """);
        Array.Sort(frames);
        var sorted = await browser.ReadAsync<double>("(() => { const begin = performance.now(); const order = document.getElementById('order'); order.value = 'prompt asc'; order.dispatchEvent(new Event('input')); document.body.offsetHeight; return performance.now() - begin; })()");
        output.WriteLine(FormattableString.Invariant($"{Count} pictures: written in {written.TotalMilliseconds:0} ms, DOM ready {ready:0} ms, loaded {loaded:0} ms, {requested} requests before scrolling; {frames.Length} frames of scrolling: median {frames[frames.Length / 2]:0.0} ms, 95% {frames[frames.Length * 95 / 100]:0.0} ms, longest {frames[^1]:0.0} ms; sorted in {sorted:0} ms"));

        (await browser.ReadAsync<string[]>(Shown)).Length.ShouldBe(Count);
        requested.ShouldBeLessThan(Count / 2);
        frames.Length.ShouldBeGreaterThan(50);
        browser.Complaints.ShouldBeEmpty();
    }

    private string Address(string name) => new Uri(_folder.Of(name)).AbsoluteUri;

    private RunwareImage[] Some(params string[] prompts) => [.. prompts.Select(prompt => Galleries.Image(prompt).Saved(_folder, prompt + ".png"))];

    private Task<BrowserPage> OpenAsync(params object[] items) => OpenAsync(null, items);

    private async Task<BrowserPage> OpenAsync(MediaSource? embed, params object[] items)
    {
        Skip.If(Chromium.Program is null, Chromium.Missing);
        await WriteAsync(embed, items);
        return await chromium.OpenAsync(Address("gallery.html"));
    }

    private Task WriteAsync(MediaSource? embed, params object[] items) => Galleries.WriteAsync(_folder.Of("gallery.html"), items, embed, title: Galleries.Hostile);

    private static Task ChooseAsync(BrowserPage browser, string control, string value) =>
        browser.ReadAsync<bool>($"(() => {{ const c = document.getElementById('{control}'); c.value = '{value}'; c.dispatchEvent(new Event('input', {{ bubbles: true }})); return true; }})()");
}
