using System.Text;
using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

public sealed class RedactionTests
{
    [Fact]
    public void Whatever_is_no_secret_and_no_flood_stays_as_it_is()
    {
        const string Body = """{"data":[{"cost":0.25,"seed":null,"ok":true,"imageURL":"https://im.example.test/1.jpg","list":[1,"a",{"b":[]}]}]}""";

        JsonNode.DeepEquals(JsonNode.Parse(Clean(Body)), JsonNode.Parse(Body)).ShouldBeTrue(Clean(Body));
    }

    [Theory]
    [InlineData("webhookURL")]
    [InlineData("WebhookUrl")]
    [InlineData("uploadEndpoint")]
    public void The_query_of_a_signed_url_is_left_out(string name)
    {
        var clean = Clean($$"""[{"{{name}}":"https://example.test/a/b?token=hush"}]""");

        clean.ShouldContain("https://example.test/a/b");
        clean.ShouldNotContain("hush");
    }

    [Theory]
    [InlineData("{\"imageURL\":\"https://example.test/a.jpg?sig=hush\",\"after\":1}")]
    [InlineData("{\"errors\":[{\"message\":\"No answer from HTTPS://example.test/in?sig=hush, it says.\",\"after\":1}]}")]
    [InlineData("<a href='https://example.test/?sig=hush'>after</a>")]
    public void So_is_that_of_any_other_url_because_a_server_may_repeat_what_another_task_signed(string body)
    {
        var clean = Clean(body);

        clean.ShouldContain("?***");
        clean.ShouldContain("after");
        clean.ShouldNotContain("hush");
    }

    [Theory]
    [InlineData("https://")]
    [InlineData("https://a?")]
    [InlineData("?")]
    [InlineData("a")]
    public void A_text_that_was_made_to_be_slow_is_read_in_time(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 1_000_000));

        Should.NotThrow(() => Redaction.CutQueries(text)); // a second is its limit
    }

    [Fact]
    public void The_key_of_an_authentication_task_is_left_out() =>
        Clean("""[{"taskType":"authentication","apiKey":"hush"}]""").ShouldNotContain("hush");

    [Fact]
    public void Images_are_left_out_wherever_they_stand()
    {
        var text = Convert.ToBase64String(Pictures.Jpeg());
        var clean = Clean($$"""{"a":"{{text}}","b":["{{text}}",{"c":"data:image/png;base64,{{text}}"}]}""");

        clean.ShouldNotContain(text[..50]);
        clean.Split($"<{text.Length} characters>").Length.ShouldBe(3);
    }

    [Fact]
    public void A_body_that_is_no_json_is_cut_short_on_one_line()
    {
        var clean = Clean("<html>\n" + new string('x', 10_000));

        clean.Length.ShouldBeLessThan(250);
        clean.ShouldNotContain("\n");
        clean.ShouldEndWith("…");
    }

    [Fact]
    public void A_body_that_is_no_json_steers_no_terminal() => Clean("<html>\u001b[2J</html>").ShouldBe("<html>[2J</html>");

    [Fact]
    public void A_url_is_shown_without_its_query() => Redaction.Address(new Uri("https://example.test/a?b=c#d")).ShouldBe("https://example.test/a");

    private static string Clean(string body) => Redaction.Body(Encoding.UTF8.GetBytes(body), Talk.NoSecrets);
}
