using System.Net;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

/// <summary>Model documents and the catalog, under the paths of Runware's hosts.</summary>
public sealed class ModelDocumentTests
{
    [Fact]
    public async Task DocumentIsServedInTheFormOfTheApi()
    {
        using var client = new SandboxClient();

        var document = await GetAsync(client, "/docs/models/openai-gpt-image-1/schema.json");

        ((string)document["info"]!["x-air-id"]!).ShouldBe("openai:1@1");
        document["info"]!.AsObject().ContainsKey("x-runwareps").ShouldBeFalse();
        var task = document["components"]!["schemas"]!["RequestBody"]!;
        ((string)task["type"]!).ShouldBe("array");
        ((string)task["items"]!["properties"]!["model"]!["const"]!).ShouldBe("openai:1@1");
        client.Sandbox.Request[0].TaskType.ShouldBe(["document"]);
    }

    [Fact]
    public async Task IndexRegistryBundleAndCatalogNameTheSameModels()
    {
        using var client = new SandboxClient();

        var index = (await GetAsync(client, "/docs/models/index.json")).AsArray().Select(e => (string)e!["air"]!).ToList();
        var bundle = (await GetAsync(client, "/releases/latest/schema-map.json"))["inference"]!.AsArray().Select(e => (string)e!["air"]!).ToList();
        var catalog = (await GetAsync(client, "/models")).AsArray().Select(e => (string)e!["air"]!).ToList();
        var registry = (await GetAsync(client, "/registry.json"))["models"]!.AsObject();

        index.Count.ShouldBeGreaterThan(300);
        bundle.ShouldBe(index);
        catalog.ShouldBe(index);
        registry.Select(p => p.Key).ShouldBe(index, ignoreOrder: true);
        ((string)registry["klingai:kling-video@2.6-pro"]!["taskType"]!).ShouldBe("videoInference");
    }

    [Theory]
    [InlineData("deepseek:v4@flash", "messages", true)]
    [InlineData("reve:2@1", "taskType", false)]
    public async Task ModelWithoutAShippedDocumentHasTheKeysOfTheTable(string air, string key, bool isClosed)
    {
        using var client = new SandboxClient();

        var schema = (await GetAsync(client, "/resolve/" + Uri.EscapeDataString(air)))["requestSchema"]!.AsObject();

        schema["properties"]!.AsObject().ContainsKey(key).ShouldBeTrue();
        (schema["additionalProperties"]?.GetValue<bool>() == false).ShouldBe(isClosed);
    }

    [Fact]
    public async Task SchemaIsResolvedByAir()
    {
        using var client = new SandboxClient();

        var resolved = await GetAsync(client, "/resolve/" + Uri.EscapeDataString("klingai:kling-video@2.6-pro"));

        ((string)resolved["requestSchema"]!["properties"]!["taskType"]!["const"]!).ShouldBe("videoInference");
    }

    [Fact]
    public async Task RegistryNamesTheTaskTypesOfArchitecturesAndModalities()
    {
        using var client = new SandboxClient();

        var registry = await GetAsync(client, "/registry.json");

        ((string)registry["architectureTaskTypes"]!["sdxl"]!).ShouldBe("imageInference");
        registry["modalityTaskTypes"]!.ToJsonString().ShouldBe(
            """{"image":"imageInference","video":"videoInference","audio":"audioInference","text":"textInference","3d":"3dInference"}""");
    }

    [Fact]
    public async Task ResolvedSchemasCanBeCompiledTogether()
    {
        using var client = new SandboxClient();
        var index = (await GetAsync(client, "/docs/models/index.json")).AsArray();

        foreach (var air in index.Select(e => (string)e!["air"]!))
        {
            var resolved = await GetAsync(client, "/resolve/" + Uri.EscapeDataString(air));
            resolved["requestSchema"]!.ToJsonString().ShouldNotContain("\"$id\"");
        }

        var document = await GetAsync(client, "/docs/models/klingai-video-2-6-pro/schema.json");
        document.ToJsonString().ShouldContain("\"$id\"");
    }

