namespace RunwarePS.Core.Tests;

public sealed class PriceForecastTests
{
    [Theory]
    [InlineData(1024, 1024, "high", null, "0.167")]
    [InlineData(1536, 1024, "high", null, "0.25")]
    [InlineData(1536, 1024, "HIGH", null, "0.25")]
    [InlineData(1024, 1024, "high", 1, "0.167")]
    [InlineData(1024, 1024, "high", 3, "0.501")]
    [InlineData(1536, 1024, "high", 20, "5")]
    [InlineData(1024, 1536, "high", null, "unknown, at most 0.25")]
    [InlineData(1536, 1024, "auto", null, "unknown, at most 0.25")]
    [InlineData(1536, 1024, null, null, "unknown, at most 0.25")]
    [InlineData(1536, 1024, null, 4, "unknown, at most 1")]
    [InlineData(1024, 1024, "auto", 2, "unknown, at most 0.334")]
    [InlineData(1024, 1024, "low", null, "unknown, at most 0.167")]
    [InlineData(1024, 1024, "medium", null, "unknown, at most 0.167")]
    public void A_price_is_reported_as_far_as_it_is_known(int width, int height, string? quality, int? count, string expected)
    {
        using var german = new GermanCulture();
        Of(new ImageRequest { TaskUuid = Talk.A, Prompt = "a rook", Width = width, Height = height, Quality = quality, Count = count }).ShouldBe(expected);
    }

    [Theory]
    [InlineData("openai:1@2")]
    [InlineData("openai:4@1")]
    [InlineData("openai:gpt-image@2")]
    [InlineData("openai:gpt-image@2.5-flare")]
    [InlineData("openai:gpt-image@2.5-sunburst")]
    [InlineData("runware:100@1")]
    public void A_price_that_is_not_stated_is_unknown_and_never_zero(string model) =>
        Of(new ImageRequest { TaskUuid = Talk.A, Prompt = "a rook", Model = model, Width = 1024, Height = 1024, Quality = "high" }).ShouldBe("unknown");

    [Fact]
    public void Quality_counts_however_it_was_given()
    {
        var additional = System.Text.Json.Nodes.JsonNode.Parse("""{"providerSettings":{"openai":{"quality":"High"}},"width":1536,"height":1024,"numberResults":2}""")!.AsObject();

        Of(new ImageRequest { TaskUuid = Talk.A, Prompt = "a rook", Additional = additional }).ShouldBe("0.5");
    }

    [Fact]
    public void What_is_asked_before_buying_names_model_size_count_references_and_price()
    {
        var request = new ImageRequest
        {
            TaskUuid = Talk.A, Prompt = new string('p', 500), Width = 1536, Height = 1024, Quality = "high", Count = 2, ReferenceImages = [new MediaInput("https://example.test/a.jpg")],
        };
        var task = request.ToTask();

        task.Action.ShouldBe("Generate 2 images (1536x1024, openai:1@1, 1 reference, estimated USD 0.5)");
        task.Target.Length.ShouldBe(61); // with the ellipsis
    }

    private static string Of(ImageRequest request) => request.ToTask().Forecast.ToString();
}
