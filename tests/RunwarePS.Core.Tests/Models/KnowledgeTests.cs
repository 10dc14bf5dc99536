using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

/// <summary>What each level of knowledge refuses, warns about, or leaves to the API.</summary>
public sealed class KnowledgeTests
{
    private const string Keys = "deepseek:v4@flash";
    private const string Nothing = "reve:2@1";

    [Theory]
    [InlineData("{}", "messages")]
    [InlineData("""{"messages":[],"unknownKey":1}""", null)]
    [InlineData("""{"messages":[],"outputFormat":"PDF"}""", null)]
    [InlineData("""{"messages":"text","settings":7}""", null)]
    public void The_key_table_refuses_only_what_is_missing(string request, string? path) =>
        Model(Keys).Check(Task(Keys, "textInference", request)).FirstOrDefault()?.Path.ShouldBe(path);

    [Theory]
    [InlineData("""{"messages":[],"inputs":{},"ttl":60,"outputType":"URL"}""", "inputs ttl outputType")]
    [InlineData("""{"messages":[],"outputFormat":"PDF"}""", "outputFormat")]
    [InlineData("""{"messages":[],"outputFormat":"JSON","settings":{"anything":1}}""", "")]
    [InlineData("""{"messages":"text"}""", "")]
    public void The_key_table_warns_about_unknown_keys_and_values(string request, string paths) =>
        string.Join(' ', Model(Keys).Warnings(Task(Keys, "textInference", request)).Select(f => f.Path)).ShouldBe(paths);

    [Fact]
    public void A_key_that_is_true_or_an_object_is_not_doubted_as_an_object()
    {
        var model = ModelCatalog.Default.Models.First(m => m.Knowledge == ModelKnowledge.Keys && m.Parameters.ContainsKey("hiresFix"));

        model.Warnings(new JsonObject { ["hiresFix"] = new JsonObject { ["steps"] = 3 } }).ShouldNotContain(f => f.Path == "hiresFix");
        model.Warnings(new JsonObject { ["hiresFix"] = false }).ShouldContain(f => f.Path == "hiresFix");
    }

    [Fact]
    public void Of_a_model_without_data_nothing_is_reported()
    {
        var model = Model(Nothing);

        (model.Knowledge, model.TaskType).ShouldBe((ModelKnowledge.None, "imageInference"));
        model.Findings(new JsonObject { ["anything"] = 1 }).ShouldBeEmpty();
        model.PathOf("providerSettings.*.quality", "quality").ShouldBe("providerSettings.reve.quality");
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(89, true)]
    [InlineData(92, false)]
    public void An_old_document_only_warns_about_keys_and_values(int days, bool refuses)
    {
        var model = ModelCatalog.Load(folder: null, FixedCatalog.At(FixedCatalog.Day.AddDays(days))).Find("klingai:kling-video@2.6-pro")!;
        var unknown = Task(model.Air, model.TaskType, """{"positivePrompt":"a red tram","width":1920,"height":1080,"seed":7,"safety":{"mode":"none"}}""");
        var broken = Task(model.Air, model.TaskType, """{"positivePrompt":"a red tram","width":1920}""");

        model.Check(unknown).Select(f => f.Path).ShouldBe(refuses ? ["seed", "safety.mode"] : []);
        model.Warnings(unknown).Select(f => f.Path).ShouldBe(refuses ? [] : ["seed", "safety.mode"]);
        model.Check(broken).ShouldNotBeEmpty("a rule between keys is no new key");
        ModelCatalog.Load(folder: null, FixedCatalog.At(FixedCatalog.Day.AddDays(days))).DefaultModel
            .Check(Task("openai:1@1", "imageInference", """{"positivePrompt":"a red tram","width":1024,"height":1024,"seed":7}""")).ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("klingai:kling-video@2.6-pro", "providerSettings.klingai.sound", "sound")]
    [InlineData("bytedance:seedance@2.5", "settings.audio", "providerSettings.*.audio", "settings.audio", "audio")]
    [InlineData("openai:gpt-image@2.5-flare", "settings.quality", "providerSettings.*.quality", "settings.quality", "quality")]
    [InlineData("openai:1@1", "providerSettings.openai.quality", "settings.quality", "providerSettings.*.quality", "quality")]
    [InlineData("runware:101@1", "seed", "seed")]
    [InlineData("runware:500@1", "settings.seed", "seed")]
    [InlineData("runware:500@1", "inputs.image", "inputs.seedImage", "inputs.image")]
    [InlineData("openai:1@1", null, "seed")]
    [InlineData("deepseek:v4@flash", "settings.quality", "providerSettings.*.quality", "settings.quality", "quality")]
    [InlineData("deepseek:v4@flash", null, "providerSettings.*.quality", "quality")]
    [InlineData("deepseek:v4@flash", "seed", "seed")]
    [InlineData("pixverse:modify@0", "inputs.referenceImages", "inputs.frameImages", "inputs.image", "inputs.referenceImages")]
    [InlineData("klingai:avatar@2.0-pro", "inputs.image", "inputs.frameImages", "inputs.image", "inputs.referenceImages")]
    [InlineData("veed:fabric@1.0-hosted", "inputs.image", "inputs.frameImages", "inputs.image", "inputs.referenceImages")]
    [InlineData("klingai:6@1", "inputs.frameImages", "inputs.frameImages", "inputs.image", "inputs.referenceImages")]
    [InlineData("klingai:avatar@2.0-pro", "inputs.audio", "inputs.audio", "inputs.audios", "inputs.referenceAudios")]
    [InlineData("bria:21@1", "inputs.image", "inputs.seedImage", "inputs.image")]
    [InlineData("bria:21@1", "inputs.mask", "inputs.maskImage", "inputs.mask")]
    [InlineData("bfl:1@2", "inputs.maskImage", "inputs.maskImage", "inputs.mask")]
    [InlineData("bria:50@1", "inputs.video", "inputs.image", "inputs.video")]
    [InlineData("bytedance:video-enhancement@pro", "inputs.video", "inputs.image", "inputs.video")]
    public void A_value_goes_where_the_model_takes_it(string model, string? path, params string[] candidates) => Model(model).PathOf(candidates).ShouldBe(path);

