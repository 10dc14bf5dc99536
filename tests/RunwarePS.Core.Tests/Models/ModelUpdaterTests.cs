using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

/// <summary>Documents from where Runware serves them: what is kept, what is reported, and what survives.</summary>
public sealed class ModelUpdaterTests : IDisposable
{
    private const string Flux = "runware:101@1";
    private const string FluxUrl = "/docs/models/bfl-flux-1-dev/schema.json";

    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, Func<ReceivedRequest, HttpResponseMessage>> _served = new(StringComparer.Ordinal);
    private readonly ScriptedHandler _handler;

    public ModelUpdaterTests() => _handler = new ScriptedHandler(request =>
        _served.TryGetValue(request.Address.AbsolutePath, out var answer) ? answer(request) : new HttpResponseMessage(HttpStatusCode.NotFound));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_served_document_replaces_the_shipped_one_and_no_key_is_sent()
    {
        Serve(FluxUrl, Served("bfl-flux-1-dev", steps: 50), eTag: "\"a\"");

        var change = await UpdateAsync(Flux);

        (change.Model, change.Change, change.UncheckedRule).ShouldBe((Flux, "Changed", 0));
        Catalog().Find(Flux)!.Parameters["steps"].Max.ShouldBe(50);
        Catalog().Find(Flux)!.AsOf.ShouldBe("2026-11-26");
        _handler.Requests.ShouldAllBe(r => !r.Headers.ContainsKey("Authorization"));
        _folder.Files.ShouldBe(["runware~3a101~401.json"]);
    }

    [Fact]
    public async Task The_document_that_is_shipped_is_no_change_whatever_its_prose()
    {
        Serve(FluxUrl, Served("bfl-flux-1-dev"));

        (await UpdateAsync("bfl-flux-1-dev")).Change.ShouldBe("Unchanged");
    }

    [Fact]
    public async Task A_document_that_did_not_change_is_not_sent_again()
    {
        Serve(FluxUrl, Served("bfl-flux-1-dev", steps: 50), eTag: "\"a\"");
        await UpdateAsync(Flux);
        _served[FluxUrl] = request => new HttpResponseMessage(request.Headers.GetValueOrDefault("If-None-Match") == "\"a\"" ? HttpStatusCode.NotModified : HttpStatusCode.InternalServerError);

        (await UpdateAsync(Flux)).Change.ShouldBe("Unchanged");
        Catalog().Find(Flux)!.Parameters["steps"].Max.ShouldBe(50);
    }

    [Fact]
    public async Task Dates_and_a_successor_come_from_the_content_service()
    {
        Serve(FluxUrl, Served("bfl-flux-1-dev"));
        Serve("/models/bfl-flux-1-dev", """
            {"model":"bfl-flux-1-dev","air":"runware:101@1","name":"FLUX.1 [dev]","status":"deprecated","replacedBy":"bfl-flux-3-image",
             "deactivatesAt":"2027-01-31T00:00:00","capabilities":["io:text-to-image"],"pricingRates":[{"amount":0.004,"unit":"output"}]}
            """);

        var change = await UpdateAsync(Flux);

        (change.Change, change.ReplacedBy, change.DeactivatesAt).ShouldBe(("Replaced", "bfl-flux-3-image", "2027-01-31"));
        var model = Catalog().Find(Flux)!;
        (model.Status, model.ReplacedBy).ShouldBe(("deprecated", "bfl-flux-3-image"));
        ModelLifecycle.Warning(model).ShouldBe("Runware deactivates model 'runware:101@1' on 2027-01-31. Use 'bfl-flux-3-image' instead.");
        (await UpdateAsync(Flux)).Change.ShouldBe("Unchanged");
    }

    [Fact]
    public async Task A_model_that_is_gone_keeps_its_rules_and_reports_it()
    {
        var change = await UpdateAsync(Flux);

        change.Change.ShouldBe("Removed");
        var model = Catalog().Find(Flux)!;
        (model.Status, model.Gone, model.Knowledge).ShouldBe(("removed", "2026-11-26", ModelKnowledge.Full));
        model.Parameters["steps"].Max.ShouldBe(100);
        ModelLifecycle.Warning(model)!.ShouldContain("'runware:101@1' was no longer");

        Serve(FluxUrl, Served("bfl-flux-1-dev"));
        (await UpdateAsync(Flux)).Change.ShouldBe("Changed");
        Catalog().Find(Flux)!.Status.ShouldBe("live");
    }

