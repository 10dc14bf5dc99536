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
    public void A_property_bag_with_an_image_is_an_image(string property)
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
    public void What_is_not_an_image_is_an_error_of_its_record(string record)
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
    public void A_task_stands_for_its_images()
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
    public void What_is_not_an_image_on_the_wire_leaves_no_file()
    {
        Session.StartSandbox("-Fault @{ Kind = 'Status'; StatusCode = 200; Body = '<html>gone</html>'; TaskType = 'download' }");
        var folder = NewFolder();

        Session.Try("New-RunwareImage 'a tram' | Save-RunwareImage -Path $args[0]", folder).Error.Id().ShouldBe("DownloadFailed");

        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("PNG", ".png")]
    [InlineData("WEBP", ".webp")]
    [InlineData("JPG", ".jpg")]
    public void A_signed_image_is_saved_as_it_is_with_its_metadata_beside_it(string format, string extension)
    {
        Session.StartSandbox();
        var folder = NewFolder();
        Session.Run("""
            $file = New-RunwareImage x -OutputFormat $args[1] | Save-RunwareImage -Path $args[0] -FileName plain -NoMetadata
            $global:plain = [IO.File]::ReadAllBytes($file.FullName)
            """, folder, format);
        var signed = Sign((byte[])Session.Run("$global:plain").Output.Select(o => (byte)o.BaseObject).ToArray(), format);

        var run = Session.Run("""
            $bag = [pscustomobject]@{ ImageBase64Data = [Convert]::ToBase64String($args[1]); Prompt = 'a cat'; ImageUuid = [guid]::NewGuid(); Cost = 0.5 }
            $bag | Save-RunwareImage -Path $args[0] -FileName signed -Verbose 4>&1
            $bag | Save-RunwareImage -Path $args[0] -FileName signed
            (Get-RunwareImageInfo -LiteralPath (Join-Path $args[0] $args[2])).Prompt
            """, folder, signed, "signed" + extension);

        var path = Path.Combine(folder, "signed" + extension);
        run.Texts.Where(t => !t.StartsWith("Performing", StringComparison.Ordinal)).ShouldBe(
            [$"The file '{path}' isn't changed: it is signed with Content Credentials (C2PA), which any change would break. Its metadata is written to '{path}.json'.", path, path, "a cat"],
            ignoreOrder: true);
        File.ReadAllBytes(path).ShouldBe(signed);
    }

    [Fact]
    public void Another_file_in_the_place_of_a_sidecar_stays_and_the_image_is_saved()
    {
        Session.StartSandbox();
        var folder = NewFolder();
        var notes = Path.Combine(folder, "cat.jpg.json");
        File.WriteAllText(notes, """{"title":"cat.jpg"}""");

        var run = Session.Try("New-RunwareImage 'a cat' | Save-RunwareImage -Path $args[0] -FileName cat -Sidecar", folder);

        run.Text.ShouldBe(Path.Combine(folder, "cat.jpg"));
        run.Error.Id().ShouldBe("FileExists");
        run.Error.ToString().ShouldContain(notes);
        run.Error.ErrorDetails.RecommendedAction.ShouldContain("-Force");
        File.ReadAllText(notes).ShouldBe("""{"title":"cat.jpg"}""");

        Session.Run("New-RunwareImage 'a cat' | Save-RunwareImage -Path $args[0] -FileName cat -Sidecar -Force", folder);
        File.ReadAllText(notes).ShouldContain("a cat");
    }

    [Fact]
    public void A_JSON_file_of_another_program_is_no_metadata()
    {
        Session.StartSandbox();
        var folder = NewFolder();
        File.WriteAllText(Path.Combine(folder, "dog.jpg.json"), """{"title":"dog.jpg","prompt":"their prompt","width":7}""");

        Session.Try("New-RunwareImage 'a dog' | Save-RunwareImage -Path $args[0] -FileName dog -NoMetadata | Get-RunwareImageInfo", folder)
            .Error.Id().ShouldBe("ImageInfoNotFound");
    }

    [Fact]
    public void Data_that_breaks_off_is_an_error_and_leaves_no_file()
    {
        Session.StartSandbox();
        var folder = NewFolder();

        var run = Session.Try("""
            foreach ($format in 'JPG', 'PNG', 'WEBP') {
                $data = (New-RunwareImage x -OutputFormat $format -OutputType Base64Data).ImageBase64Data
                foreach ($length in ($data.Length - 8), ($data.Length - 9), ($data.Length / 2 -band -bnot 3), [Math]::Min(400, $data.Length - 4)) {
                    [pscustomobject]@{ ImageBase64Data = $data.Substring(0, $length) } | Save-RunwareImage -Path $args[0]
                }
            }
            """, folder);

        run.Errors.Length.ShouldBe(12);
        run.Errors.ShouldAllBe(e => e.Id() == "DownloadFailed" && e.ErrorDetails.RecommendedAction.Contains("cut off"));
        Directory.EnumerateFileSystemEntries(folder).ShouldBeEmpty();
    }

    [Fact]
    public void Files_named_by_a_prompt_or_a_tag_are_seen()
    {
        Session.StartSandbox();

        var run = Session.Run("""
            '.NET mascot', '...and then' | New-RunwareImage -Tag '.draft' | Save-RunwareImage -Path $args[0] -FileName '{Tag}/{Prompt}' | Out-Null
            Get-ChildItem -LiteralPath $args[0] -Recurse -File | ForEach-Object Name | Sort-Object
            """, NewFolder());

        run.Texts.ShouldBe(["_...and then.jpg", "_.NET mascot.jpg"], ignoreOrder: true);
    }

    // What signs an image: a box in the container.
    private static byte[] Sign(byte[] image, string format)
    {
        byte[] box = [.. "????jumb????jumdc2pa"u8];
        switch (format)
        {
            case "PNG":
                return [.. image[..33], 0, 0, 0, (byte)box.Length, .. "caBX"u8, .. box, 0, 0, 0, 0, .. image[33..]];
            case "JPG":
                return [0xFF, 0xD8, 0xFF, 0xEB, 0, (byte)(box.Length + 10), .. "JP"u8, 0, 1, 0, 0, 0, 1, .. box, .. image[2..]];
            default:
                byte[] signed = [.. image, .. "C2PA"u8, (byte)box.Length, 0, 0, 0, .. box];
                BitConverter.GetBytes(signed.Length - 8).CopyTo(signed, 4);
                return signed;
        }
    }
}
