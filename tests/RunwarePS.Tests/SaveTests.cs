namespace RunwarePS.Tests;

/// <summary>Names, folders and objects that Save-RunwareImage meets on the engine.</summary>
public sealed class SaveTests : EngineTest
{
    [Theory]
    [InlineData("")]
    [InlineData("[1] drafts [a-z]")]
    public void Brackets_in_folder_and_name_are_plain_characters(string folderName)
    {
        Session.StartSandbox();
        var folder = Path.Combine(NewFolder("[x]"), folderName);

        var run = Session.Run("New-RunwareImage 'a [red] tram' | Save-RunwareImage -Path $args[0] -FileName '[{InputIndex}] {Prompt}' | Get-FileHash | ForEach-Object Path", folder);

        run.Text.ShouldBe(Path.Combine(folder, "[0] a [red] tram.jpg"));
        File.Exists(run.Text).ShouldBeTrue();
    }

    [Fact]
    public void A_folder_that_looks_like_a_pattern_is_no_pattern()
    {
        Session.StartSandbox();
        var root = NewFolder();
        Directory.CreateDirectory(Path.Combine(root, "a"));

        Session.Run("Set-Location -LiteralPath $args[0]; New-RunwareImage 'a tram' | Save-RunwareImage '[ab]' | Out-Null; Set-Location /", root);

        Directory.GetFiles(Path.Combine(root, "[ab]")).Length.ShouldBe(1);
        Directory.GetFiles(Path.Combine(root, "a")).ShouldBeEmpty();
    }

    [Fact]
    public void The_default_folder_is_the_location_of_the_session_and_not_of_the_process()
    {
        Session.StartSandbox();
        var folder = NewFolder();

        var run = Session.Run("Set-Location -LiteralPath $args[0]; New-RunwareImage 'a tram' | Save-RunwareImage | ForEach-Object DirectoryName; Set-Location /", folder);

        run.Text.ShouldBe(folder);
        File.Exists(Path.Combine(Environment.CurrentDirectory, run.Text)).ShouldBeFalse();
    }

    [Fact]
    public void The_default_name_is_task_and_index()
    {
        Session.StartSandbox();
        var folder = NewFolder();

        Session.Run("$images = New-RunwareImage 'a tram' -Count 2; $images | Save-RunwareImage -Path $args[0] | Out-Null", folder);

        var task = Session.Run("$images[0].TaskUuid").Value<Guid>();
        Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe([$"{task:D}-0.jpg", $"{task:D}-1.jpg"]);
    }

    [Fact]
    public void PassThru_gives_the_image_with_its_path()
    {
        Session.StartSandbox();

        var image = Session.Run("New-RunwareImage 'a tram' | Save-RunwareImage -Path $args[0] -PassThru", NewFolder()).Output.ShouldHaveSingleItem();

        image.Get("Prompt").ShouldBe("a tram");
        File.Exists((string)image.Get("Path")!).ShouldBeTrue();
    }

    [Fact]
    public void Path_does_not_bind_to_the_path_of_a_saved_image()
    {
        Session.StartSandbox();
        var (first, second) = (NewFolder(), NewFolder());

        Session.Run("New-RunwareImage 'a tram' | Save-RunwareImage -Path $args[0] -PassThru | Save-RunwareImage -Path $args[1] | Out-Null", first, second);

        Directory.GetFiles(first).Length.ShouldBe(1);
        Directory.GetFiles(second).Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("ImageUrl = \"$($image.ImageUrl)\"")]
    [InlineData("imageURL = \"$($image.ImageUrl)\"")]
    [InlineData("imageBase64Data = [Convert]::ToBase64String($bytes)")]
    [InlineData("imageDataURI = 'data:image/jpeg;base64,' + [Convert]::ToBase64String($bytes)")]
    public void A_property_bag_with_a_picture_is_a_picture(string property)
    {
        Session.StartSandbox();
        var folder = NewFolder();

        var run = Session.Run($$"""
            $image = New-RunwareImage 'a tram'
            $file = $image | Save-RunwareImage -Path (Join-Path $args[0] live) -NoMetadata
            $bytes = [IO.File]::ReadAllBytes($file.FullName)
            $saved = [pscustomobject]@{ {{property}} } | Save-RunwareImage -Path (Join-Path $args[0] bag) -NoMetadata
            (Get-FileHash -LiteralPath $saved.FullName).Hash -eq (Get-FileHash -LiteralPath $file.FullName).Hash
            """, folder);

        run.Value<bool>().ShouldBeTrue();
    }

    [Theory]
    [InlineData("'some-file.jpg'")]
    [InlineData("Get-Item -LiteralPath $PSHOME")]
    [InlineData("[pscustomobject]@{ Name = 'no picture' }")]
    [InlineData("42")]
    [InlineData("[pscustomobject]@{ ImageUrl = 'not an address' }")]
    public void What_is_no_picture_is_an_error_of_its_record(string record)
    {
        Session.StartSandbox();
        var folder = NewFolder();

        var run = Session.Try($"$image = New-RunwareImage 'a tram'; & {{ {record}; $image }} | Save-RunwareImage -Path $args[0]", folder);

        run.Ended.ShouldBeNull();
        run.Errors.Length.ShouldBe(1);
        run.Output.Length.ShouldBe(1);
        Directory.GetFiles(folder).Length.ShouldBe(1);
    }

    [Fact]
    public void A_task_stands_for_its_pictures()
    {
        Session.StartSandbox();

        Session.Run("New-RunwareImage 'a tram' -Count 3 | Select-Object -First 1 | Get-RunwareTask | Save-RunwareImage -Path $args[0]", NewFolder()).Output.Length.ShouldBe(3);
    }

    [Fact]
    public void One_failed_download_costs_no_other_its_file()
    {
        Session.StartSandbox("-Fault @{ Kind = 'Status'; StatusCode = 404; TaskType = 'download'; Match = 'two' }");
        var folder = NewFolder();

        var run = Session.Try("'one', 'two', 'three' | New-RunwareImage | Save-RunwareImage -Path $args[0]", folder);

        run.Output.Length.ShouldBe(2);
        run.Error.Id().ShouldBe("DownloadFailed");
        run.Error.ErrorDetails.RecommendedAction.ShouldNotBeNullOrEmpty();
        Directory.GetFiles(folder).Length.ShouldBe(2);
    }

    [Fact]
    public void What_is_no_picture_on_the_wire_leaves_no_file()
    {
        Session.StartSandbox("-Fault @{ Kind = 'Status'; StatusCode = 200; Body = '<html>gone</html>'; TaskType = 'download' }");
        var folder = NewFolder();

        Session.Try("New-RunwareImage 'a tram' | Save-RunwareImage -Path $args[0]", folder).Error.Id().ShouldBe("DownloadFailed");

        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
    }
}