    [Theory]
    [InlineData("bria:21@1", "inputs.image inputs.mask")]
    [InlineData("luma:uni@1", "inputs.referenceImages")]
    [InlineData("klingai:6@1", "")]
    public void The_table_shows_where_media_go(string model, string paths) =>
        string.Join(' ', Model(model).Parameters.Keys.Where(p => p.StartsWith("inputs.", StringComparison.Ordinal))).ShouldBe(paths);

    [Fact]
    public void An_input_that_the_table_does_not_have_is_not_doubted() =>
        Model("bria:21@1").Warnings(Task("bria:21@1", "imageInference", """{"positivePrompt":"x","inputs":{"image":"a","style":"b"}}""")).ShouldBeEmpty();

    [Theory]
    [InlineData("klingai:kling-video@2.6-pro", """{"duration":10,"providerSettings":{"klingai":{"sound":true}}}""", "1.4")]
    [InlineData("klingai:kling-video@2.6-pro", """{"duration":10}""", "0.7")]
    [InlineData("klingai:kling-video@2.6-pro", """{"numberResults":2}""", "0.7")]
    [InlineData("alibaba:qwen@3-tts-1.7b-base", """{"speech":{"text":"Good morning."}}""", "0.000195")]
    [InlineData("bfl:flux@3-image", """{"width":1024,"height":1024}""", "0.048")]
    [InlineData("bfl:flux@3-image", """{"resolution":"4K","numberResults":3}""", "1.821")]
    [InlineData("bfl:flux@3-image", "{}", "0.048")]
    [InlineData("google:4@3", """{"width":512,"height":512}""", "0.04657")]
    [InlineData("google:4@3", """{"resolution":"2K","inputs":{"referenceImages":["https://example.com/1.png","https://example.com/2.png"]}}""", "0.10311")]
    [InlineData("tripo:v3.1@0", """{"positivePrompt":"a red tram"}""", "0.3")]
    [InlineData("tripo:v3.1@0", """{"inputs":{"images":["https://example.com/1.png"]}}""", "0.4")]
    [InlineData("bria:51@1", """{"inputs":{"video":"https://example.com/1.mp4"}}""", "unknown")]
    [InlineData("runware:101@1", """{"width":1024,"height":1024}""", "unknown")]
    [InlineData("openai:gpt-image@2.5-flare", """{"width":1024,"height":1024}""", "unknown")]
    [InlineData("deepseek:v4@flash", """{"messages":[]}""", "unknown")]
    public void What_can_be_computed_is_forecast(string model, string request, string price) =>
        PriceForecast.Of(Task(model, Model(model).TaskType, request), Model(model)).ToString().ShouldBe(price);

    [Theory]
    [InlineData(1000, 1000, "0.03")]
    [InlineData(2000, 1000, "0.045")]
    [InlineData(2001, 1000, "0.06")]
    public void Megapixels_are_rounded_up_and_have_tiers(int width, int height, string price)
    {
        PriceRate[] rates =
        [
            new(0.03m, "outputMegapixel", Label: null, "test", "2026-11-25"),
            new(0.015m, "outputMegapixel", Label: null, "test", "2026-11-25") { After = 1 },
        ];

        RateCalculator.Of(Model("runware:101@1"), new JsonObject { ["width"] = width, ["height"] = height }, rates)!.Value.Most
            .ShouldBe(decimal.Parse(price, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Rates_that_no_label_distinguishes_bound_the_price()
    {
        PriceRate[] rates = [new(1, "output", "small", "test", "2026-11-25"), new(3, "output", "large", "test", "2026-11-25")];

        RateCalculator.Of(Model("runware:101@1"), [], rates).ShouldBe((1m, 3m));
    }

    private static ModelInfo Model(string name) => ModelCatalog.Default.Find(name)!;

    private static JsonObject Task(string model, string type, string request)
    {
        var task = JsonNode.Parse(request)!.AsObject();
        (task["taskType"], task["taskUUID"], task["model"]) = (type, Talk.A.ToString("D"), model);
        return task;
    }
}
