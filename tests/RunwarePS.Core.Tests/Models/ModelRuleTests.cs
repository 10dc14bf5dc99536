using System.Text.Json.Nodes;
using RunwarePS.Core.Tests.Sandbox;

namespace RunwarePS.Core.Tests;

/// <summary>The rules of each model's document: in the check, in the cmdlet's terms, and in the sandbox.</summary>
public sealed class ModelRuleTests
{
    private const string Gpt1 = "openai:1@1";
    private const string Gpt2 = "openai:gpt-image@2";
    private const string Flare = "openai:gpt-image@2.5-flare";
    private const string Sunburst = "openai:gpt-image@2.5-sunburst";

    /// <summary>Model and what its request holds beside task type, ID, model and prompt.</summary>
    public static TheoryData<string, string> Valid => new()
    {
        { Gpt1, """{"width":1024,"height":1024}""" },
        { Gpt1, """
            {"width":1536,"height":1024,"inputs":{"referenceImages":["https://example.test/1.jpg","8a8a8a8a-0001-4000-8000-000000000001"]},
             "providerSettings":{"openai":{"background":"transparent","quality":"high"}},
             "numberResults":2,"outputType":"base64Data","outputFormat":"PNG","outputQuality":90,"safety":{"checkContent":true,"mode":"fast"},"includeCost":true}
            """ },
        { Gpt1, """
            {"width":1024,"height":1536,"inputs":{"referenceImages":["data:image/png;base64,iVBORw0KGgo="]},
             "deliveryMethod":"async","ttl":3600,"webhookURL":"https://example.test/hook?t=1","uploadEndpoint":"https://example.test/put/1.webp","outputFormat":"WEBP"}
            """ },
        { Gpt2, """
            {"width":480,"height":1440,"providerSettings":{"openai":{"quality":"medium","moderation":"low"}},
             "safety":{"checkContent":true}}
            """ },
        { Gpt2, """{"width":3840,"height":2160,"inputs":{"referenceImages":["https://example.test/1.jpg"]},"ttl":60}""" },
        { Flare, "{}" },
        { Flare, """
            {"width":2048,"height":1152,"settings":{"background":"transparent","quality":"xhigh","moderation":"low"},"outputFormat":"PNG",
             "advancedFeatures":{"watermark":{"text":"DRAFT","displayPosition":"tiled","opacity":0.35,"fontColor":"#ccc",
             "bgColor":"#A0b1C2"}}}
            """ },
        { Flare, """
            {"inputs":{"referenceImages":["8a8a8a8a-0001-4000-8000-000000000001"],"maskImage":"https://example.test/mask.png"},
             "deliveryMethod":"async","safety":{"checkContent":true}}
            """ },
        { Flare, """{"width":640,"height":1024}""" },
        { Flare, """{"width":3840,"height":2160}""" },
        { Sunburst, """{"width":1024,"height":1024,"numberResults":20}""" },
        {
            Sunburst,
            """{"settings":{"background":"opaque","quality":"max"},"outputFormat":"JPG","inputs":{"referenceImages":[""" + Urls(16) + "]}}"
        },
        { Sunburst, """
            {"width":3840,"height":1280,"settings":{"background":"transparent"},"outputFormat":"WEBP",
             "advancedFeatures":{"watermark":{"image":"8a8a8a8a-0001-4000-8000-000000000001","displayPosition":"bottom-right","opacity":1}}}
            """ },
        { Sunburst, """{"width":1280,"height":3840,"advancedFeatures":{"watermark":{"text":"ab","opacity":0.1}}}""" },
    };

