using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

/// <summary>The four examples of the page of GPT Image 1: what we would send is what the page sends, and what the page answers we can read.</summary>
public sealed class PageExamplesTests
{
    private const int Count = 4;

    [SkippableFact]
    public void Each_request_of_the_page_is_what_the_same_wishes_send()
    {
        foreach (var (request, _) in Pairs())
        {
            var wishes = new ImageRequest
            {
                TaskUuid = request["taskUUID"]!.GetValue<Guid>(),
                Prompt = request.Text("positivePrompt")!,
                Model = request.Text("model"),
                Quality = request.Text("providerSettings.openai.quality"),
                Background = request.Text("providerSettings.openai.background"),
                ReferenceImages = new ReferenceReader(_ => []).Read([.. References(request)]),
                IncludeCost = false,
            }.WithSize(size: null, request.Integer("width"), request.Integer("height"));

            var wire = wishes.ToTask().Body;
            JsonNode.DeepEquals(OverTheWire(wire), request).ShouldBeTrue($"sent {wire.ToJsonString()}\nwhere the page has {request.ToJsonString()}");
        }
    }

    [SkippableFact]
    public void Each_request_of_the_page_asks_for_a_landscape_by_name_too()
    {
        foreach (var (request, _) in Pairs())
        {
            var named = new ImageRequest { TaskUuid = Talk.A, Prompt = "x" }.WithSize("Landscape", width: null, height: null);

            (named.Width, named.Height).ShouldBe((request.Integer("width"), request.Integer("height")));
        }
    }

    [SkippableFact]
    public void The_references_of_the_page_keep_their_number_and_order()
    {
        Pairs().Select(p => References(p.Request).Length).ShouldBe([0, 3, 0, 3]);
    }

    [SkippableFact]
    public async Task Each_response_of_the_page_is_an_image_with_a_cost_and_no_seed()
    {
        foreach (var (request, response) in Pairs())
        {
            var id = request["taskUUID"]!.GetValue<Guid>();
            using var handler = new ScriptedHandler(new JsonObject { ["data"] = new JsonArray(response.DeepClone()) }.ToJsonString());
            var result = (await Talk.Client(handler).SendAsync([request.DeepClone().AsObject()], CancellationToken.None)).Results(id);

            result.Failures.ShouldBeEmpty();
            var image = result.Images.ShouldHaveSingleItem();
            image.TaskUuid.ShouldBe(id);
            image.ImageUuid.ShouldBe(response["imageUUID"]!.GetValue<Guid>());
            image.ImageUrl.ShouldNotBeNull().OriginalString.ShouldBe(response.Text("imageURL"));
            image.Cost.ShouldBe(0.25m);
            image.Seed.ShouldBeNull();
            image.NsfwContent.ShouldBeNull();
            image.ImageBase64Data.ShouldBeNull();
            image.AdditionalData.Count.ShouldBe(0);
        }
    }

    [SkippableFact]
    public void What_each_request_would_cost_is_what_its_response_states_it_cost()
    {
        foreach (var (request, response) in Pairs())
        {
            var task = (new ImageRequest { TaskUuid = Talk.A, Prompt = "x", Quality = request.Text("providerSettings.openai.quality") }
                .WithSize(size: null, request.Integer("width"), request.Integer("height"))).ToTask();

            task.Forecast.Exact.ShouldBe(response["cost"]!.GetValue<decimal>());
        }
    }

    private static List<(JsonObject Request, JsonObject Response)> Pairs()
    {
        Skip.If(Repository.Page is null, Repository.PageMissing);
        var blocks = Repository.JsonBlocks(Repository.Section("Examples"));
        blocks.Count.ShouldBe(2 * Count, "the page shows four requests, each with its response");
        return [.. blocks.Chunk(2).Select(pair => (pair[0], pair[1]))];
    }

    private static string[] References(JsonObject request) => [.. ((JsonArray?)request.At("inputs.referenceImages") ?? []).Select(n => n!.GetValue<string>())];

    private static JsonNode? OverTheWire(JsonObject wire) => JsonNode.Parse(wire.ToJsonString());
}
