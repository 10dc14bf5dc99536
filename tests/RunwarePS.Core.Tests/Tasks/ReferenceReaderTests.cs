using System.Text.Json;

namespace RunwarePS.Core.Tests;

/// <summary>What a user may call a reference image, and what of it goes over the wire.</summary>
public sealed class ReferenceReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Bytes_go_as_base64_whatever_kind_of_image_they_are()
    {
        foreach (var picture in new[] { Pictures.Jpeg(), Pictures.Png(), Pictures.Webp() })
        {
            Read(picture).ShouldBe([Convert.ToBase64String(picture)]);
        }
    }

    [Fact]
    public void A_file_goes_as_its_bytes_by_object_by_path_and_by_url()
    {
        var path = _folder.Of("fox [1].png");
        File.WriteAllBytes(path, Pictures.Png());
        var expected = Convert.ToBase64String(Pictures.Png());

        Read(new FileInfo(path)).ShouldBe([expected]);
        Read(path, path).ShouldBe([expected]);
        Read(new Uri(path)).ShouldBe([expected]);
    }

    [Fact]
    public void A_pattern_is_all_its_files_in_their_order()
    {
        string[] paths = [_folder.Of("b.jpg"), _folder.Of("a.png")];
        File.WriteAllBytes(paths[0], Pictures.Jpeg());
        File.WriteAllBytes(paths[1], Pictures.Png());

        Read("*.*", paths).ShouldBe([Convert.ToBase64String(Pictures.Jpeg()), Convert.ToBase64String(Pictures.Png())]);
    }

    [Theory]
    [InlineData("https://example.test/a.jpg?x=1,2")]
    [InlineData("http://example.test/a b.jpg")]
    [InlineData("data:image/png;base64,AAAA")]
    public void Urls_and_data_uris_go_as_they_are(string text) => Read(text).ShouldBe([text]);

    [Fact]
    public void Base64_of_an_image_is_that_image_unless_it_names_a_file()
    {
        var picture = Convert.ToBase64String(Pictures.Jpeg());
        var path = _folder.Of("a.png");
        File.WriteAllBytes(path, Pictures.Png());

        Read(picture).ShouldBe([picture]);
        Read(picture, path).ShouldBe([Convert.ToBase64String(Pictures.Png())]);
        Should.Throw<RunwareException>(() => Read(picture[..^1] + "*")).Code.ShouldBe("ReferenceImageNotFound");
    }

    [Fact]
    public void One_image_is_one_and_read_once()
    {
        var path = _folder.Of("a.png");
        File.WriteAllBytes(path, Pictures.Png());
        var reader = new ReferenceReader(text => text == "two" ? [path, path] : [path], "SeedImage");

        var read = reader.ReadOne(path);
        reader.ReadOne(path).ShouldBeSameAs(read);
        reader.ReadOne(null).ShouldBeNull();
        var e = Should.Throw<RunwareException>(() => reader.ReadOne("two"));
        (e.Code, e.Parameter).ShouldBe(("ParameterOutOfRange", "SeedImage"));
    }

    [Fact]
    public void An_id_goes_in_the_apis_spelling()
    {
        Read(Talk.A).ShouldBe([Talk.A.ToString("D")]);
        Read(Talk.A.ToString("B").ToUpperInvariant()).ShouldBe([Talk.A.ToString("D")]);
    }

    [Fact]
    public void An_image_of_the_api_goes_as_its_id_else_as_its_data_else_as_its_url()
    {
        var address = new Uri("https://im.example.test/1.jpg");
        var data = Convert.ToBase64String(Pictures.Jpeg());

        Read(new RunwareImage { ImageUuid = Talk.B, ImageBase64Data = data, ImageUrl = address }).ShouldBe([Talk.B.ToString("D")]);
        Read(new RunwareImage { ImageBase64Data = data, ImageUrl = address }).ShouldBe([data]);
        Read(new RunwareImage { ImageUrl = address }).ShouldBe([address.OriginalString]);
    }

    public static TheoryData<object> Nothing => new()
    {
        "fox.png", "a fox in the snow", "data:text/plain;base64,AAAA", "ftp://example.test/a.jpg", "QUJD", "relative/fox.png",
        42, new RunwareImage(), new FileInfo("/no/such/folder/fox.png"), new Uri("fox.png", UriKind.Relative), new Uri("ftp://example.test/a.jpg"),
    };

    [Theory]
    [MemberData(nameof(Nothing))]
    public void What_is_not_one_of_these_is_never_sent_as_it_stands(object item)
    {
        var e = Should.Throw<RunwareException>(() => Read(item));

        e.Code.ShouldBe("ReferenceImageNotFound");
        e.Parameter.ShouldBe("ReferenceImage");
        e.RecommendedAction.ShouldContain("media UUID");
    }

    [Fact]
    public void A_file_or_bytes_that_are_not_an_image_are_an_error_before_anything_is_sent()
    {
        var path = _folder.Of("really-text.png");
        File.WriteAllText(path, "GIF89a and so on");

        var e = Should.Throw<RunwareException>(() => Read(path, path));
        e.Code.ShouldBe("ParameterOutOfRange");
        e.Message.ShouldContain("JPG, PNG, or WEBP");
        Should.Throw<RunwareException>(() => Read(Array.Empty<byte>())).Code.ShouldBe("ParameterOutOfRange");
        Should.Throw<RunwareException>(() => Read(new RunwareImage { ImageBase64Data = "AAAA" })).Code.ShouldBe("ParameterOutOfRange");
    }

    [Fact]
    public void A_file_that_is_too_big_is_an_error_before_it_is_read()
    {
        var path = _folder.Of("huge.png");
        using (var file = File.Create(path))
        {
            file.SetLength((64 * 1024 * 1024) + 1);
        }

        Should.Throw<RunwareException>(() => Read(new FileInfo(path))).Code.ShouldBe(ErrorCodes.ParameterOutOfRange);
    }

    private static string[] Read(object item, params string[] found) =>
        [.. new ReferenceReader(_ => found).Read([item]).Select(r => JsonSerializer.Deserialize<string>(JsonSerializer.Serialize(r))!)];
}
