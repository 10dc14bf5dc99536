using System.Collections;
using System.Collections.Specialized;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

public sealed class ImageRequestTests
{
    [Fact]
    public void A_prompt_alone_asks_for_a_square_of_the_default_model_and_its_cost() => Wire(new ImageRequest { TaskUuid = Talk.A, Prompt = "a rook" }, $$"""
        {"taskType":"imageInference","taskUUID":"{{Talk.A}}","model":"openai:1@1","positivePrompt":"a rook","width":1024,"height":1024,"includeCost":true}
        """);

    [Fact]
    public void Everything_that_can_be_asked_for_stands_in_its_place() => Wire(
        new ImageRequest
        {
            TaskUuid = Talk.A, Prompt = "a rook", Model = "OPENAI-GPT-IMAGE-1", Width = 1024, Height = 1536, Count = 1, Quality = "Medium", Background = "OPAQUE", OutputType = "url",
            OutputFormat = "png", OutputQuality = 80, TimeToLive = TimeSpan.FromMinutes(5), CheckContent = true, SafetyMode = "FAST", IncludeCost = true, Async = true,
            WebhookUrl = new Uri("https://hook.example.test/x?t=1"), UploadEndpoint = new Uri("https://bucket.example.test/a b.png?sig=%2F"),
            ReferenceImages = [new MediaInput("https://example.test/1.jpg"), new MediaInput(new byte[] { 1, 2, 3 })], Tag = "never sent", InputIndex = 9,
        },
        $$"""
        {"taskType":"imageInference","taskUUID":"{{Talk.A}}","model":"openai:1@1","positivePrompt":"a rook","width":1024,"height":1536,"outputType":"URL","outputFormat":"PNG",
         "outputQuality":80,"webhookURL":"https://hook.example.test/x?t=1","uploadEndpoint":"https://bucket.example.test/a b.png?sig=%2F","safety":{"checkContent":true,"mode":"fast"},
         "ttl":300,"numberResults":1,"includeCost":true,"deliveryMethod":"async","inputs":{"referenceImages":["https://example.test/1.jpg","AQID"]},
         "providerSettings":{"openai":{"quality":"medium","background":"opaque"} } }
        """);

    [Fact]
    public void Who_wants_no_cost_sends_no_key_for_it() =>
        new ImageRequest { TaskUuid = Talk.A, Prompt = "a rook", IncludeCost = false }.ToWire().ContainsKey("includeCost").ShouldBeFalse();

    [Fact]
    public void For_a_model_outside_the_catalog_everything_goes_as_it_was_written() => Wire(
        new ImageRequest { TaskUuid = Talk.A, Prompt = "a rook", Model = "newmaker:7@1", Width = 999, Height = 77, OutputFormat = "avif", Quality = "Ultra" },
        $$"""
        {"taskType":"imageInference","taskUUID":"{{Talk.A}}","model":"newmaker:7@1","positivePrompt":"a rook","width":999,"height":77,"outputFormat":"avif","includeCost":true,
         "providerSettings":{"newmaker":{"quality":"Ultra"} } }
        """);

    [Theory]
    [InlineData("Square", 1024, 1024)]
    [InlineData("landscape", 1536, 1024)]
    [InlineData("PORTRAIT", 1024, 1536)]
    [InlineData("1536x1024", 1536, 1024)]
    [InlineData("1024X1536", 1024, 1536)]
    [InlineData("640 × 480", 640, 480)]
    public void A_size_is_a_name_or_two_numbers(string size, int width, int height)
    {
        var request = Request().WithSize(size, width: null, height: null);

        (request.Width, request.Height).ShouldBe((width, height));
    }

    [Theory]
    [InlineData("huge")]
    [InlineData("1024")]
    [InlineData("1024x")]
    [InlineData("x1024")]
    [InlineData("10x20x30")]
    [InlineData("1,024x1024")]
    [InlineData("-1x-1")]
    public void A_size_that_is_neither_is_an_error_that_names_the_names(string size)
    {
        var e = Should.Throw<RunwareException>(() => Request().WithSize(size, width: null, height: null));

        e.Code.ShouldBe("ParameterOutOfRange");
        e.Parameter.ShouldBe("Size");
        e.Message.ShouldContain("Landscape");
    }