    /// <summary>As above, and the path that has to be named, the cmdlet's parameter for it, and the API's code.</summary>
    public static TheoryData<string, string, string, string, string> Invalid => new()
    {
        { Gpt1, "{}", "width", "Width", "missingWidth" },
        { Gpt1, """{"width":1024}""", "height", "Height", "missingHeight" },
        { Gpt1, """{"height":1536}""", "width", "Width", "missingWidth" },
        { Gpt1, """{"width":1536,"height":1536}""", "width", "Width", "incompatibleParameters" },
        { Gpt1, """{"width":1024,"height":1024,"numberResults":21}""", "numberResults", "Count", "invalidNumberResults" },
        {
            Gpt1, """{"width":1024,"height":1024,"providerSettings":{"openai":{"quality":"max"}}}""",
            "providerSettings.openai.quality", "Quality", "invalidQuality"
        },
        {
            Gpt1, """{"width":1024,"height":1024,"providerSettings":{"openai":{"moderation":"low"}}}""",
            "providerSettings.openai.moderation", "AdditionalParameter", "unsupportedParameter"
        },
        {
            Gpt1, """{"width":1024,"height":1024,"settings":{"quality":"low"}}""",
            "settings", "AdditionalParameter", "unsupportedParameter"
        },
        {
            Gpt1, """{"width":1024,"height":1024,"inputs":{"maskImage":"https://example.test/m.png"}}""",
            "inputs.maskImage", "AdditionalParameter", "unsupportedParameter"
        },
        { "openai:4@1", """{"width":1024,"height":1024,"positivePrompt":"x"}""", "positivePrompt", "Prompt", "invalidPositivePrompt" },
        { Gpt2, "{}", "width", "Width", "missingWidth" },
        { Gpt2, """{"width":464,"height":1408}""", "width", "Width", "invalidWidth" },
        { Gpt2, """{"width":1440,"height":472}""", "height", "Height", "invalidHeight" },
        { Gpt2, """{"width":3856,"height":2048}""", "width", "Width", "invalidWidth" },
        { Gpt2, """{"width":480,"height":480}""", "width", "Width", "incompatibleParameters" },
        { Gpt2, """{"width":1024,"height":1024,"positivePrompt":"x"}""", "positivePrompt", "Prompt", "invalidPositivePrompt" },
        {
            Gpt2, """{"width":1024,"height":1024,"providerSettings":{"openai":{"background":"opaque"}}}""",
            "providerSettings.openai.background", "AdditionalParameter", "unsupportedParameter"
        },
        {
            Gpt2, """{"width":1024,"height":1024,"providerSettings":{"openai":{"quality":"xhigh"}}}""",
            "providerSettings.openai.quality", "Quality", "invalidQuality"
        },
        { Gpt2, """{"width":1024,"height":1024,"safety":{"mode":"fast"}}""", "safety.mode", "AdditionalParameter", "unsupportedParameter" },
        { Flare, """{"width":1024}""", "height", "Height", "missingHeight" },
        { Flare, """{"height":1024}""", "width", "Width", "missingWidth" },
        { Flare, """{"width":512,"height":512}""", "width", "Width", "incompatibleParameters" },
        { Flare, """{"width":3840,"height":2176}""", "width", "Width", "incompatibleParameters" },
        { Flare, """{"positivePrompt":"x"}""", "positivePrompt", "Prompt", "invalidPositivePrompt" },
        {
            Flare, """{"providerSettings":{"openai":{"quality":"high"}}}""",
            "providerSettings", "AdditionalParameter", "unsupportedParameter"
        },
        { Flare, """{"settings":{"quality":"ultra"}}""", "settings.quality", "Quality", "invalidQuality" },
        { Flare, """{"settings":{"moderation":"high"}}""", "settings.moderation", "AdditionalParameter", "invalidModeration" },
        { Flare, """{"settings":{"background":"transparent"}}""", "outputFormat", "OutputFormat", "missingOutputFormat" },
        {
            Flare, """{"inputs":{"maskImage":"https://example.test/m.png"}}""",
            "inputs.referenceImages", "ReferenceImage", "missingReferenceImages"
        },
        { Flare, """{"inputs":{"referenceImages":[]}}""", "inputs.referenceImages", "ReferenceImage", "invalidReferenceImages" },
        {
            Flare, """{"inputs":{"maskImage":7,"referenceImages":["https://example.test/1.jpg"]}}""",
            "inputs.maskImage", "MaskImage", "invalidMaskImage"
        },
        { Flare, """{"safety":{"mode":"fast"}}""", "safety.mode", "AdditionalParameter", "unsupportedParameter" },
        { Flare, """{"seed":7}""", "seed", "AdditionalParameter", "unsupportedParameter" },
        {
            Flare, """{"advancedFeatures":{"watermark":{}}}""",
            "advancedFeatures.watermark", "AdditionalParameter", "incompatibleParameters"
        },
        {
            Flare, """{"advancedFeatures":{"watermark":{"text":"ab","tiled":true}}}""",
            "advancedFeatures.watermark.tiled", "AdditionalParameter", "unsupportedParameter"
        },
        {
            Flare, """{"advancedFeatures":{"watermark":{"text":"ab","opacity":0.355}}}""",
            "advancedFeatures.watermark.opacity", "AdditionalParameter", "invalidOpacity"
        },
        {
            Flare, """{"advancedFeatures":{"watermark":{"text":"ab","opacity":0.09}}}""",
            "advancedFeatures.watermark.opacity", "AdditionalParameter", "invalidOpacity"
        },
        {
            Flare, """{"advancedFeatures":{"watermark":{"text":"ab","opacity":"1"}}}""",
            "advancedFeatures.watermark.opacity", "AdditionalParameter", "invalidOpacity"
        },
        {
            Flare, """{"advancedFeatures":{"watermark":{"text":"ab","fontColor":"red"}}}""",
            "advancedFeatures.watermark.fontColor", "AdditionalParameter", "invalidFontColor"
        },
        { Sunburst, """{"width":1000,"height":1024}""", "width", "Width", "invalidWidth" },
        { Sunburst, """{"width":1024,"height":1000}""", "height", "Height", "invalidHeight" },
        { Sunburst, """{"width":3200,"height":800}""", "width", "Width", "incompatibleParameters" },
        { Sunburst, """{"width":800,"height":3200}""", "width", "Width", "incompatibleParameters" },
        { Sunburst, """{"width":0,"height":1024}""", "width", "Width", "invalidWidth" },
        {
            Sunburst, """{"inputs":{"referenceImages":[""" + Urls(17) + "]}}",
            "inputs.referenceImages", "ReferenceImage", "invalidReferenceImages"
        },
        {
            Sunburst, """{"advancedFeatures":{"watermark":{"text":"ab","image":"https://example.test/w.png"}}}""",
            "advancedFeatures.watermark", "AdditionalParameter", "incompatibleParameters"
        },
        {
            Sunburst, """{"settings":{"background":"transparent"},"outputFormat":"JPG"}""",
            "outputFormat", "OutputFormat", "incompatibleParameters"
        },
    };

