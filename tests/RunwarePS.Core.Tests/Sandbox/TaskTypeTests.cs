using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RunwarePS.Sandbox;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

/// <summary>Each task type: what its results look like, and what it refuses.</summary>
public sealed partial class TaskTypeTests
{
    private const string Video = """{"taskType":"videoInference","model":"klingai:kling-video@2.6-pro","positivePrompt":"A lighthouse at dusk","width":1920,"height":1080}""";
    private const string Speech =
        """{"taskType":"audioInference","model":"alibaba:qwen@3-tts-1.7b-base","speech":{"text":"Good morning.","voice":"clone"},"inputs":{"audio":"https://files.example/a.mp3"},"settings":{"transcript":"Good evening."}}""";
    private const string Text = """{"taskType":"textInference","model":"deepseek:v4@flash","messages":[{"role":"user","content":"Name three lighthouses."}]}""";
    private const string Upscale = """{"taskType":"upscale","model":"runware:500@1","inputs":{"image":"https://files.example/a.png"},"upscaleFactor":2}""";
    private const string Cutout = """{"taskType":"removeBackground","model":"runware:109@1","inputs":{"image":"https://files.example/a.png"}}""";
    private const string VideoCutout = """{"taskType":"removeBackground","model":"bria:51@1","inputs":{"video":"https://files.example/a.mp4"}}""";
    private const string Caption = """{"taskType":"caption","model":"runware:150@2","inputs":{"image":"https://files.example/a.png"}}""";
    private const string Enhance = """{"taskType":"promptEnhance","model":"runware:llama-3-1-8b@prompt-enhancer","prompt":"A fox"}""";
    private const string Masking = """{"taskType":"imageMasking","model":"runware:35@1","inputs":{"image":"https://files.example/a.png"}}""";
    private const string Guide = """{"taskType":"controlNetPreprocess","model":"runware:controlnet-preprocess@canny","inputs":{"image":"https://files.example/a.png"}}""";
    private const string Vector = """{"taskType":"vectorize","model":"recraft:1@1","inputs":{"image":"https://files.example/a.png"}}""";
    private const string Model3D = """{"taskType":"3dInference","model":"tripo:v3.1@0","positivePrompt":"A lighthouse"}""";
    private const string Training =
        """{"taskType":"training","model":"exactly:illustrative@training","inputs":{"dataset":"https://files.example/a.zip"},"importModel":{"air":"me:style@1","name":"My style"}}""";
    private const string Upload =
        """{"taskType":"modelUpload","category":"lora","architecture":"sdxl","name":"Mine","version":"1","format":"safetensors","downloadURL":"https://files.example/a.safetensors","air":"me:lora@1"}""";

    [Theory]
    [InlineData(Video, """{"taskType":"videoInference","taskUUID":"T","status":"success","videoUUID":"*","videoURL":"/video/T-0.mp4"}""")]
    [InlineData(Speech, """{"taskType":"audioInference","taskUUID":"T","status":"success","audioUUID":"*","audioURL":"/audio/T-0.mp3"}""")]
    [InlineData(
        Text,
        """{"taskType":"textInference","taskUUID":"T","status":"success","text":"This is the sandbox’s response to: Name three lighthouses.","finishReason":"stop"}""")]
    [InlineData(Upscale, """{"taskType":"upscale","taskUUID":"T","status":"success","imageUUID":"*","imageURL":"/image/T-0.jpg"}""")]
    [InlineData(Cutout, """{"taskType":"removeBackground","taskUUID":"T","status":"success","imageUUID":"*","imageURL":"/image/T-0.jpg"}""")]
    [InlineData(VideoCutout, """{"taskType":"removeBackground","taskUUID":"T","status":"success","videoUUID":"*","videoURL":"/video/T-0.webm"}""")]
    [InlineData(Caption, """{"taskType":"caption","taskUUID":"T","status":"success","text":"A sample caption from the sandbox."}""")]
    [InlineData(Enhance, """{"taskType":"promptEnhance","taskUUID":"T","status":"success","text":"A fox, sandbox version 1, detailed, soft light"}""")]
    [InlineData(
        Masking,
        """{"taskType":"imageMasking","taskUUID":"T","status":"success","maskImageUUID":"*","maskImageURL":"/image/T-0.jpg","inputImageUUID":"*","detections":[{"x_min":64,"y_min":64,"x_max":128,"y_max":128}]}""")]
    [InlineData(
        Guide,
        """{"taskType":"controlNetPreprocess","taskUUID":"T","status":"success","guideImageUUID":"*","guideImageURL":"/image/T-0.jpg","inputImageUUID":"*"}""")]
    [InlineData(Vector, """{"taskType":"vectorize","taskUUID":"T","status":"success","imageUUID":"*","imageURL":"/image/T-0.svg"}""")]
    [InlineData(Model3D, """{"taskType":"3dInference","taskUUID":"T","status":"success","outputs":{"files":[{"uuid":"*","url":"/model/T-0.glb"}]}}""")]
    [InlineData(
        Training,
        """{"taskType":"training","taskUUID":"T","status":"success","air":"me:style@1","outputs":{"files":[{"uuid":"*","url":"/application/T-0.safetensors"}]}}""")]
    [InlineData(Upload, """{"taskType":"modelUpload","taskUUID":"T","status":"ready","message":"The model is ready to use.","air":"me:lora@1"}""")]
    public async Task ResultHasTheFieldsOfItsType(string json, string expected)
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Task(json);
        var id = (string)task["taskUUID"]!;

