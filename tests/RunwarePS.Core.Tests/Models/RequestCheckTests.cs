using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

/// <summary>What is found wrong with a request before it costs anything.</summary>
public sealed class RequestCheckTests
{
    private static readonly ModelInfo s_model = ModelCatalog.Default.Find("openai:1@1")!;

    [Fact]
    public void A_request_with_every_parameter_of_the_page_is_found_right()
    {
        Find($$"""
            {"taskType":"imageInference","taskUUID":"{{Talk.A}}","model":"openai:1@1","positivePrompt":"a grebe","width":1024,"height":1536,
             "outputType":"URL","outputFormat":"WEBP","outputQuality":80,"webhookURL":"https://hook.example.test/x?y=z","deliveryMethod":"async",
             "uploadEndpoint":"https://bucket.example.test/a.webp","safety":{"checkContent":true,"mode":"fast"},"ttl":60,"includeCost":true,"numberResults":20,
             "inputs":{"referenceImages":["https://example.test/a.jpg","8a8a8a8a-0001-4000-8000-000000000001"]},
             "providerSettings":{"openai":{"background":"transparent","quality":"low"} } }
            """).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("outputQuality", 19, false)]
    [InlineData("outputQuality", 20, true)]
    [InlineData("outputQuality", 99, true)]
    [InlineData("outputQuality", 100, false)]
    [InlineData("numberResults", 0, false)]
    [InlineData("numberResults", 1, true)]
    [InlineData("numberResults", 20, true)]
    [InlineData("numberResults", 21, false)]
    [InlineData("numberResults", -1, false)]
    [InlineData("ttl", 59, false)]
    [InlineData("ttl", 60, true)]
    [InlineData("ttl", int.MaxValue, true)]
    public void A_number_is_allowed_within_its_range(string path, int value, bool isRight)
    {
        var findings = Find(Task((path, value)));

        if (isRight)
        {
            findings.ShouldBeEmpty();
            return;
        }

        var finding = findings.ShouldHaveSingleItem();
        finding.Path.ShouldBe(path);
        finding.Kind.ShouldBe(FindingKind.OutOfRange);
        finding.Min.ShouldBe(s_model.Parameters[path].Min);
        finding.Max.ShouldBe(s_model.Parameters[path].Max);
        finding.Message.ShouldContain(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        finding.Message.ShouldContain(s_model.Parameters[path].Min!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(32000, true)]
    [InlineData(32001, false)]
    public void A_prompt_is_allowed_within_its_length(int length, bool isRight)
    {
        var findings = Find(Task(("positivePrompt", new string('p', length))));

        findings.Count.ShouldBe(isRight ? 0 : 1);
        findings.ShouldAllBe(f => f.Kind == FindingKind.OutOfRange && f.Path == "positivePrompt" && f.Max == 32000 && f.Message.Length < 200);
    }

    [Theory]
    [InlineData("openai:4@1", 1, false)]
    [InlineData("openai:4@1", 2, true)]
    [InlineData("openai:gpt-image@2.5-flare", 1, false)]
    [InlineData("openai:gpt-image@2.5-flare", 2, true)]
    [InlineData("openai:gpt-image@2.5-flare", 32000, true)]
    [InlineData("openai:gpt-image@2.5-flare", 32001, false)]
    public void Each_model_has_a_length_of_its_own(string model, int length, bool isRight) =>
        Find(Task(("positivePrompt", new string('p', length)), ("model", model)), model).Count.ShouldBe(isRight ? 0 : 1);

    [Theory]
    [InlineData("openai:1@1", 1024, 1024, true)]
    [InlineData("openai:1@1", 1536, 1024, true)]
    [InlineData("openai:1@1", 1024, 1536, true)]
    [InlineData("openai:1@1", 1536, 1536, false)]
    [InlineData("openai:1@1", 512, 512, false)]
    [InlineData("openai:1@1", 0, 0, false)]
    [InlineData("openai:1@1", -1024, -1024, false)]
    [InlineData("openai:1@2", 1536, 1024, true)]
    [InlineData("openai:1@2", 1536, 1040, false)]
    [InlineData("openai:gpt-image@2", 1008, 1024, true)]
    [InlineData("openai:gpt-image@2", 3840, 1280, true)]
    [InlineData("openai:gpt-image@2", 1280, 3840, true)]
    [InlineData("openai:gpt-image@2", 3840, 1264, false)]
    [InlineData("openai:gpt-image@2", 480, 480, false)]
    [InlineData("openai:gpt-image@2", 3840, 3840, false)]
    [InlineData("openai:gpt-image@2.5-flare", 16, 16, false)]
    [InlineData("openai:gpt-image@2.5-flare", 640, 1024, true)]
    [InlineData("openai:gpt-image@2.5-flare", 640, 1008, false)]
    [InlineData("openai:gpt-image@2.5-flare", 3840, 2160, true)]
    [InlineData("openai:gpt-image@2.5-flare", 3840, 3840, false)]
    [InlineData("openai:gpt-image@2.5-sunburst", 3840, 16, false)]
    public void A_size_is_allowed_as_the_model_makes_it(string model, int width, int height, bool isRight)
    {
        var findings = Find(Task(("model", model), ("width", width), ("height", height)), model);

        findings.Count.ShouldBe(isRight ? 0 : 1);
        findings.ShouldAllBe(f => f.Kind == FindingKind.Incompatible);
        if (!isRight)
        {
            findings[0].Message.ShouldContain($"{width}x{height}");
        }
    }

    [Theory]
    [InlineData("openai:gpt-image@2", 1000, 1024, "width")]
    [InlineData("openai:gpt-image@2", 3856, 2048, "width")]
    [InlineData("openai:gpt-image@2", 1440, 464, "height")]
    [InlineData("openai:gpt-image@2.5-flare", 0, 16, "width")]
    [InlineData("openai:gpt-image@2.5-sunburst", 2048, 3856, "height")]
    public void An_edge_that_the_model_never_makes_is_found_by_its_name(string model, int width, int height, string path)
    {
        var finding = Find(Task(("model", model), ("width", width), ("height", height)), model).ShouldHaveSingleItem();

        (finding.Path, finding.Kind).ShouldBe((path, FindingKind.OutOfRange));
    }

    [Fact]
    public void A_size_that_is_not_made_is_refused_with_those_that_are() =>
        Find(Task(("width", 512))).ShouldHaveSingleItem().AllowedValues.ShouldBe(["1024x1024", "1536x1024", "1024x1536"]);

    [Theory]
    [InlineData("outputType", "url")]
    [InlineData("outputType", "base64")]
    [InlineData("outputFormat", "GIF")]
    [InlineData("deliveryMethod", "stream")]
    [InlineData("taskType", "videoInference")]
    public void A_value_is_one_of_those_allowed_in_their_exact_spelling(string path, string value)
    {
        var finding = Find(Task((path, value))).ShouldHaveSingleItem();

        finding.Kind.ShouldBe(FindingKind.NotAllowed);
        finding.AllowedValues.ShouldBe(s_model.Parameters[path].Allowed);
        finding.Message.ShouldContain($"'{value}'");
    }

    [Theory]
    [InlineData("""{"providerSettings":{"openai":{"quality":"ultra"}}}""", "providerSettings.openai.quality", nameof(FindingKind.NotAllowed))]
    [InlineData("""{"providerSettings":{"openai":{"background":"red"}}}""", "providerSettings.openai.background", nameof(FindingKind.NotAllowed))]
    [InlineData("""{"providerSettings":{"openai":{"style":"oil"}}}""", "providerSettings.openai.style", nameof(FindingKind.Unknown))]
    [InlineData("""{"providerSettings":{"bfl":{}}}""", "providerSettings.bfl", nameof(FindingKind.Unknown))]
    [InlineData("""{"providerSettings":"openai"}""", "providerSettings", nameof(FindingKind.WrongType))]
    [InlineData("""{"safety":{"mode":"full"}}""", "safety.mode", nameof(FindingKind.NotAllowed))]
    [InlineData("""{"safety":{"checkContent":"true"}}""", "safety.checkContent", nameof(FindingKind.WrongType))]
    [InlineData("""{"safety":true}""", "safety", nameof(FindingKind.WrongType))]
    [InlineData("""{"inputs":{"maskImage":"x"}}""", "inputs.maskImage", nameof(FindingKind.Unknown))]
    [InlineData("""{"inputs":{"referenceImages":"x"}}""", "inputs.referenceImages", nameof(FindingKind.WrongType))]
    [InlineData("""{"inputs":{"referenceImages":[1]}}""", "inputs.referenceImages", nameof(FindingKind.WrongType))]
    [InlineData("""{"negativePrompt":"no rain"}""", "negativePrompt", nameof(FindingKind.Unknown))]
    [InlineData("""{"seed":7}""", "seed", nameof(FindingKind.Unknown))]
    [InlineData("""{"steps":30}""", "steps", nameof(FindingKind.Unknown))]
    [InlineData("""{"referenceImages":["x"]}""", "referenceImages", nameof(FindingKind.Unknown))]
    [InlineData("""{"PositivePrompt":"a grebe"}""", "PositivePrompt", nameof(FindingKind.Unknown))]
    [InlineData("""{"width":"1024"}""", "width", nameof(FindingKind.WrongType))]
    [InlineData("""{"width":1024.5}""", "width", nameof(FindingKind.WrongType))]
    [InlineData("""{"numberResults":"2"}""", "numberResults", nameof(FindingKind.WrongType))]
    [InlineData("""{"numberResults":99999999999999999999}""", "numberResults", nameof(FindingKind.OutOfRange))]
    [InlineData("""{"includeCost":1}""", "includeCost", nameof(FindingKind.WrongType))]
    [InlineData("""{"positivePrompt":7}""", "positivePrompt", nameof(FindingKind.WrongType))]
    [InlineData("""{"ttl":null}""", "ttl", nameof(FindingKind.WrongType))]
    [InlineData("""{"taskUUID":"7"}""", "taskUUID", nameof(FindingKind.NotAllowed))]
    [InlineData("""{"taskUUID":"8a8a8a8a-0001-1000-8000-000000000001"}""", "taskUUID", nameof(FindingKind.NotAllowed))]
    [InlineData("""{"taskUUID":"8a8a8a8a-0001-4000-c000-000000000001"}""", "taskUUID", nameof(FindingKind.NotAllowed))]
    [InlineData("""{"webhookURL":"hook"}""", "webhookURL", nameof(FindingKind.NotAllowed))]
    [InlineData("""{"webhookURL":"ftp://hook.example.test"}""", "webhookURL", nameof(FindingKind.NotAllowed))]
    [InlineData("""{"uploadEndpoint":"file:///tmp/x"}""", "uploadEndpoint", nameof(FindingKind.NotAllowed))]
    public void Each_mistake_is_found_under_its_path(string change, string path, string kind)
    {
        var task = Task();
        foreach (var (key, value) in JsonNode.Parse(change)!.AsObject())
        {
            task[key] = value?.DeepClone();
        }

        var finding = Find(task).ShouldHaveSingleItem();
        finding.Path.ShouldBe(path);
        finding.Kind.ToString().ShouldBe(kind);
        finding.Message.ShouldNotBeNullOrWhiteSpace();
    }

    [Theory]
    [InlineData("taskType")]
    [InlineData("taskUUID")]
    [InlineData("model")]
    [InlineData("positivePrompt")]
    [InlineData("width")]
    [InlineData("height")]
    public void What_is_required_is_missed(string path)
    {
        var task = Task();
        task.Remove(path);

        var finding = Find(task).ShouldHaveSingleItem();
        finding.Path.ShouldBe(path);
        finding.Kind.ShouldBe(FindingKind.Missing);
    }

    [Fact]
    public void Mistakes_come_in_the_order_in_which_the_api_looks()
    {
        var task = Task(("numberResults", 0), ("seed", 7), ("positivePrompt", ""));
        task.Remove("height");

        Find(task).Select(f => f.Path).ShouldBe(["seed", "height", "positivePrompt", "numberResults"]);
    }

    [Fact]
    public void An_image_among_the_references_is_checked_without_being_written_out()
    {
        const int Size = 16 * 1024 * 1024;
        var task = new ImageRequest { TaskUuid = Talk.A, Prompt = "a grebe", ReferenceImages = [new MediaInput(Pictures.Jpeg(Size))] }.ToWire();
        s_model.Check(task).ToArray(); // what is made once is not counted

        var before = GC.GetAllocatedBytesForCurrentThread();
        s_model.Check(task).ShouldBeEmpty();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(Size / 16);
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    public void As_many_references_are_allowed_as_the_model_takes(int count, bool isRight)
    {
        var task = Task(("model", "openai:gpt-image@2.5-flare"));
        task["inputs"] = new JsonObject { ["referenceImages"] = new JsonArray([.. Enumerable.Repeat("https://example.test/a.jpg", count).Select(a => JsonValue.Create(a))]) };

        var findings = Find(task, "openai:gpt-image@2.5-flare");
        findings.Count.ShouldBe(isRight ? 0 : 1);
        findings.ShouldAllBe(f => f.Kind == FindingKind.OutOfRange && f.Max == 16);
    }

    private static JsonObject Task(params (string Key, JsonNode? Value)[] changes)
    {
        var task = Talk.Task(Talk.A);
        foreach (var (key, value) in changes)
        {
            task[key] = value;
        }

        // As it would be after a journey over the wire, or from the user's own JSON.
        return JsonNode.Parse(task.ToJsonString())!.AsObject();
    }

    private static List<Finding> Find(string task) => Find(JsonNode.Parse(task)!.AsObject());

    private static List<Finding> Find(JsonObject task, string model = "openai:1@1") => [.. ModelCatalog.Default.Find(model)!.Check(task)];
}