    [Theory]
    [MemberData(nameof(Valid))]
    public async Task What_the_document_allows_is_sent_and_accepted(string model, string request)
    {
        var task = Request(model, request);

        Find(model, task).ShouldBeEmpty();
        Should.NotThrow(() => ImageRequest.Check(task));
        using var client = new SandboxClient();
        (await client.SendAsync(task)).Codes.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task What_the_document_forbids_is_refused_by_its_name(
        string model, string request, string path, string parameter, string code)
    {
        var task = Request(model, request);

        Find(model, task)[0].Path.ShouldBe(path);
        Should.Throw<RunwareException>(() => ImageRequest.Check(task)).Parameter.ShouldBe(parameter);
        using var client = new SandboxClient();
        (await client.SendAsync(task)).Codes.ShouldBe([code]);
        client.Sandbox.Generation.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Gpt1, "providerSettings.openai.quality", "providerSettings.openai.background")]
    [InlineData(Gpt2, "providerSettings.openai.quality", null)]
    [InlineData(Flare, "settings.quality", "settings.background")]
    [InlineData(Sunburst, "settings.quality", "settings.background")]
    public void An_option_goes_where_the_model_takes_it(string air, string? quality, string? background)
    {
        var model = ModelCatalog.Default.Find(air)!;
        (model.PathOf("quality"), model.PathOf("background"), model.PathOf("style")).ShouldBe((quality, background, null));

        var wire = (Asked(air) with { Quality = "HIGH", Background = background is null ? null : "Opaque" }).ToWire();
        wire.Text(quality!).ShouldBe("high");
        if (background is not null)
        {
            wire.Text(background).ShouldBe("opaque");
        }

        wire.ContainsKey("providerSettings").ShouldBe(quality!.StartsWith("providerSettings", StringComparison.Ordinal));
        wire.ContainsKey("settings").ShouldBe(quality.StartsWith("settings", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Gpt1, "dataURI")]
    [InlineData(Flare, "base64Data")]
    public void A_time_to_live_needs_a_url(string model, string outputType)
    {
        var request = Request(model, $$"""{"width":1024,"height":1024,"ttl":60,"outputType":"{{outputType}}"}""");
        var e = Should.Throw<RunwareException>(() => ImageRequest.Check(request));

        (e.Code, e.Parameter, e.Message).ShouldBe(("ParameterOutOfRange", "TimeToLive", $"TimeToLive is specified with OutputType '{outputType}'. Only results with a URL have a time-to-live. Specify OutputType 'URL', or omit TimeToLive."));
    }

    [Fact]
    public void An_option_that_the_model_does_not_take_is_refused_by_its_parameter()
    {
        var e = Should.Throw<RunwareException>(() => (Asked(Gpt2) with { Background = "opaque" }).ToTask());

        (e.Code, e.Parameter).ShouldBe(("ParameterOutOfRange", "Background"));
        e.Message.ShouldContain(Gpt2);
    }

    [Theory]
    [InlineData(Flare, null)]
    [InlineData(Sunburst, "JPG")]
    public void A_transparent_image_without_alpha_is_the_same_error_for_every_model(string model, string? format)
    {
        var request = Asked(model) with { Background = "transparent", OutputFormat = format };
        var e = Should.Throw<RunwareException>(() => request.ToTask());

        (e.Code, e.Parameter).ShouldBe(("TransparencyNeedsAlpha", "OutputFormat"));
    }

    [Theory]
    [InlineData(Flare, false)]
    [InlineData(Sunburst, false)]
    [InlineData(Gpt2, true)]
    [InlineData("openai:1@2", true)]
    [InlineData("newmaker:7@1", true)]
    public void A_size_is_only_added_where_it_may_be_needed(string model, bool isAdded)
    {
        var task = Asked(model).ToTask();

        task.Body.ContainsKey("width").ShouldBe(isAdded);
        task.Body.ContainsKey("height").ShouldBe(isAdded);
        task.Action.ShouldContain(isAdded ? "1024x1024" : "default size");
        task.Forecast.ToString().ShouldBe("unknown");
    }

    [Fact]
    public void What_is_wrong_is_reported_in_the_words_of_the_cmdlet()
    {
        Message(Flare, """{"inputs":{"maskImage":"https://example.test/m.png"}}""").ShouldBe("MaskImage requires ReferenceImage.");
        Message(Gpt1, """{"width":1024,"height":1024,"ttl":60,"outputType":"dataURI"}""")
            .ShouldBe("TimeToLive is specified with OutputType 'dataURI'. Only results with a URL have a time-to-live. Specify OutputType 'URL', or omit TimeToLive.");
        Message(Flare, """{"width":1000,"height":1024}""").ShouldBe("Width must be from 16 to 3840 in steps of 16. You specified 1000.");
        Message(Flare, """{"width":512,"height":512}""")
            .ShouldBe($"{Flare} doesn't support the size 512x512. Supported sizes: edges of 16 to 3840 in steps of 16, "
                + "655360 to 8294400 pixels in all, a ratio of at most 3:1.");
        Message("runware:101@1", """{"width":1024,"height":1024,"scheduler":"fast"}""").ShouldStartWith("Scheduler doesn't support the value 'fast'. Supported values: DDIM, ");
        Message(Gpt1, """{"width":1000,"height":1000}""")
            .ShouldBe("openai:1@1 doesn't support the size 1000x1000. Supported sizes: 1024x1024 (Square), 1536x1024 (Landscape), 1024x1536 (Portrait).");
        Message("bfl:flux@3-image", """{"width":1000,"height":1000}""")
            .ShouldStartWith("bfl:flux@3-image doesn't support the size 1000x1000. The nearest of its 60 sizes: 1024x1024");
    }

    private static string Message(string model, string request) =>
        Should.Throw<RunwareException>(() => ImageRequest.Check(Request(model, request))).Message;

    private static ImageRequest Asked(string model) => new() { TaskUuid = Talk.A, Prompt = "a grebe", Model = model };

    [Theory]
    [InlineData("1e20", "1e20")]
    [InlineData("7e28", "1e-20")]
    public void A_size_beyond_all_numbers_is_out_of_range(string width, string height)
    {
        var task = new JsonObject
        {
            ["taskType"] = "imageInference",
            ["taskUUID"] = Talk.A.ToString("D"),
            ["model"] = Sunburst,
            ["positivePrompt"] = "a grebe",
            ["width"] = JsonNode.Parse(width),
            ["height"] = JsonNode.Parse(height),
        };

        Find(Sunburst, task).ShouldContain(f => f.Path == "width");
        task["duration"] = JsonNode.Parse(height);
        Should.NotThrow(() => ModelCatalog.Default.Models.Select(model => PriceForecast.Of(task, model)).ToList());
    }

    private static List<Finding> Find(string model, JsonObject task) => [.. ModelCatalog.Default.Find(model)!.Check(task)];

    private static JsonObject Request(string model, string request)
    {
        var task = new JsonObject
        {
            ["taskType"] = "imageInference",
            ["taskUUID"] = Talk.A.ToString("D"),
            ["model"] = model,
            ["positivePrompt"] = "a grebe",
        };
        foreach (var (key, value) in JsonNode.Parse(request)!.AsObject())
        {
            task[key] = value?.DeepClone();
        }

        return task;
    }

    private static string Urls(int count) =>
        string.Join(',', Enumerable.Range(1, count).Select(i => FormattableString.Invariant($"\"https://example.test/{i}.png\"")));
}