        (await client.SendAsync(task)).Errors.ShouldBeEmpty();
        var item = await client.OneAsync(SandboxClient.GetResponse(id));

        var text = item.ToJsonString(Relaxed).Replace(id, "T", StringComparison.Ordinal).Replace($"http://127.0.0.1:{client.Sandbox.Port}", "", StringComparison.Ordinal);
        Uuid().Replace(text, "*").ShouldBe(expected);
    }

    [Theory]
    [InlineData(Video, "async")]
    [InlineData(VideoCutout, "async")]
    [InlineData(Training, "async")]
    [InlineData(Upload, "async")]
    [InlineData(Speech, "sync")]
    [InlineData(Text, "sync")]
    [InlineData(Model3D, "sync")]
    public async Task TypeIsAnsweredByItsDefaultDelivery(string json, string delivery)
    {
        using var client = new SandboxClient();

        var item = await client.OneAsync(SandboxClient.Task(json));

        (item.Count == 2).ShouldBe(delivery == "async", item.ToJsonString());
    }

    [Theory]
    [InlineData(Video, "audioSettings", "{}", "unsupportedParameter")]
    [InlineData(Video, "deliveryMethod", "\"sync\"", "invalidDeliveryMethod")]
    [InlineData(Video, "outputType", "\"base64Data\"", "invalidOutputType")]
    [InlineData(Video, "numberResults", "5", "invalidNumberResults")]
    [InlineData(Video, "frameImages", "[]", "unsupportedParameter")]
    [InlineData(Speech, "outputQuality", "90", "unsupportedParameter")]
    [InlineData(Text, "messages", "[]", "invalidMessages")]
    [InlineData(Text, "messages", """[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]""", "invalidMessages")]
    [InlineData(Text, "messages", """[{"role":"system","content":"a"}]""", "invalidRole")]
    [InlineData(Text, "outputType", "\"URL\"", "unsupportedParameter")]
    [InlineData(Text, "toolChoice", """{"type":"tool"}""", "missingName")]
    [InlineData(Upscale, "numberResults", "2", "unsupportedParameter")]
    [InlineData(Upscale, "inputs", null, "missingImage")]
    [InlineData(Upscale, "deliveryMethod", "\"stream\"", "invalidDeliveryMethod")]
    [InlineData(VideoCutout, "deliveryMethod", "\"sync\"", "invalidDeliveryMethod")]
    [InlineData(Caption, "inputs", """{"image":"https://files.example/a.png","video":"https://files.example/a.mp4"}""", "incompatibleParameters")]
    [InlineData(Enhance, "promptVersions", "6", "invalidPromptVersions")]
    [InlineData(Enhance, "outputFormat", "\"TEXT\"", "unsupportedParameter")]
    [InlineData(Masking, "outputQuality", "90", "unsupportedParameter")]
    [InlineData(Masking, "settings", """{"confidence":2}""", "invalidConfidence")]
    [InlineData(Guide, "inputs", """{"image":"C:\\a.png"}""", "invalidImage")]
    [InlineData(Vector, "outputFormat", "\"PNG\"", "invalidOutputFormat")]
    [InlineData(Model3D, "width", "1024", "unsupportedParameter")]
    [InlineData(Training, "deliveryMethod", "\"async\"", "unsupportedParameter")]
    [InlineData(Training, "importModel", """{"air":"me:style@1"}""", "missingName")]
    [InlineData(Upload, "format", "\"ckpt\"", "invalidFormat")]
    [InlineData(Upload, "model", "\"me:lora@1\"", "unsupportedParameter")]
    [InlineData(Video, "includeCost", "\"true\"", "invalidIncludeCost")]
    [InlineData(Video, "ttl", "59", "invalidTtl")]
    [InlineData(Video, "safety", """{"mode":"slow"}""", "invalidMode")]
    [InlineData(Vector, "model", null, "missingModel")]
    public async Task TypeRefusesWhatItDoesNotTake(string json, string key, string? value, string code)
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Task(json);
        if (value is null)
        {
            task.Remove(key);
        }
        else
        {
            task[key] = JsonNode.Parse(value);
        }

        var reply = await client.SendAsync(task);

        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Codes.ShouldBe([code], reply.Body);
        client.Sandbox.Generation.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("imageCaption", "caption")]
    [InlineData("imageControlNetPreProcess", "controlNetPreprocess")]
    [InlineData("imageBackgroundRemoval", "removeBackground")]
    [InlineData("imageUpscale", "upscale")]
    [InlineData("imageUpload", "mediaStorage")]
    public async Task LegacyTypeIsRefusedWithItsSuccessor(string type, string successor)
    {
        using var client = new SandboxClient();

        var reply = await client.SendAsync(SandboxClient.Task($$"""{"taskType":"{{type}}"}"""));

        reply.Codes.ShouldBe(["unsupportedTaskType"]);
        ((string)reply.Errors[0]!["message"]!).ShouldContain($"'{successor}'");
    }

    [Fact]
    public async Task VideosOfOneTaskFinishOneAfterTheOther()
    {
        var clock = new FakeTime();
        using var client = new SandboxClient(new SandboxOptions { Latency = TimeSpan.FromSeconds(8), TimeProvider = clock });
        var task = SandboxClient.Task(Video);
        task["numberResults"] = 4;
        await client.SendAsync(task);
        var poll = SandboxClient.GetResponse((string)task["taskUUID"]!);

        clock.Advance(TimeSpan.FromSeconds(3));
        var items = (await client.SendAsync(poll)).Data;
        items.Select(i => (string)i!["status"]!).ShouldBe(["success", "processing", "processing", "processing"]);
        items.Skip(1).Select(i => (int)i!["progress"]!).ShouldBe([75, 50, 37]);

        clock.Advance(TimeSpan.FromSeconds(5));
        (await client.SendAsync(poll)).Data.Select(i => (string)i!["status"]!).ShouldAllBe(s => s == "success");
    }

    [Fact]
    public async Task UploadOfAModelGoesThroughItsSteps()
    {
        var clock = new FakeTime();
        using var client = new SandboxClient(new SandboxOptions { Latency = TimeSpan.FromSeconds(4), TimeProvider = clock });
        var task = SandboxClient.Task(Upload);
        await client.SendAsync(task);
        var seen = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            seen.Add((string)(await client.OneAsync(SandboxClient.GetResponse((string)task["taskUUID"]!)))["status"]!);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        seen.ShouldBe(["validated", "downloaded", "optimized", "stored", "ready"]);
        client.Sandbox.Generation.ShouldBeEmpty("an upload isn't charged");
    }

    [Theory]
    [InlineData(Training, "me:style@1")]
    [InlineData(Upload, "me:lora@1")]
    public async Task ModelOfOnesOwnCanBeUsed(string json, string air)
    {
        using var client = new SandboxClient();
        var image = SandboxClient.Task($$"""{"taskType":"imageInference","model":"{{air}}","positivePrompt":"A fox","width":512,"height":512}""");

        (await client.SendAsync(image)).Codes.ShouldBe(["modelNotFound"]);
        await client.SendAsync(SandboxClient.Task(json));

        (await client.OneAsync(image)).ContainsKey("imageURL").ShouldBeTrue();
    }

    [Fact]
    public async Task SeedsCostAndSafetyAreReportedWhenAskedFor()
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Task("""{"taskType":"imageInference","model":"civitai:1@2","positivePrompt":"A fox","seed":9223372036854775808,"numberResults":2,"safety":{"checkContent":true}}""");

        var items = (await client.SendAsync(task)).Data;

        items.Select(i => (decimal)i!["seed"]!).ShouldBe([9223372036854775808m, 9223372036854775809m]);
        items.ShouldAllBe(i => !(bool)i!["NSFWContent"]!);

        var video = SandboxClient.Task(Video);
        video["includeCost"] = true;
        await client.SendAsync(video);
        (await client.OneAsync(SandboxClient.GetResponse((string)video["taskUUID"]!)))["cost"]!.GetValue<decimal>().ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("base64Data", "maskImageBase64Data")]
    [InlineData("dataURI", "maskImageDataURI")]
    public async Task EveryImageComesInTheResponseWhenAskedFor(string outputType, string key)
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Task(Masking);
        task["outputType"] = outputType;
        task["outputFormat"] = "PNG";

        var text = (string)(await client.OneAsync(task))[key]!;

        PictureHeader.Read(Convert.FromBase64String(text[(text.IndexOf(',', StringComparison.Ordinal) + 1)..])).Format.ShouldBe("png");
    }

    [Fact]
    public async Task VideoWithSoundIsAVideo()
    {
        using var client = new SandboxClient();

        var item = await client.OneAsync(SandboxClient.Task("""{"taskType":"audioInference","model":"mirelo:1@1","inputs":{"video":"https://files.example/a.mp4"}}"""));

        item.ContainsKey("videoUUID").ShouldBeTrue();
        ((string)item["videoURL"]!).ShouldEndWith(".mp4");
    }

    [Fact]
    public async Task AgeIsStructuredDataAndAVideoIsCaptionedInSegments()
    {
        using var client = new SandboxClient();
        var age = SandboxClient.Task(Caption);
        age["model"] = "runware:152@50";
        var video = SandboxClient.Task("""{"taskType":"caption","model":"memories:1@1","inputs":{"video":"https://files.example/a.mp4"}}""");

        (await client.OneAsync(age))["structuredData"]!.AsObject().Count.ShouldBe(1);
        await client.SendAsync(video);
        ((string)(await client.OneAsync(SandboxClient.GetResponse((string)video["taskUUID"]!)))["text"]!).ShouldStartWith("[0] (0-6): ");
    }

    [Fact]
    public async Task PromptVersionsAreOneItemEach()
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Task(Enhance);
        task["promptVersions"] = 3;
        task["promptMaxLength"] = 20;

        var texts = (await client.SendAsync(task)).Data.Select(i => (string)i!["text"]!).ToList();

        texts.Count.ShouldBe(3);
        texts.ShouldAllBe(t => t.Length == 20);
    }

    [Fact]
    public async Task TextHasUsageReasoningAndItsLimit()
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Task(Text);
        task["model"] = "minimax:m3@0";
        task["includeUsage"] = true;
        task["settings"] = new JsonObject { ["maxTokens"] = 4 };

        var item = await client.OneAsync(task);

        ((string)item["text"]!).ShouldBe("This is the sandbox’s ");
        ((string)item["finishReason"]!).ShouldBe("length");
        ((string)item["reasoningContent"]!).Length.ShouldBeGreaterThan(0);
        item["usage"]!.ToJsonString().ShouldBe("""{"promptTokens":3,"completionTokens":12,"totalTokens":15,"thinkingTokens":8}""");
    }

    [Theory]
    [InlineData("""{"type":"object","properties":{"name":{"type":"string"},"tags":{"type":"array","items":{"enum":["a","b"]}},"size":{"type":"integer","minimum":5}}}""")]
    [InlineData("""{"name":"answer","strict":true,"schema":{"type":"object","properties":{"name":{"type":"string"},"tags":{"type":"array","items":{"enum":["a","b"]}},"size":{"type":"integer","minimum":5}}}}""")]
    public async Task TextFitsTheSchema(string schema)
    {
        using var client = new SandboxClient();
        var task = SandboxClient.Task(Text);
        task["outputFormat"] = "JSON";
        task["jsonSchema"] = JsonNode.Parse(schema);

        ((string)(await client.OneAsync(task))["text"]!).ShouldBe("""{"name":"sample","tags":["a"],"size":5}""");
    }

    [Theory]
    [InlineData(Video)]
    [InlineData(Speech)]
    [InlineData(Text)]
    [InlineData(Upscale)]
    [InlineData(Caption)]
    [InlineData(Masking)]
    [InlineData(Vector)]
    [InlineData(Model3D)]
    [InlineData(Training)]
    public async Task FaultsStrikeEveryType(string json)
    {
        var type = (string)SandboxClient.Task(json)["taskType"]!;
        using var client = new SandboxClient(
            new SandboxFault { Kind = SandboxFaultKind.Refusal, TaskType = type, Times = 1 },
            new SandboxFault { Kind = SandboxFaultKind.PartialFailure, TaskType = type, Times = 1, Code = "providerError" },
            new SandboxFault { Kind = SandboxFaultKind.Status, TaskType = type, Skip = 2, Times = 1 });

        (await client.SendAsync(SandboxClient.Task(json))).Codes.ShouldBe(["invalidProviderContent"]);
        var failing = SandboxClient.Task(json);
        await client.SendAsync(failing);
        (await client.SendAsync(SandboxClient.GetResponse((string)failing["taskUUID"]!))).Codes.ShouldBe(["providerError"]);
        (await client.SendTextAsync($"[{SandboxClient.Task(json).ToJsonString()}]")).Status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await client.SendAsync(SandboxClient.Image())).Data.Count.ShouldBe(1);
    }

    private static System.Text.Json.JsonSerializerOptions Relaxed { get; } = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f-]{27}", RegexOptions.None, 5000)]
    private static partial Regex Uuid();
}
