namespace RunwarePS.Core.Tests;

/// <summary>Images that come back as bags: from CLIXML, a job, a row of JSON or CSV.</summary>
public sealed class BagReaderTests
{
    [Fact]
    public void A_row_of_text_becomes_an_image()
    {
        using var german = new GermanCulture();
        var image = ObjectReader.Image(Bag(
            ("TaskUuid", Talk.A.ToString()), ("ImageUrl", "https://im.example.test/1.jpg"), ("Seed", "42"), ("NsfwContent", "false"), ("Cost", "0.25"), ("Width", "1536"),
            ("Index", "2"), ("InputIndex", ""), ("PositivePrompt", "a stork"), ("Tag", "roof"), ("Model", "openai:1@1"))).ShouldNotBeNull();

        image.TaskUuid.ShouldBe(Talk.A);
        image.ImageUrl.ShouldBe(new Uri("https://im.example.test/1.jpg"));
        image.Seed.ShouldBe(42);
        image.NsfwContent.ShouldBe(false);
        image.Cost.ShouldBe(0.25m);
        image.Width.ShouldBe(1536);
        image.Height.ShouldBeNull();
        image.Index.ShouldBe(2);
        image.InputIndex.ShouldBeNull();
        image.Prompt.ShouldBe("a stork");
        image.Tag.ShouldBe("roof");
        image.Model.ShouldBe("openai:1@1");
    }

    [Fact]
    public void A_failure_is_read_whole()
    {
        var failure = ObjectReader.Failure(Bag(
            ("Code", "OddQuota"), ("Category", "Quota"), ("Message", "no"), ("Parameter", "width"), ("StatusCode", "400"), ("Documentation", "https://docs.example.test/x"),
            ("IsFromServer", "True"), ("AdditionalData", new System.Collections.Hashtable { ["Min"] = 256L })));

        (failure.Code, failure.Category, failure.Message, failure.Parameter, failure.StatusCode).ShouldBe(("OddQuota", "Quota", "no", "width", 400));
        failure.Documentation.ShouldBe(new Uri("https://docs.example.test/x"));
        failure.IsFromServer.ShouldBeTrue();
        failure.AdditionalData["min"].ShouldBe(256L);
    }

    [Theory]
    [InlineData("OddQuota", true)]
    [InlineData("timeoutProvider", true)]
    [InlineData("UnreadableReply", false)]
    public void Of_a_failure_from_an_earlier_version_the_code_states_who_reported_it(string code, bool isFromServer) =>
        ObjectReader.Failure(Bag(("Code", code))).IsFromServer.ShouldBe(isFromServer);

    [Fact]
    public void A_time_that_cannot_be_read_is_unknown_and_not_now()
    {
        ObjectReader.Image(Bag(("ImageBase64Data", "AAAA"), ("CreatedAt", "05/04/2026 10:00:00"))).ShouldNotBeNull().CreatedAt.ShouldBeNull();
    }

    [Fact]
    public void Data_alone_is_an_image_too()
    {
        ObjectReader.Image(Bag(("ImageBase64Data", "AAAA"))).ShouldNotBeNull().ImageBase64Data.ShouldBe("AAAA");
        ObjectReader.Image(Bag(("ImageDataUri", "data:image/png;base64,AAAA"))).ShouldNotBeNull().ImageDataUri.ShouldBe("data:image/png;base64,AAAA");
    }

    [Fact]
    public void Without_data_and_url_it_is_not_an_image()
    {
        ObjectReader.Image(Bag(("Prompt", "a stork"), ("ImageUrl", ""))).ShouldBeNull();
    }

    [Theory]
    [InlineData("ImageUrl", "not an address")]
    [InlineData("Width", "wide")]
    [InlineData("TaskUuid", "7")]
    public void What_cannot_be_read_is_an_error(string name, string value)
    {
        var bag = Bag(("ImageBase64Data", "AAAA"), (name, value));

        Should.Throw<RunwareException>(() => ObjectReader.Image(bag)).Code.ShouldBe("ParameterUnreadable");
    }

    [Fact]
    public void A_moment_is_kept_in_utc()
    {
        var local = new DateTime(2031, 1, 2, 3, 4, 5, DateTimeKind.Local);
        ObjectReader.Image(Bag(("ImageBase64Data", "AAAA"), ("CreatedAt", local))).ShouldNotBeNull().CreatedAt.ShouldBe(local.ToUniversalTime());
    }

    private static Lookup Bag(params (string Name, object? Value)[] properties) =>
        names => properties.FirstOrDefault(p => names.Contains(p.Name, StringComparer.OrdinalIgnoreCase)).Value;
}
