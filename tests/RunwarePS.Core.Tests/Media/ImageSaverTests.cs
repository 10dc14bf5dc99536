namespace RunwarePS.Core.Tests;

/// <summary>Saving what a response carried: no network is asked.</summary>
public sealed class ImageSaverTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Bytes_of_a_response_become_a_file_with_their_own_extension()
    {
        foreach (var (bytes, name) in new[] { (Pictures.Jpeg(), "a.jpg"), (Pictures.Png(), "a.png"), (Pictures.Webp(), "a.webp") })
        {
            var image = new RunwareImage { OutputFormat = "JPG" };
            image.SetBytes(bytes, mediaType: null);

            var path = await SaveAsync(image, "a");
            path.ShouldBe(_folder.Of(name));
            (await File.ReadAllBytesAsync(path)).ShouldBe(bytes);
        }

        _folder.Files.ShouldBe(["a.jpg", "a.png", "a.webp"]);
    }

    [Fact]
    public async Task Text_from_a_job_or_a_bag_becomes_the_same_file()
    {
        var picture = Pictures.Png();
        var text = Convert.ToBase64String(picture);

        (await File.ReadAllBytesAsync(await SaveAsync(new RunwareImage { ImageBase64Data = text }, "a"))).ShouldBe(picture);
        (await File.ReadAllBytesAsync(await SaveAsync(new RunwareImage { ImageDataUri = "data:image/png;base64," + text }, "b"))).ShouldBe(picture);
        (await File.ReadAllBytesAsync(await SaveAsync(new RunwareImage { ImageBase64Data = "data:image/png;base64," + text }, "c"))).ShouldBe(picture);
    }

    [Fact]
    public async Task Data_is_used_before_a_url()
    {
        var image = new RunwareImage { ImageBase64Data = Convert.ToBase64String(Pictures.Png()), ImageUrl = new Uri("https://im.example.test/1.jpg") };

        (await SaveAsync(image, "a")).ShouldBe(_folder.Of("a.png"));
    }

    [Fact]
    public async Task Folders_of_path_and_template_are_made()
    {
        var path = await Saver().SaveAsync(
            Image(), _folder.Of("new", "deeper"), FileNameTemplate.Parse("{Tag}/{Index}"), force: false, CancellationToken.None);

        path.ShouldBe(_folder.Of("new", "deeper", "_", "0.jpg"));
        File.Exists(path).ShouldBeTrue();
    }

    [Theory]
    [InlineData("a [1] {0}")]
    [InlineData("東京 🦊")]
    [InlineData("$HOME `x` 'y' %TEMP%")]
    public async Task Odd_names_are_saved_under_that_name(string prompt)
    {
        var image = Image();
        image.Prompt = prompt;

        (await SaveAsync(image, "{Prompt}")).ShouldBe(_folder.Of(prompt + ".jpg"));
    }

    [Fact]
    public async Task Another_image_under_the_name_is_not_touched()
    {
        await File.WriteAllBytesAsync(_folder.Of("a.jpg"), Pictures.Jpeg(700));
        var e = await Should.ThrowAsync<RunwareException>(() => SaveAsync(Image(), "a"));

        e.Code.ShouldBe("FileExists");
        e.TaskUuid.ShouldBe(Talk.A);
        e.Message.ShouldContain("a.jpg");
        (await File.ReadAllBytesAsync(_folder.Of("a.jpg"))).ShouldBe(Pictures.Jpeg(700));
        _folder.Files.ShouldBe(["a.jpg"]);
    }

    [Fact]
    public async Task An_image_of_the_same_length_is_still_another()
    {
        var other = Pictures.Jpeg();
        other[^1] ^= 1;
        await File.WriteAllBytesAsync(_folder.Of("a.jpg"), other);

        (await Should.ThrowAsync<RunwareException>(() => SaveAsync(Image(), "a"))).Code.ShouldBe("FileExists");
    }

    [Fact]
    public async Task The_very_same_image_counts_as_saved_and_is_left_alone()
    {
        await SaveAsync(Image(), "a");
        var written = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(_folder.Of("a.jpg"), written);

        (await SaveAsync(Image(), "a")).ShouldBe(_folder.Of("a.jpg"));
        File.GetLastWriteTimeUtc(_folder.Of("a.jpg")).ShouldBe(written);
        _folder.Files.ShouldBe(["a.jpg"]);
    }

    [Fact]
    public async Task Force_replaces_what_is_there()
    {
        await File.WriteAllTextAsync(_folder.Of("a.jpg"), "something old");

        await SaveAsync(Image(), "a", force: true);
        (await File.ReadAllBytesAsync(_folder.Of("a.jpg"))).ShouldBe(Pictures.Jpeg());
        _folder.Files.ShouldBe(["a.jpg"]);
    }

    [Fact]
    public async Task Many_at_once_under_one_name_leave_one_whole_image()
    {
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            var image = new RunwareImage();
            image.SetBytes(Pictures.Jpeg(100_000 + i), mediaType: null);
            try
            {
                await SaveAsync(image, "a");
                return true;
            }
            catch (RunwareException e) when (e.Code == "FileExists")
            {
                return false;
            }
        }));

        results.Count(saved => saved).ShouldBe(1);
        _folder.Files.ShouldBe(["a.jpg"]);
        new FileInfo(_folder.Of("a.jpg")).Length.ShouldBeInRange(100_000, 100_015);
    }

    [Theory]
    [InlineData("this is no base64!")]
    [InlineData("data:image/png;base64,%%%")]
    public async Task Data_that_cannot_be_read_leaves_nothing_behind(string data)
    {
        (await Should.ThrowAsync<RunwareException>(() => SaveAsync(new RunwareImage { ImageBase64Data = data }, "a"))).Code.ShouldBe("ParameterUnreadable");
        _folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task Data_that_is_not_an_image_leaves_nothing_behind()
    {
        (await Should.ThrowAsync<RunwareException>(() => SaveAsync(new RunwareImage { ImageBase64Data = Convert.ToBase64String("<html>"u8) }, "a"))).Code.ShouldBe("DownloadFailed");
        _folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_image_with_neither_data_nor_url_leaves_nothing_behind()
    {
        (await Should.ThrowAsync<RunwareException>(() => SaveAsync(new RunwareImage { ImageUuid = Talk.B }, "a"))).Message.ShouldContain(Talk.B.ToString());
        _folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_reported()
    {
        await File.WriteAllTextAsync(_folder.Of("file"), "in the way");
        var e = await Should.ThrowAsync<RunwareException>(() => Saver().SaveAsync(
            Image(), _folder.Of("file"), FileNameTemplate.Parse("a"), force: false, CancellationToken.None));

        e.Code.ShouldBe("SaveFailed");
        _folder.Files.ShouldBe(["file"]);
    }

    [Fact]
    public async Task A_canceled_save_leaves_nothing_behind()
    {
        await Should.ThrowAsync<OperationCanceledException>(() => Saver().SaveAsync(
            Image(), _folder.Root, FileNameTemplate.Parse("a"), force: false, new CancellationToken(canceled: true)));

        _folder.Files.ShouldBeEmpty();
    }

    private Task<string> SaveAsync(RunwareImage image, string template, bool force = false) =>
        Saver().SaveAsync(image, _folder.Root, FileNameTemplate.Parse(template), force, CancellationToken.None);

    private static RunwareImage Image()
    {
        var image = new RunwareImage { TaskUuid = Talk.A };
        image.SetBytes(Pictures.Jpeg(), mediaType: null);
        return image;
    }

    private static MediaSaver Saver() => new(new MediaSource(NoNetwork, TimeSpan.FromSeconds(30), maxRetryCount: 0, TimeProvider.System));

    private static HttpClient NoNetwork() => new(new ScriptedHandler(_ => throw new InvalidOperationException("Nothing is to be fetched here.")));
}