    [Theory]
    [InlineData("/docs/models/nothing/schema.json")]
    [InlineData("/resolve/nobody%3A1%401")]
    [InlineData("/models/nothing")]
    [InlineData("/models/openai-gpt-image-1/nothing")]
    [InlineData("/creators/nobody")]
    [InlineData("/collections/nothing")]
    public async Task UnknownModelIsNotFound(string path)
    {
        using var client = new SandboxClient();

        using var response = await client.Http.GetAsync(new Uri(client.Sandbox.Endpoint, path));

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task CatalogHasPricesPagesAndFilters()
    {
        using var client = new SandboxClient();

        var entry = await GetAsync(client, "/models/openai%3A1%401");
        entry["pricingMeasured"]![0]!["price"]!.GetValue<decimal>().ShouldBe(0.167m);

        var page = await GetAsync(client, "/models?paginate=true&limit=2&offset=1&creator=openai");
        page["items"]!.AsArray().Count.ShouldBe(2);
        page["total"]!.GetValue<int>().ShouldBeGreaterThan(3);
        (await GetAsync(client, "/models?q=kling-video%402.6-pro")).AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task CatalogIsFilteredByCategoryAndSorted()
    {
        using var client = new SandboxClient();

        var videos = (await GetAsync(client, "/models?category=video&sort=name&order=desc")).AsArray();

        var names = videos.Select(e => (string)e!["name"]!).ToList();
        names.ShouldBe(names.OrderDescending(StringComparer.Ordinal));
        names.Where(name => name.Contains(' ', StringComparison.Ordinal)).ShouldBe(
            ["Seedance 2.5", "LTX-2.5 Fast", "Kling VIDEO 2.6 Pro", "Grok Imagine Video 1.5", "Bria Video Background Removal"]);
        var newest = (await GetAsync(client, "/models?sort=newest")).AsArray().Select(e => (string?)e!["releasedAt"]).ToList();
        newest.ShouldBe(newest.OrderDescending(StringComparer.Ordinal));
        (await GetAsync(client, "/models?category=3d")).AsArray().Count.ShouldBe(7);
    }

    [Fact]
    public async Task CatalogNamesCapabilitiesCreatorsAndCollections()
    {
        using var client = new SandboxClient();

        var capabilities = (await GetAsync(client, "/capabilities")).AsArray().Select(c => (string)c!["id"]!).ToList();
        capabilities.ShouldContain("io:text-to-video", StringComparer.Ordinal);
        capabilities.ShouldContain("op:upscale", StringComparer.Ordinal);
        capabilities.ShouldContain("form:checkpoint", StringComparer.Ordinal);
        capabilities.ShouldContain("feat:transparency", StringComparer.Ordinal);

        var creators = (await GetAsync(client, "/creators")).AsArray();
        var openAi = await GetAsync(client, "/creators/openai");
        creators.Select(c => (string)c!["id"]!).ShouldContain("klingai", StringComparer.Ordinal);
        openAi["models"]!.AsArray().ShouldAllBe(m => (string)m!["creator"]! == "openai");
        (await GetAsync(client, "/collections")).AsArray().ShouldBeEmpty();
        (await GetAsync(client, "/models/openai-gpt-image-1/pricing"))["category"]!.ToJsonString().ShouldBe("""["image"]""");
    }

    [Fact]
    public async Task UnchangedDocumentIsNotSentAgain()
    {
        using var client = new SandboxClient();
        var url = new Uri(client.Sandbox.Endpoint, "/docs/models/clarity/schema.json");
        using var first = await client.Http.GetAsync(url);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.IfNoneMatch.Add(first.Headers.ETag!);

        using var second = await client.Http.SendAsync(request);

        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await second.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task FolderStandsForTheCatalogAndIsReadEachTime()
    {
        using var folder = new TempFolder();
        using var client = new SandboxClient(new SandboxOptions { DocumentPath = folder.Of("") });
        (await GetAsync(client, "/models")).AsArray().ShouldBeEmpty();

        using (var shipped = new SandboxClient())
        {
            var document = await GetAsync(shipped, "/docs/models/clarity/schema.json");
            await File.WriteAllTextAsync(folder.Of("clarity.json"), document.ToJsonString());
            await File.WriteAllTextAsync(folder.Of("clarity.content.json"), """{"replacedBy":"clarity-2","deactivatesAt":"2026-12-31T00:00:00Z"}""");
        }

        var entry = (await GetAsync(client, "/models")).AsArray().ShouldHaveSingleItem()!;
        ((string)entry["replacedBy"]!).ShouldBe("clarity-2");
        (await GetAsync(client, "/registry.json"))["models"]!.AsObject().Select(p => p.Key).ShouldBe(["runware:500@1"]);
    }

    [Fact]
    public async Task DocumentCanFailOnItsOwn()
    {
        using var client = new SandboxClient(
            new SandboxFault { Kind = SandboxFaultKind.Status, StatusCode = 500, TaskType = SandboxFault.Document, Match = "clarity" },
            new SandboxFault { Kind = SandboxFaultKind.DropAfterAcceptance });

        using var failed = await client.Http.GetAsync(new Uri(client.Sandbox.Endpoint, "/docs/models/clarity/schema.json"));
        failed.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await GetAsync(client, "/docs/models/index.json")).AsArray().Count.ShouldBeGreaterThan(10);
    }

    private static async Task<JsonNode> GetAsync(SandboxClient client, string path) =>
        JsonNode.Parse(await client.Http.GetStringAsync(new Uri(client.Sandbox.Endpoint, path)))!;
}