    [Theory]
    [InlineData(1024, null, "Height")]
    [InlineData(null, 1024, "Width")]
    public void Width_and_height_go_together(int? width, int? height, string missing) =>
        Should.Throw<RunwareException>(() => Request().WithSize(size: null, width, height)).Parameter.ShouldBe(missing);

    [Theory]
    [InlineData(1024, null)]
    [InlineData(null, 1024)]
    [InlineData(1024, 1024)]
    public void A_size_beside_width_or_height_is_a_conflict(int? width, int? height) =>
        Should.Throw<RunwareException>(() => Request().WithSize("Square", width, height)).Code.ShouldBe("ParameterConflict");

    [Theory]
    [InlineData("transparent", null, "by default")]
    [InlineData("Transparent", "jpg", "JPG")]
    public void A_transparent_image_without_alpha_is_an_error_before_it_is_bought(string background, string? format, string says)
    {
        var e = Should.Throw<RunwareException>(() => (Request() with { Background = background, OutputFormat = format }).ToTask());

        e.Code.ShouldBe("TransparencyNeedsAlpha");
        e.Message.ShouldContain("PNG");
        e.Message.ShouldContain("WEBP");
        e.Message.ShouldContain(says);
    }

    [Theory]
    [InlineData("transparent", "png")]
    [InlineData("transparent", "WEBP")]
    [InlineData("opaque", "JPG")]
    [InlineData("auto", null)]
    public void An_image_whose_format_can_hold_it_is_right(string background, string? format) =>
        Should.NotThrow(() => (Request() with { Background = background, OutputFormat = format }).ToTask());

    [Theory]
    [InlineData("negativePrompt", "no rain", "AdditionalParameter")]
    [InlineData("style", "oil", "AdditionalParameter")]
    [InlineData("numberResults", 21, "Count")]
    public void What_is_smuggled_in_beside_the_parameters_is_checked_too(string key, object value, string parameter)
    {
        var additional = new JsonObject { [key] = value is int number ? number : (string)value };

        var e = Should.Throw<RunwareException>(() => (Request() with { Additional = additional }).ToTask());
        e.Code.ShouldBe("ParameterOutOfRange");
        e.Parameter.ShouldBe(parameter);
        e.Message.ShouldContain(parameter == "AdditionalParameter" ? key : parameter);
    }

    [Fact]
    public void A_finding_names_the_parameter_and_carries_what_is_allowed()
    {
        var e = Should.Throw<RunwareException>(() => (Request() with { OutputQuality = 100 }).ToTask());

        e.Parameter.ShouldBe("OutputQuality");
        e.Message.ShouldContain("OutputQuality");
        e.Message.ShouldContain("100");
        e.AdditionalData["min"].ShouldBe(20L);
        e.AdditionalData["max"].ShouldBe(99L);

        Should.Throw<RunwareException>(() => (Request() with { OutputFormat = "gif" }).ToTask()).AdditionalData["allowedValues"].ShouldBe(new[] { "JPG", "PNG", "WEBP" });
    }

    [Fact]
    public void A_model_outside_the_catalog_goes_unchecked() =>
        Should.NotThrow(() => (Request() with { Model = "newmaker:7@1", Width = 3, Height = 5, Count = 500, OutputFormat = "avif" }).ToTask());

    [Fact]
    public void An_upload_endpoint_takes_one_result()
    {
        var one = Request() with { UploadEndpoint = new Uri("https://bucket.example.test/a.jpg") };

        Should.NotThrow(() => one.ToTask());
        Should.Throw<RunwareException>(() => (one with { Count = 2 }).ToTask()).Code.ShouldBe("UploadEndpointNeedsSingleResult");
    }

    [Theory]
    [InlineData("""{"positivePrompt":"another"}""")]
    [InlineData("""{"width":1536}""")]
    [InlineData("""{"providerSettings":{"openai":{"quality":"low"}}}""")]
    [InlineData("""{"providerSettings":"none"}""")]
    public void A_key_given_twice_is_a_conflict(string additional) =>
        Should.Throw<RunwareException>(() => (Request() with { Width = 1024, Height = 1024, Quality = "high", Additional = JsonNode.Parse(additional)!.AsObject() }).ToWire()).Code.ShouldBe("ParameterConflict");

