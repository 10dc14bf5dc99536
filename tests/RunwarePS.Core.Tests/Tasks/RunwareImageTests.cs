using System.Reflection;

namespace RunwarePS.Core.Tests;

public sealed class RunwareImageTests
{
    [Fact]
    public void It_prints_as_a_short_name_without_prompt_url_or_data()
    {
        var image = new RunwareImage
        {
            TaskUuid = Talk.A, Index = 3, Model = "openai:1@1", Width = 1536, Height = 1024,
            Prompt = new string('p', 5000), ImageUrl = new Uri("https://im.example.test/1.jpg"), ImageDataUri = "data:image/png;base64," + new string('A', 5000),
        };

        image.ToString().ShouldBe($"openai:1@1 1536x1024 {Talk.A}-3");
    }

    [Fact]
    public void An_empty_one_prints_too() => new RunwareImage().ToString().Length.ShouldBeLessThan(80);

    [Fact]
    public void Base64_is_made_when_it_is_read_and_not_before()
    {
        const int Size = 4 * 1024 * 1024;
        var item = new ResultItem { TaskUuid = Talk.A, ImageBase64Data = new MediaData(Pictures.Jpeg(Size), MediaType: null) };
        Read(item, 0, DateTime.UnixEpoch, Talk.NoSecrets);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var image = Read(item, 0, DateTime.UnixEpoch, Talk.NoSecrets);
        _ = image.ToString();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 * 1024);

        image.ImageBase64Data.ShouldBe(Convert.ToBase64String(item.ImageBase64Data.Bytes));
        image.ImageDataUri.ShouldBeNull();
    }

    [Fact]
    public void A_data_uri_is_made_when_it_is_read_with_the_type_it_came_with()
    {
        var picture = Pictures.Webp();
        var image = Read(new ResultItem { ImageDataUri = new MediaData(picture, "image/webp") }, 0, DateTime.UnixEpoch, Talk.NoSecrets);

        image.ImageDataUri.ShouldBe("data:image/webp;base64," + Convert.ToBase64String(picture));
        image.ImageBase64Data.ShouldBeNull();
    }

    [Fact]
    public void An_image_that_came_as_a_url_has_no_data()
    {
        var image = Read(new ResultItem { ImageUrl = "https://im.example.test/1.jpg" }, 2, DateTime.UnixEpoch, Talk.NoSecrets);

        image.ImageUrl.ShouldBe(new Uri("https://im.example.test/1.jpg"));
        image.ImageBase64Data.ShouldBeNull();
        image.ImageDataUri.ShouldBeNull();
        image.Index.ShouldBe(2);
        image.CreatedAt.ShouldBe(DateTime.UnixEpoch);
        image.CreatedAt!.Value.Kind.ShouldBe(DateTimeKind.Utc);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(0.0, null)]
    [InlineData(-1.0, null)]
    [InlineData(0.25, 0.25)]
    public void A_cost_of_nought_is_unknown(double? reported, double? expected) =>
        Read(new ResultItem { ImageUrl = "https://im.example.test/1.jpg", Cost = (decimal?)reported }, 0, DateTime.UnixEpoch, Talk.NoSecrets).Cost.ShouldBe((decimal?)expected);

    [Fact]
    public void Seed_and_content_flag_are_unknown_where_the_response_has_none()
    {
        var image = Read(new ResultItem { ImageUrl = "https://im.example.test/1.jpg" }, 0, DateTime.UnixEpoch, Talk.NoSecrets);

        image.Seed.ShouldBeNull();
        image.NsfwContent.ShouldBeNull();
        image.Cost.ShouldBeNull();
    }

    [Fact]
    public void What_the_server_sent_beside_the_known_is_kept_as_plain_values()
    {
        var item = ResponseReader.Read("""{"data":[{"imageURL":"https://im.example.test/1.jpg","timings":{"ms":12.5},"tags":["a",1]}]}"""u8).Items[0];
        var image = Read(item, 0, DateTime.UnixEpoch, Talk.NoSecrets);

        image.AdditionalData["tags"].ShouldBe(new object[] { "a", 1L });
        image.AdditionalData["timings"].ShouldBeOfType<System.Collections.Hashtable>()["ms"].ShouldBe(12.5m);
    }

    [Fact]
    public void Half_a_character_beside_an_image_does_not_cost_the_image()
    {
        var item = ResponseReader.Read("""{"data":[{"imageURL":"https://im.example.test/1.jpg","note":"\ud83d","more":{"\ud83d":1}}]}"""u8).Items.ShouldHaveSingleItem();

        Read(item, 0, DateTime.UnixEpoch, Talk.NoSecrets).ImageUrl.ShouldNotBeNull();
    }

    [Theory]
    [InlineData(typeof(RunwareImage))]
    [InlineData(typeof(RunwareVideo))]
    [InlineData(typeof(RunwareAudio))]
    [InlineData(typeof(RunwareFile))]
    [InlineData(typeof(RunwareText))]
    [InlineData(typeof(RunwareResult))]
    [InlineData(typeof(RunwareTask))]
    [InlineData(typeof(RunwareFailure))]
    public void What_must_survive_serialisation_can_be_made_empty_and_set(Type type)
    {
        type.GetConstructor(Type.EmptyTypes).ShouldNotBeNull();
        var readOnly = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.SetMethod is not { IsPublic: true }).Select(p => p.Name);

        readOnly.ShouldBeEmpty();
    }

    private static RunwareImage Read(ResultItem item, int index, DateTime now, Secrets secrets) =>
        OutputReader.Read(item, index, now, secrets).ShouldHaveSingleItem().ShouldBeOfType<RunwareImage>();
}
