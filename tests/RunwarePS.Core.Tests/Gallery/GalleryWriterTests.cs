using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace RunwarePS.Core.Tests;

public sealed partial class GalleryWriterTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Page => _folder.Of("gallery.html");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_policy_allows_this_script_and_this_style_by_their_hashes()
    {
        var page = await WriteAsync(Galleries.Image());

        var policy = Policy(page);
        policy.ShouldStartWith("default-src 'none'; ");
        policy.ShouldContain($"; script-src '{Hash(page, "script")}'; style-src '{Hash(page, "style")}'; base-uri 'none'; form-action 'none'");
        policy.ShouldNotContain("unsafe");
        page.IndexOf("http-equiv", StringComparison.Ordinal).ShouldBeLessThan(page.IndexOf("<title", StringComparison.Ordinal), "a policy governs what follows it");
        Matches(page, "<(script|style)").ShouldBe(2);
        Matches(page, @"\s(on\w+|style)\s*=\s*[""']").ShouldBe(0, "the policy would stop them");
    }

    [Fact]
    public void Script_and_style_do_not_end_early_and_have_plain_line_feeds()
    {
        foreach (var text in new[] { GalleryPage.Script, GalleryPage.Style })
        {
            text.ShouldNotContain("</", Case.Insensitive);
            text.ShouldNotContain("<!--");
            text.ShouldNotContain("\r");
        }
    }

    [Fact]
    public async Task Every_kind_of_result_has_a_card_of_its_own_and_its_content_stays_text()
    {
        var file = _folder.Of("a.glb");
        await File.WriteAllBytesAsync(file, MediaSamples.Glb());
        var video = new RunwareVideo { Uuid = Talk.B, Prompt = "v\"><b>", Width = 1280, Height = 720, Url = new Uri("https://vm.example.test/1.mp4?a=1&b=2") };
        var audio = new RunwareAudio { Uuid = Talk.A, Url = new Uri("https://am.example.test/1.mp3") };
        var task = new RunwareTask
        {
            TaskUuid = Talk.A,
            Status = RunwareTaskStatus.Succeeded,
            Output = [new RunwareText { TaskUuid = Talk.A, Text = Galleries.Hostile }, new RunwareFile { Uuid = Talk.B, Path = file, TaskUuid = Talk.A }],
        };
        var page = await Galleries.WriteAsync(Page, [video, audio, task]);

        page.ShouldContain(" width=\"1280\" height=\"720\" aria-label=\"v&quot;&gt;&lt;b&gt;\" src=\"https://vm.example.test/1.mp4?a=1&amp;b=2\"></video>");
        page.ShouldContain("<audio controls preload=\"metadata\"");
        page.ShouldContain("href=\"a.glb\"><strong>a.glb</strong></a>");
        page.ShouldContain("<p dir=\"auto\">&lt;img src=x");
        Policy(page).ShouldContain("media-src 'self' file: https://am.example.test https://vm.example.test;");
        Matches(page, "<article").ShouldBe(4);
    }

    [Fact]
    public async Task Videos_go_inside_the_page_and_files_do_not()
    {
        var video = new RunwareVideo { Uuid = Talk.B };
        video.SetBytes(MediaSamples.Mp4(), mediaType: null);
        var file = new RunwareFile { Uuid = Talk.A, Url = new Uri("https://x.example.test/1.zip") };
        var page = await Galleries.WriteAsync(Page, [video, file], Galleries.NoNetwork);

        page.ShouldContain($"src=\"data:video/mp4;base64,{Convert.ToBase64String(MediaSamples.Mp4())}\"></video>");
        page.ShouldContain("href=\"https://x.example.test/1.zip\"");
    }

    [Theory]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("</script><script>alert(1)</script>")]
    [InlineData("\"onmouseover=\"alert(1)")]
    [InlineData("'onmouseover='alert(1)")]
    [InlineData("{{script}}{{title}}")]
    [InlineData("--><!--")]
    [InlineData("\0\u0001\u202E control")]
    public async Task What_comes_from_outside_is_escaped_wherever_it_stands(string text)
    {
        var image = Galleries.Image(text).Saved(_folder, "a.png");
        (image.Model, image.Tag, image.OutputFormat) = (text, text, text);
        var task = new RunwareTask
        {
            TaskUuid = Talk.B, Prompt = text, Model = text, Tag = text, Status = text,
            Failure = [new RunwareFailure { Code = text, Category = text, Message = text, Parameter = text }],
        };

        var page = await Galleries.WriteAsync(Page, [image, task, new RunwareTask { TaskUuid = Talk.A, Status = text }], title: text);

        var inert = await Galleries.WriteAsync(_folder.Of("other.html"), [Galleries.Image("x").Saved(_folder, "a.png"), new RunwareTask { TaskUuid = Talk.B, Prompt = "x", Tag = "x", Failure = [new RunwareFailure { Code = "x", Category = "x", Message = "x", Parameter = "x" }] }, new RunwareTask { TaskUuid = Talk.A, Status = "x" }], title: "x");
        Matches(page, "<script").ShouldBe(Matches(inert, "<script"));
        Matches(page, "<img").ShouldBe(Matches(inert, "<img"));
        Matches(page, "<!--").ShouldBe(0);
        Matches(page, @"=""[^""<>]*""(on\w+)=").ShouldBe(0);
        WebUtility.HtmlDecode(Texts(page, "h2 class=\"prompt\" dir=\"auto\"", "h2")[0]).ShouldBe(text);
    }

    [Fact]
    public async Task Half_a_character_is_shown_as_one_that_cannot_be_read() =>
        Texts(await WriteAsync(Galleries.Image("torn" + (char)0xD83D)), "h2 class=\"prompt\" dir=\"auto\"", "h2").Select(WebUtility.HtmlDecode).ShouldBe(["torn\uFFFD"]);

    [Theory]
    [InlineData("a b.png", "a%20b.png")]
    [InlineData("50% #1 [x] & 'y'.png", "50%25%20%231%20%5Bx%5D%20%26%20%27y%27.png")]
    [InlineData("sub/東京.png", "sub/%E6%9D%B1%E4%BA%AC.png")]
    [InlineData("../up.png", "../up.png")]
    [InlineData("javascript_alert(1).png", "javascript_alert%281%29.png")]
    public async Task Saved_files_are_linked_relatively(string name, string link)
    {
        var image = Galleries.Image().Saved(_folder, "page/" + name);

        var page = await Galleries.WriteAsync(_folder.Of("page", "gallery.html"), [image]);

        page.ShouldContain($"href=\"{link}\"");
        page.ShouldContain($"src=\"{link}\"");
        page.ShouldContain("loading=\"lazy\"");
        page.ShouldNotContain(_folder.Root, Case.Sensitive);
        Policy(page).ShouldContain("img-src 'self' file:;");
    }

    [SkippableFact]
    public void Names_that_only_some_systems_allow_stay_parts_of_a_path()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no such names");

        GalleryLink.OfFile("/a/what?.png", "/a").ShouldBe("what%3F.png");
        GalleryLink.OfFile("/a/javascript:alert(1).png", "/a").ShouldBe("javascript%3Aalert%281%29.png");
        GalleryLink.OfFile("/a/b\\c\".png", "/a").ShouldBe("b%5Cc%22.png");
    }

    [Fact]
    public async Task Urls_are_linked_and_the_policy_names_their_hosts_and_no_other()
    {
        var images = new[] { "https://im.runware.ai/a.jpg?x=1&y=2", "https://IM.runware.ai/b.jpg", "http://127.0.0.1:8080/c.jpg" }.Select(At).ToArray();

        var page = await WriteAsync(images);

        Policy(page).ShouldContain("img-src http://127.0.0.1:8080 https://im.runware.ai;");
        page.ShouldContain("src=\"https://im.runware.ai/a.jpg?x=1&amp;y=2\"");
        page.ShouldContain("3 results are linked to on the web, where such links expire.");
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("file:///etc/passwd")]
    [InlineData("data:text/html,<script>alert(1)</script>")]
    [InlineData("ftp://host/a.jpg")]
    [InlineData("https://user:password@host/a.jpg")]
    [InlineData("http://[::1]/a.jpg")]
    public async Task Other_urls_never_become_links(string address)
    {
        using var writer = new GalleryWriter(Page, embed: null);
        await writer.AddAsync(Galleries.Entries(At(address)).Single(), CancellationToken.None);
        await writer.FinishAsync("t", force: false, CancellationToken.None);

        var page = await File.ReadAllTextAsync(Page);
        Matches(page, "(href|src)=\"").ShouldBe(0);
        page.ShouldNotContain("password");
        Policy(page).ShouldContain("img-src 'none';");
        writer.NotShown.ShouldBe(1);
    }

    [Fact]
    public async Task Data_that_was_not_saved_is_not_shown_unless_it_goes_inside()
    {
        var image = Galleries.Image();
        var bytes = Galleries.Picture();
        image.ImageBase64Data = Convert.ToBase64String(bytes);

        var without = await WriteAsync(image);
        var within = await Galleries.WriteAsync(_folder.Of("inside.html"), [image], Galleries.NoNetwork);

        WithoutScript(without).ShouldNotContain("data:");
        without.ShouldContain("This result is not saved in a file.");
        within.ShouldContain($"src=\"data:image/png;base64,{image.ImageBase64Data}\"");
        Policy(within).ShouldContain("img-src data:;");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(49_151)]
    [InlineData(49_152)]
    [InlineData(49_153)]
    [InlineData(500_000)]
    public async Task Files_go_inside_byte_for_byte(int length)
    {
        var bytes = Pictures.Jpeg(length + 600);
        await File.WriteAllBytesAsync(_folder.Of("a.jpg"), bytes);

        var page = await Galleries.WriteAsync(Page, [_folder.Of("a.jpg")], Galleries.NoNetwork);

        page.ShouldContain($"src=\"data:image/jpeg;base64,{Convert.ToBase64String(bytes)}\"");
    }

    [Fact]
    public async Task When_the_page_is_full_the_rest_is_linked_to()
    {
        var images = new[] { "a.jpg", "b.jpg", "c.jpg" }.Select(name => Galleries.Image(name, _folder.Of(name))).ToArray();
        await File.WriteAllBytesAsync(images[0].Path!, Pictures.Jpeg(1000));
        await File.WriteAllBytesAsync(images[1].Path!, Pictures.Jpeg(2000));
        await File.WriteAllBytesAsync(images[2].Path!, Pictures.Jpeg(1000));
        using var writer = new GalleryWriter(Page, Galleries.NoNetwork, room: 2500);
        foreach (var image in images)
        {
            await writer.AddAsync(Galleries.Entries(image).Single(), CancellationToken.None);
        }

        await writer.FinishAsync("t", force: false, CancellationToken.None);

        writer.LeftOutside.ShouldBe(2);
        var page = await File.ReadAllTextAsync(Page);
        Matches(page, "src=\"data:").ShouldBe(1);
        page.ShouldContain("src=\"b.jpg\"");
        page.ShouldContain("src=\"c.jpg\"");
        Policy(page).ShouldContain("img-src 'self' data: file:;");
    }

    [Fact]
    public async Task An_image_on_the_web_is_fetched_to_go_inside()
    {
        var bytes = Galleries.Picture();
        var source = Source(_ => new HttpResponseMessage { Content = new ByteArrayContent(bytes) });

        var page = await Galleries.WriteAsync(Page, [At("https://im.runware.ai/a.jpg")], source);

        page.ShouldContain(Convert.ToBase64String(bytes));
        page.ShouldNotContain("im.runware.ai");
        _folder.Files.ShouldBe(["gallery.html"]);
    }

    [Fact]
    public async Task One_that_cannot_be_fetched_is_reported_and_linked_to()
    {
        using var writer = new GalleryWriter(Page, Source(_ => new HttpResponseMessage(HttpStatusCode.NotFound)));

        var failure = await writer.AddAsync(Galleries.Entries(At("https://im.runware.ai/a.jpg")).Single(), CancellationToken.None);
        await writer.FinishAsync("t", force: false, CancellationToken.None);

        failure!.Code.ShouldBe("DownloadFailed");
        (await File.ReadAllTextAsync(Page)).ShouldContain("src=\"https://im.runware.ai/a.jpg\"");
        _folder.Files.ShouldBe(["gallery.html"]);
    }

    [Fact]
    public async Task Totals_state_what_is_not_known()
    {
        RunwareImage[] images = [Galleries.Image(), Galleries.Image(), Galleries.Image()];
        (images[0].Cost, images[1].Cost, images[2].Cost) = (0.25m, 0.042m, null);
        var failed = new RunwareTask { TaskUuid = Talk.B, Failure = [new RunwareFailure { Code = "a", Message = "b" }, new RunwareFailure { Code = "a", Message = "b" }] };

        var page = await WriteAsync([.. images, failed, new RunwareTask { TaskUuid = Guid.NewGuid(), Status = "Processing" }]);

        Texts(page, "dd", "dd").Take(5).ShouldBe(["3", "2", "1", "3", "$0.292 <small>+ 1 unknown</small>"]);
        page.ShouldContain("<dt>Cost</dt><dd dir=\"auto\">unknown</dd>");
    }

    [Fact]
    public async Task Where_no_cost_is_known_the_sum_is_unknown_and_not_0()
    {
        var image = Galleries.Image();
        image.Cost = null;

        Texts(await WriteAsync(image), "dd", "dd")[3].ShouldBe("unknown");
    }

    [Fact]
    public async Task Numbers_and_times_do_not_follow_the_culture()
    {
        using var german = new GermanCulture();
        var image = Galleries.Image();
        image.CreatedAt = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

        var page = await WriteAsync(image);

        page.ShouldContain("data-cost=\"0.25\" data-time=\"2026-01-02T03:04:05.000Z\"");
        page.ShouldContain("<time datetime=\"2026-01-02T03:04:05Z\">2026-01-02 03:04 UTC</time>");
        page.ShouldContain("$0.25");
    }

    [Fact]
    public async Task A_task_shows_its_images_its_failures_and_how_to_make_them()
    {
        var image = Galleries.Image();
        image.Metadata.Quality = "high";
        var task = new RunwareTask
        {
            TaskUuid = Talk.A, Prompt = "a tram", Model = "openai:1@1", Status = "PartiallySucceeded", Image = [image],
            Failure = [new RunwareFailure { Code = "invalidProviderContent", Message = "Refused. See https://host/why?token=abcdef123" }],
        };

        var page = await WriteAsync(task);

        var commands = Texts(page, "code", "code").Select(WebUtility.HtmlDecode).ToArray();
        commands.ShouldBe(Enumerable.Repeat("New-RunwareImage -Prompt 'a tram' -Model 'openai:1@1' -Width 1024 -Height 1024 -Quality 'high'", 2));
        page.ShouldContain("invalidProviderContent");
        page.ShouldContain("Refused. See https://host/why?***");
        page.ShouldNotContain("abcdef123");
    }

    [Fact]
    public async Task Work_that_has_not_ended_shows_how_to_get_it()
    {
        var page = await WriteAsync(new RunwareTask { TaskUuid = Talk.A, Status = "Processing" });

        Texts(page, "code", "code").ShouldBe([$"Receive-RunwareTask {Talk.A:D} -Wait"]);
        page.ShouldContain("<strong>Processing</strong>");
    }

    [Fact]
    public async Task What_an_image_does_not_state_is_read_out_of_its_file()
    {
        var image = Galleries.Image();
        image.Metadata.Quality = "high";
        image.SetBytes(Galleries.Picture(), mediaType: null);
        var options = new SaveOptions { Folder = _folder.Root, Template = FileNameTemplate.Parse("a") };
        var saved = (await new MediaSaver(Galleries.NoNetwork).SaveAsync(image, options, CancellationToken.None)).Path;
        var lost = new RunwareImage { ImageUuid = Talk.B, Path = saved, Prompt = "a tram" };
        var other = new RunwareImage { ImageUuid = Guid.NewGuid(), Path = saved, Prompt = "a boat" };

        var commands = Texts(await WriteAsync(lost, other, saved), "code", "code").Select(WebUtility.HtmlDecode).ToArray();

        const string Whole = "New-RunwareImage -Prompt 'a tram' -Model 'openai:1@1' -Width 1024 -Height 1024 -Quality 'high'";
        commands.ShouldBe([Whole, "New-RunwareImage -Prompt 'a boat'", Whole]);
    }

    [Fact]
    public async Task A_file_that_reports_nothing_is_shown_with_its_name_and_size()
    {
        await File.WriteAllBytesAsync(_folder.Of("holiday.jpg"), Pictures.Jpeg(2048));

        var page = await WriteAsync(_folder.Of("holiday.jpg"));

        Texts(page, "h2 class=\"prompt\" dir=\"auto\"", "h2").ShouldBe(["holiday.jpg"]);
        page.ShouldContain("<dd dir=\"auto\">2 kB</dd>");
        Matches(page, "<code>").ShouldBe(0);
    }

    [Fact]
    public async Task What_is_not_an_image_leaves_no_trace_on_the_page()
    {
        await File.WriteAllTextAsync(_folder.Of("notes.jpg"), "these are no pixels");
        using var writer = new GalleryWriter(Page, Galleries.NoNetwork);
        await writer.AddAsync(Galleries.Entries(Galleries.Image("first").Saved(_folder, "a.png")).Single(), CancellationToken.None);

        (await Should.ThrowAsync<RunwareException>(() => writer.AddAsync(Galleries.Entries(_folder.Of("notes.jpg")).Single(), CancellationToken.None))).Code.ShouldBe("ParameterUnreadable");
        (await Should.ThrowAsync<RunwareException>(() => writer.AddAsync(Galleries.Entries(new RunwareImage { ImageBase64Data = "%" }).Single(), CancellationToken.None))).Code.ShouldBe("ParameterUnreadable");
        await writer.AddAsync(Galleries.Entries(Galleries.Image("second").Saved(_folder, "b.png")).Single(), CancellationToken.None);
        await writer.FinishAsync("t", force: false, CancellationToken.None);

        Texts(await File.ReadAllTextAsync(Page), "h2 class=\"prompt\" dir=\"auto\"", "h2").ShouldBe(["first", "second"]);
        writer.Totals.Results.ShouldBe(2);
    }

    [SkippableTheory]
    [InlineData("/dev/zero")] // has no end
    [InlineData("/proc/self/mem")] // cannot be read from where it begins
    [InlineData("/dev/ptmx")] // cannot be read at a place
    public async Task What_is_no_plain_file_costs_no_other_card(string path)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Linux has such files");
        using var writer = new GalleryWriter(Page, embed: null);
        await writer.AddAsync(Galleries.Entries(Galleries.Image("first").Saved(_folder, "a.png")).Single(), CancellationToken.None);

        (await Should.ThrowAsync<RunwareException>(() => writer.AddAsync(Galleries.Entries(path).Single(), CancellationToken.None))).Code.ShouldBe("ParameterUnreadable");

        await writer.FinishAsync("t", force: false, CancellationToken.None);
        writer.Totals.Results.ShouldBe(1);
    }

    [Fact]
    public void An_object_with_nothing_to_show_is_no_entry() =>
        Should.Throw<RunwareException>(() => Galleries.Entries(new RunwareImage { Path = _folder.Of("gone.jpg") }).ToArray()).Code.ShouldBe("ParameterUnreadable");

    [Fact]
    public async Task An_image_whose_file_is_gone_keeps_its_card()
    {
        var page = await WriteAsync(Galleries.Image("a tram", _folder.Of("gone.jpg")));

        page.ShouldContain("Cannot find the file &#x27;gone.jpg&#x27;.");
        Matches(page, "<img[^>]+src=").ShouldBe(0);
    }

    [Fact]
    public async Task A_page_that_is_there_stays_unless_forced()
    {
        await File.WriteAllTextAsync(Page, "mine");
        using (var writer = new GalleryWriter(Page, embed: null))
        {
            (await Should.ThrowAsync<RunwareException>(() => writer.FinishAsync("t", force: false, CancellationToken.None))).Code.ShouldBe("FileExists");
            (await File.ReadAllTextAsync(Page)).ShouldBe("mine");
            await writer.FinishAsync("t", force: true, CancellationToken.None);
        }

        (await File.ReadAllTextAsync(Page)).ShouldStartWith("<!DOCTYPE html>");
        _folder.Files.ShouldBe(["gallery.html"]);
    }

    [Fact]
    public async Task A_page_that_is_not_finished_leaves_nothing_behind()
    {
        using (var writer = new GalleryWriter(Page, embed: null))
        {
            await writer.AddAsync(Galleries.Entries(Galleries.Image()).Single(), CancellationToken.None);
        }

        _folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_reported()
    {
        File.WriteAllText(_folder.Of("file"), "in the way");

        Should.Throw<RunwareException>(() => new GalleryWriter(_folder.Of("file", "gallery.html"), embed: null)).Code.ShouldBe("SaveFailed");
    }

    [Fact]
    public async Task A_page_of_nothing_reports_it() => (await WriteAsync()).ShouldContain("There is nothing to show.");

    private Task<string> WriteAsync(params object[] items) => Galleries.WriteAsync(Page, items);

    private static RunwareImage At(string address)
    {
        var image = Galleries.Image();
        image.ImageUrl = new Uri(address);
        return image;
    }

    private static MediaSource Source(Func<ReceivedRequest, HttpResponseMessage> answer) =>
        new(() => new HttpClient(new ScriptedHandler(answer)), TimeSpan.FromSeconds(30), maxRetryCount: 0, TimeProvider.System);

    private static string Policy(string page) => PolicyTag().Match(page).Groups["policy"].Value;

    private static string Hash(string page, string tag) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Texts(page, tag, tag).Single())));

    private static string[] Texts(string page, string tag, string end) =>
        [.. Regex.Matches(page, $"<{tag}(?: dir=\"auto\")?>(.*?)</{end}>", RegexOptions.Singleline, TimeSpan.FromSeconds(5)).Select(m => m.Groups[1].Value)];

    private static int Matches(string page, string pattern) => Regex.Count(WithoutScript(page), pattern, RegexOptions.None, TimeSpan.FromSeconds(5));

    private static string WithoutScript(string page) => page.Replace(GalleryPage.Script, "", StringComparison.Ordinal).Replace(GalleryPage.Style, "", StringComparison.Ordinal);

    [GeneratedRegex("http-equiv=\"Content-Security-Policy\" content=\"(?<policy>[^\"]+)\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex PolicyTag();
}