    [Fact]
    public void Additional_keys_are_merged_beside_what_is_there() => Wire(
        Request() with { Quality = "high", Additional = JsonNode.Parse("""{"providerSettings":{"openai":{"background":"Opaque"}},"width":1536,"height":1024,"includeCost":false,"model":"openai:1@2"}""")!.AsObject() },
        $$"""
        {"taskType":"imageInference","taskUUID":"{{Talk.A}}","model":"openai:1@2","positivePrompt":"a rook","width":1536,"height":1024,"includeCost":false,
         "providerSettings":{"openai":{"quality":"high","background":"opaque"} } }
        """);

    [Fact]
    public void The_users_own_table_is_left_as_it_was()
    {
        var additional = JsonNode.Parse("""{"providerSettings":{"openai":{"background":"Opaque"}}}""")!.AsObject();
        var before = additional.ToJsonString();
        (Request() with { Quality = "high", Additional = additional }).ToWire();
        (Request() with { Quality = "low", Additional = additional }).ToWire();

        additional.ToJsonString().ShouldBe(before);
    }

    [Fact]
    public void Tables_become_json_of_the_same_types()
    {
        using var german = new GermanCulture();
        var table = new OrderedDictionary
        {
            ["text"] = "7", ["whole"] = 7, ["wide"] = 7_000_000_000L, ["part"] = 7.5, ["exact"] = 0.1m, ["flag"] = true, ["none"] = null,
            ["list"] = new object[] { 1, "2", new Hashtable { ["a"] = 3 } }, ["nested.deep.key"] = "x", ["nested.other"] = Talk.A,
        };

        JsonNode.DeepEquals(DictionaryConverter.ToObject(table, "P"), JsonNode.Parse($$"""
            {"text":"7","whole":7,"wide":7000000000,"part":7.5,"exact":0.1,"flag":true,"none":null,"list":[1,"2",{"a":3}],"nested":{"deep":{"key":"x"},"other":"{{Talk.A}}"} }
            """)).ShouldBeTrue(DictionaryConverter.ToObject(table, "P").ToJsonString());
    }

    [Fact]
    public void What_has_no_json_is_an_error()
    {
        var endless = new Hashtable();
        endless["self"] = endless;
        foreach (var value in new object[] { double.NaN, double.NegativeInfinity, new object(), DateTime.UnixEpoch, endless })
        {
            Should.Throw<RunwareException>(() => DictionaryConverter.ToObject(new Hashtable { ["key"] = value }, "P")).Code.ShouldBe("ParameterUnreadable");
        }

        Should.Throw<RunwareException>(() => DictionaryConverter.ToObject(new Hashtable { ["a..b"] = 1 }, "P")).Code.ShouldBe("ParameterUnreadable");
        Should.Throw<RunwareException>(() => DictionaryConverter.ToObject(new Hashtable { [""] = 1 }, "P")).Code.ShouldBe("ParameterUnreadable");
    }

    [Theory]
    [InlineData("a", "a.b")]
    [InlineData("a.b", "a")]
    [InlineData("a.b.c", "a.b")]
    [InlineData("a.b", "a.b.c")]
    public void A_dotted_key_never_replaces_what_stands_in_its_way(string first, string second)
    {
        var table = new OrderedDictionary { [first] = 1, [second] = 2 };

        Should.Throw<RunwareException>(() => DictionaryConverter.ToObject(table, "P")).Code.ShouldBe("ParameterConflict");
    }

    [Fact]
    public void A_reference_goes_into_the_body_as_its_base64()
    {
        var picture = Pictures.Png();
        var wire = (Request() with { ReferenceImages = [new MediaInput(picture)] }).ToWire();

        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            wire.WriteTo(writer);
        }

        var sent = JsonNode.Parse(Encoding.UTF8.GetString(stream.ToArray()))!;
        sent["inputs"]!["referenceImages"]![0]!.GetValue<string>().ShouldBe(Convert.ToBase64String(picture));
    }

    private static ImageRequest Request() => new() { TaskUuid = Talk.A, Prompt = "a rook" };

    private static void Wire(ImageRequest request, string expected) =>
        JsonNode.DeepEquals(JsonNode.Parse(request.ToWire().ToJsonString()), JsonNode.Parse(expected)).ShouldBeTrue(request.ToWire().ToJsonString());
}
