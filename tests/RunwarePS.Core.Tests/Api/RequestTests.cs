using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

public sealed class RequestTests
{
    private static readonly string s_nothing = Talk.Envelope();

    [Fact]
    public async Task The_body_is_an_array_even_for_one_task()
    {
        using var handler = new ScriptedHandler(s_nothing);
        await Talk.Client(handler).AskAsync(Talk.A);

        var body = JsonNode.Parse(handler.Request.Body).ShouldBeOfType<JsonArray>();
        body.ShouldHaveSingleItem()!["taskUUID"]!.GetValue<string>().ShouldBe(Talk.A.ToString("D"));
    }

    [Fact]
    public async Task Several_tasks_travel_in_one_request()
    {
        using var handler = new ScriptedHandler(s_nothing);
        await Talk.Client(handler).AskAsync(Talk.A, Talk.B, Talk.C);

        JsonNode.Parse(handler.Request.Body)!.AsArray().Select(t => t!["taskUUID"]!.GetValue<string>())
            .ShouldBe([Talk.A.ToString("D"), Talk.B.ToString("D"), Talk.C.ToString("D")]);
    }

    [Fact]
    public async Task Numbers_go_out_as_numbers_and_flags_as_flags_under_any_culture()
    {
        using var german = new GermanCulture();
        using var handler = new ScriptedHandler(s_nothing);
        var task = new ImageRequest { TaskUuid = Talk.A, Prompt = "seven and a half lemons", Width = 1536, Height = 1024, Count = 2, OutputQuality = 90 }.ToWire();
        await Talk.Client(handler).SendAsync([task], CancellationToken.None);

        var sent = JsonNode.Parse(handler.Request.Body)![0]!;
        sent["width"]!.GetValueKind().ShouldBe(JsonValueKind.Number);
        sent["width"]!.ToJsonString().ShouldBe("1536");
        sent["numberResults"]!.ToJsonString().ShouldBe("2");
        sent["outputQuality"]!.ToJsonString().ShouldBe("90");
        sent["includeCost"]!.ToJsonString().ShouldBe("true");
    }

    [Fact]
    public async Task What_was_not_set_is_absent_and_never_null()
    {
        using var handler = new ScriptedHandler(s_nothing);
        await Talk.Client(handler).AskAsync(Talk.A);

        JsonNode.Parse(handler.Request.Body)![0]!.AsObject().Select(p => p.Key)
            .ShouldBe(["taskType", "taskUUID", "model", "positivePrompt", "width", "height", "includeCost"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_prompt_of_any_script_arrives_as_it_was_written()
    {
        const string Prompt = "Ein Krähenfüßchen \"zitiert\" 東京 \U0001F98A \\ / </script>\n\ttab";
        using var handler = new ScriptedHandler(s_nothing);
        await Talk.Client(handler).SendAsync([Talk.Task(Talk.A, Prompt)], CancellationToken.None);

        JsonNode.Parse(handler.Request.Body)![0]!["positivePrompt"]!.GetValue<string>().ShouldBe(Prompt);
    }

    [Fact]
    public async Task The_longest_prompt_arrives_whole()
    {
        var prompt = new string('ß', 32000);
        using var handler = new ScriptedHandler(s_nothing);
        await Talk.Client(handler).SendAsync([Talk.Task(Talk.A, prompt)], CancellationToken.None);

        JsonNode.Parse(handler.Request.Body)![0]!["positivePrompt"]!.GetValue<string>().ShouldBe(prompt);
    }

    [Fact]
    public async Task It_is_a_post_of_json_to_the_endpoint()
    {
        using var handler = new ScriptedHandler(s_nothing);
        await Talk.Client(handler).AskAsync(Talk.A);

        handler.Request.Method.ShouldBe("POST");
        handler.Request.Address.ShouldBe(new Uri("https://api.example.test/v1"));
        handler.Request.Headers["Content-Type"].ShouldBe("application/json");
        handler.Request.Headers["Accept"].ShouldBe("application/json");
        handler.Request.Headers["User-Agent"].ShouldStartWith("RunwarePS/");
    }

    [Fact]
    public async Task With_a_key_it_stands_in_the_authorization_header_and_nowhere_else()
    {
        using var handler = new ScriptedHandler(s_nothing);
        await Talk.Client(handler).AskAsync(Talk.A);

        handler.Request.Headers["Authorization"].ShouldBe("Bearer " + Talk.Key);
        handler.Request.Body.ShouldNotContain(Talk.Key);
        handler.Request.Address.ToString().ShouldNotContain(Talk.Key);
        handler.Request.Headers.Count(h => h.Value.Contains(Talk.Key, StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_key_there_is_no_authorization_header()
    {
        using var handler = new ScriptedHandler(s_nothing);
        await Talk.Client(handler, key: null).AskAsync(Talk.A);

        handler.Request.Headers.ContainsKey("Authorization").ShouldBeFalse();
    }

    [Fact]
    public async Task A_question_for_tasks_names_each_of_them_once()
    {
        using var handler = new ScriptedHandler(s_nothing);
        await Talk.Client(handler).SendAsync([RunwareClient.GetResponse(Talk.A), RunwareClient.GetResponse(Talk.B)], CancellationToken.None);

        JsonNode.DeepEquals(JsonNode.Parse(handler.Request.Body), JsonNode.Parse(
            $$"""[{"taskType":"getResponse","taskUUID":"{{Talk.A}}"},{"taskType":"getResponse","taskUUID":"{{Talk.B}}"}]""")).ShouldBeTrue(handler.Request.Body);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(302)]
    public async Task Nothing_is_ever_sent_twice_by_the_client_itself(int status)
    {
        using var handler = new ScriptedHandler("", (System.Net.HttpStatusCode)status);
        await Should.ThrowAsync<RunwareException>(() => Talk.Client(handler).AskAsync(Talk.A));

        handler.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_lost_connection_does_not_make_the_client_send_again()
    {
        using var handler = new ScriptedHandler(_ => throw new HttpRequestException("The connection was reset."));
        await Should.ThrowAsync<RunwareException>(() => Talk.Client(handler).AskAsync(Talk.A));

        handler.Requests.Count.ShouldBe(1);
    }
}