    [Fact]
    public async Task A_model_that_only_the_key_table_knew_gets_its_document()
    {
        Serve("/docs/models/deepseek-v4-flash/schema.json", """
            {"components":{"schemas":{"RequestBody":{"type":"array","items":{"type":"object","properties":{
              "taskType":{"const":"textInference"},"taskUUID":{"type":"string"},"model":{"const":"deepseek:v4@flash"},"messages":{"type":"array"}},
              "required":["messages"],"additionalProperties":false}}}}}
            """);

        (await UpdateAsync("deepseek:v4@flash")).Change.ShouldBe("Changed");
        var model = Catalog().Find("deepseek:v4@flash")!;
        model.Knowledge.ShouldBe(ModelKnowledge.Full);
        model.Check(JsonNode.Parse("""{"taskType":"textInference","messages":[],"ttl":60}""")!.AsObject()).ShouldHaveSingleItem().Path.ShouldBe("ttl");
    }

    [Fact]
    public async Task An_unknown_AIR_is_looked_up_and_then_known()
    {
        Serve("/resolve/newmaker%3A7%401", """
            {"requestSchema":{"type":"object","properties":{"taskType":{"const":"imageInference"},"model":{"const":"newmaker:7@1"},"style":{"enum":["oil"]}},"additionalProperties":false},
             "responseSchema":{},"documentation":"https://example.test/"}
            """);

        var change = await UpdateAsync("newmaker:7@1");

        (change.Model, change.Change).ShouldBe(("newmaker:7@1", "Added"));
        Catalog().Find("NEWMAKER:7@1")!.TaskType.ShouldBe("imageInference");
        (await Should.ThrowAsync<RunwareException>(() => UpdateAsync("newmaker:8@1"))).Code.ShouldBe("ModelNotFound");
    }

    [Theory]
    [InlineData("<html>", HttpStatusCode.OK, "UnreadableReply")]
    [InlineData("{}", HttpStatusCode.OK, "UnreadableReply")]
    [InlineData("""{"components":{"schemas":{"RequestBody":{"$ref":"#/x"}}}}""", HttpStatusCode.OK, "UnreadableReply")]
    [InlineData("[]", HttpStatusCode.OK, "UnreadableReply")]
    [InlineData("{}", HttpStatusCode.InternalServerError, "HttpStatus")]
    public async Task What_cannot_be_read_changes_nothing(string body, HttpStatusCode status, string code)
    {
        Serve(FluxUrl, Served("bfl-flux-1-dev", steps: 50));
        await UpdateAsync(Flux);
        _served[FluxUrl] = _ => ScriptedHandler.Answer(body, status);

        var e = await Should.ThrowAsync<RunwareException>(() => UpdateAsync(Flux));

        e.Code.ShouldBe(code);
        e.Message.ShouldContain("stays in use");
        Catalog().Find(Flux)!.Parameters["steps"].Max.ShouldBe(50);
    }

