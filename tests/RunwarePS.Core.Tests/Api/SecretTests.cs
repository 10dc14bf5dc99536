using System.Collections;
using System.Net;

namespace RunwarePS.Core.Tests;

/// <summary>The key stays out of everything a user, a log or an error record can show, whatever the server does with it.</summary>
public sealed class SecretTests
{
    [Fact]
    public async Task A_server_that_echoes_the_key_in_every_field_does_not_get_it_shown()
    {
        const string Key = Talk.Key;
        var reply = await Talk.ReplyToAsync(Talk.Envelope(errors: $$$"""
            {"code":"invalid{{{Key}}}","message":"The key {{{Key}}} is not known.","parameter":["apiKey","{{{Key}}}"],"documentation":"https://docs.example.test/{{{Key}}}?k={{{Key}}}",
             "responseContent":"Bearer {{{Key}}}","context":{"headers":["{{{Key}}}",{"authorization":"Bearer {{{Key}}}"}]}}
            """), HttpStatusCode.Unauthorized);

        ShowsNothing(reply.Errors.ShouldHaveSingleItem());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(302)]
    [InlineData(401)]
    [InlineData(502)]
    public async Task A_page_that_echoes_the_key_does_not_get_it_shown(int status)
    {
        ShowsNothing(await Talk.FailureOfAsync($"<html>Unknown key {Talk.Key}</html>", (HttpStatusCode)status, "text/html"));
    }

    [Fact]
    public async Task Not_even_the_part_of_a_key_that_is_left_where_a_quotation_is_cut()
    {
        // The key begins at every place around the end of what is quoted.
        for (var before = 150; before <= 420; before++)
        {
            foreach (var filler in "x ")
            {
                var page = new string(filler, before) + " " + Talk.Key + " and so on " + new string('y', 400);
                ShowsNothing(await Talk.FailureOfAsync(page, HttpStatusCode.BadGateway, "text/html"), $"{before} times '{filler}' before it");
            }
        }
    }

    [Fact]
    public async Task A_broken_connection_does_not_get_it_shown()
    {
        using var handler = new ScriptedHandler(_ => throw new HttpRequestException($"Refused for Bearer {Talk.Key}"));
        var failure = await Should.ThrowAsync<RunwareException>(() => Talk.Client(handler).AskAsync(Talk.A));

        failure.Message.ShouldNotContain(Talk.Key);
    }

    [Fact]
    public async Task A_result_that_echoes_the_key_does_not_get_it_shown()
    {
        using var handler = new ScriptedHandler(Talk.Envelope(Talk.Item(Talk.A, more: $$""","debug":{"sent":"Bearer {{Talk.Key}}"} """)));
        var result = (await Talk.Client(handler).AskAsync(Talk.A)).Results(Talk.A);

        Flatten(result.Images.ShouldHaveSingleItem().AdditionalData).ShouldNotContain(Talk.Key);
    }

    [Theory]
    [InlineData("""{"errors":[{"code":"invalidApiKey","message":"KEY is wrong","apiKey":"KEY"}]}""")]
    [InlineData("<html>KEY</html>")]
    [InlineData("""{"data":[{"note":"KEY","KEY":1}]}""")]
    public async Task The_trace_does_not_show_it(string body)
    {
        using var handler = new ScriptedHandler(body.Replace("KEY", Talk.Key, StringComparison.Ordinal), HttpStatusCode.Unauthorized);
        var trace = new RecordedTrace();
        try
        {
            await Talk.Client(handler, trace).AskAsync(Talk.A);
        }
        catch (RunwareException)
        {
            // What it says is another test's concern.
        }

        trace.Bodies.Count.ShouldBe(2);
        trace.Bodies.Concat(trace.Lines).ShouldAllBe(text => !text.Contains(Talk.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nor_the_part_that_is_left_where_a_traced_page_is_cut()
    {
        for (var before = 150; before <= 420; before++)
        {
            using var handler = new ScriptedHandler(new string('x', before) + Talk.Key + new string('y', 400), HttpStatusCode.BadGateway, "text/html");
            var trace = new RecordedTrace();
            await Should.ThrowAsync<RunwareException>(() => Talk.Client(handler, trace).AskAsync(Talk.A));

            trace.Bodies[^1].ShouldNotContain(Talk.Key[..8], customMessage: $"{before} characters before it");
        }
    }

    [Fact]
    public async Task Nor_the_queries_of_signed_urls_that_a_server_echoes()
    {
        const string Hook = "https://hook.example.test/in?token=hush-1&sig=a%2Bb";
        const string Upload = "https://bucket.example.test/a.jpg?X-Sig=hush-2";
        using var handler = new ScriptedHandler(Talk.Envelope(errors: $$"""
            {"code":"invalidWebhookURL","message":"{{Hook}} does not answer.","responseContent":"PUT {{Upload}}","context":{"webhookURL":"{{Uri.UnescapeDataString(Hook)}}"} }
            """), HttpStatusCode.BadRequest);
        var trace = new RecordedTrace();
        var task = Talk.Task(Talk.A);
        task["webhookURL"] = Hook;
        task["uploadEndpoint"] = Upload;
        var error = (await Talk.Client(handler, trace).SendAsync([task], CancellationToken.None)).Of(Talk.A).Errors.ShouldHaveSingleItem();

        foreach (var shown in trace.Bodies.Concat(trace.Lines).Append(error.ToString()).Append(Flatten(error.AdditionalData)))
        {
            shown.ShouldNotContain("hush");
        }

        error.Message.ShouldContain("https://hook.example.test/in");
    }

    [Fact]
    public void The_connection_and_the_key_print_without_it()
    {
        var key = ApiKey.From($"  {Talk.Key}\n")!;
        key.ToString().ShouldBe("***");
        key.ToHeader().ToString().ShouldBe("Bearer " + Talk.Key);

        var settings = ConnectionSettings.Create(new Uri("https://api.example.test/v1?session=abc"), key);
        settings.ToString().ShouldBe("https://api.example.test/v1");
        $"{settings with { MaxRetryCount = 1 }}".ShouldNotContain(Talk.Key);
    }

    private static void ShowsNothing(RunwareException e, string? because = null)
    {
        Hides("ToString()", e.ToString());
        Hides("Parameter", e.Parameter);
        Hides("Documentation", e.Documentation?.ToString());
        Hides("AdditionalData", Flatten(e.AdditionalData));
        Hides("ErrorId", e.ErrorId);
        Hides("RecommendedAction", e.RecommendedAction);

        // Eight characters are enough to tell that a key was cut and not taken out.
        void Hides(string where, string? text) => (text ?? "").ShouldNotContain(Talk.Key[..8], customMessage: $"{where} {because}");
    }

    private static string Flatten(object? value) => value switch
    {
        Hashtable table => string.Join(' ', table.Cast<DictionaryEntry>().Select(e => Flatten(e.Key) + " " + Flatten(e.Value))),
        object?[] list => string.Join(' ', list.Select(Flatten)),
        _ => value?.ToString() ?? "",
    };
}