    [Fact]
    public async Task A_document_with_new_keywords_is_used_as_far_as_it_is_understood()
    {
        Serve("/resolve/newmaker%3A7%401", """
            {"requestSchema":{"properties":{"taskType":{"const":"imageInference"},"steps":{"type":"integer","maximum":4}},"allOf":[{"unevaluatedProperties":false}],"additionalProperties":false}}
            """);

        (await UpdateAsync("newmaker:7@1")).UncheckedRule.ShouldBe(1);
        var model = Catalog().Find("newmaker:7@1")!;
        RunwareModel.From(model).UncheckedRule.ShouldBe(1);
        model.Check(JsonNode.Parse("""{"taskType":"imageInference","steps":5}""")!.AsObject()).ShouldHaveSingleItem().Path.ShouldBe("steps");
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"schemaVersion":1,"air":"runware:101@1","docu""")]
    [InlineData("""{"schemaVersion":99,"document":{"properties":{}}}""")]
    [InlineData("[]")]
    public void A_file_that_cannot_be_read_is_as_if_it_were_not_there(string content)
    {
        File.WriteAllText(_folder.Of("runware~3a101~401.json"), content);

        Catalog().Find(Flux)!.Parameters["steps"].Max.ShouldBe(100);
        Catalog().Models.Count.ShouldBe(379);
    }

    [Fact]
    public async Task All_models_come_from_one_list()
    {
        Serve("/releases/latest/schema-map.json", $$$"""
            {"inference":[
              {"slug":"bfl-flux-1-dev","air":"runware:101@1","requestSchema":{{{Task("bfl-flux-1-dev")}}} },
              {"slug":"clarity","air":"runware:500@1","requestSchema":{{{Task("clarity").Replace("\"maximum\":4", "\"maximum\":8", StringComparison.Ordinal)}}} },
              {"slug":"newmaker-7","air":"newmaker:7@1","requestSchema":{"properties":{"taskType":{"const":"imageInference"} } } }]}
            """);
        Serve("/models", """[{"model":"tripo-v3-1","air":"tripo:v3.1@0","status":"deprecated","replacedBy":"tripo-v4-0"}]""");

        var changes = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var change in Updater().UpdateAllAsync(CancellationToken.None))
        {
            changes.Add(change.Model, change.Change);
        }

        (changes[Flux], changes["runware:500@1"], changes["newmaker:7@1"], changes["tripo:v3.1@0"], changes["klingai:kling-video@2.6-pro"])
            .ShouldBe(("Unchanged", "Changed", "Added", "Replaced", "Removed"));
        changes.ShouldNotContainKey("google:1@1", "it was gone before");
        Catalog().Find("runware:500@1")!.Document!.Modes.ShouldNotBeEmpty("the list of all schemas has none, but the shipped document does");
        Catalog().Find("openai:1@1")!.Price(1024, 1024, "high").ShouldBe(0.167m);
    }

    [Fact]
    public async Task An_empty_list_removes_nothing()
    {
        Serve("/releases/latest/schema-map.json", """{"inference":[]}""");

        (await Should.ThrowAsync<RunwareException>(async () =>
        {
            await foreach (var change in Updater().UpdateAllAsync(CancellationToken.None))
            {
                change.ShouldBeNull();
            }
        })).Code.ShouldBe("UnreadableReply");
        _folder.Files.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("OpenAI:1@1", "openai~3a1~401.json")]
    [InlineData("civitai:4384@128713", "civitai~3a4384~40128713.json")]
    [InlineData("a:b/../c@1", "a~3ab~2f..~2fc~401.json")]
    [InlineData("İ:1@1", "~c4~b0~3a1~401.json")]
    public void A_file_name_is_safe_everywhere(string air, string name) => ModelCache.FileName(air).ShouldBe(name);

    private Task<RunwareModelChange> UpdateAsync(string name) => Updater().UpdateAsync(name, CancellationToken.None);

    private ModelUpdater Updater() => new(
        new HttpClient(_handler), ModelSources.At(new Uri("http://localhost/")), Catalog(), new ModelCache(_folder.Root), FixedCatalog.At(FixedCatalog.Day));

    private ModelCatalog Catalog() => ModelCatalog.Load(_folder.Root, FixedCatalog.At(FixedCatalog.Day));

    private void Serve(string path, string body, string? eTag = null) => _served[path] = _ =>
    {
        var answer = ScriptedHandler.Answer(body);
        answer.Headers.ETag = eTag is null ? null : new EntityTagHeaderValue(eTag);
        return answer;
    };

    /// <summary>A document as it's served: in an array, with explanations.</summary>
    private static string Served(string slug, int steps = 100)
    {
        var task = JsonNode.Parse(Task(slug))!.AsObject();
        task["properties"]!["steps"]!["maximum"] = steps;
        task["description"] = "What the task is.";
        task["properties"]!["steps"]!["title"] = "Steps";
        var info = ModelCatalog.Default.Find(slug)!.Document!.Info;
        var served = JsonObject.Create(info)!;
        served.Remove("x-runwareps");
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = served,
            ["components"] = new JsonObject { ["schemas"] = new JsonObject { ["RequestBody"] = new JsonObject { ["type"] = "array", ["items"] = task } } },
        }.ToJsonString();
    }

    private static string Task(string slug) => ModelCatalog.Default.Find(slug)!.Document!.Source.Member("requestSchema").GetRawText();
}
