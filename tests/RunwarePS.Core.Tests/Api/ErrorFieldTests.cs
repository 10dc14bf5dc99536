using System.Collections;
using System.Net;

namespace RunwarePS.Core.Tests;

/// <summary>What may stand in an error, and where it goes.</summary>
public sealed class ErrorFieldTests
{
    [Fact]
    public async Task The_documented_fields_have_properties_of_their_own()
    {
        var error = await ErrorAsync($$"""
            {"code":"invalidHeight","message":"Height is off.","parameter":"height","taskType":"imageInference","taskUUID":"{{Talk.A}}","documentation":"https://docs.example.test/page#request-height"}
            """);

        error.Code.ShouldBe("invalidHeight");
        error.ErrorId.ShouldBe("Runware.invalidHeight");
        error.Category.ShouldBe(RunwareErrorCategory.Validation);
        error.Message.ShouldBe("Height is off.");
        error.Parameter.ShouldBe("height");
        error.TaskUuid.ShouldBe(Talk.A);
        error.Documentation.ShouldBe(new Uri("https://docs.example.test/page#request-height"));
        error.StatusCode.ShouldBe(400);
        error.IsFromServer.ShouldBeTrue();
        error.AdditionalData.Count.ShouldBe(0);
    }

    [Fact]
    public async Task What_a_server_sends_does_not_control_the_terminal()
    {
        var error = await ErrorAsync("""{"code":"invalid\u001b[2JSize","message":"Height\u001b]0;title\u0007 is\r\noff.\u202e"}""");

        error.Code.ShouldBe("invalid[2JSize");
        error.Message.ShouldBe("Height]0;title is \noff.");
    }

    [Fact]
    public async Task Nothing_that_a_server_sends_beside_it_does_either()
    {
        var error = await ErrorAsync("""{"code":"odd\u001b[2J","message":"Red \u001b[31malert\u0007","parameter":"a\u009bb","hint":"\u001bc"}""");

        $"{error.Code}{error.Message}{error.Parameter}{error.AdditionalData["hint"]}".ShouldNotContain(c => char.IsControl(c));
        error.Message.ShouldContain("alert");
    }

    [Fact]
    public async Task Parameters_of_a_rule_between_several_are_all_named()
    {
        var error = await ErrorAsync("""{"code":"invalidSize","message":"m","parameter":["width","height"]}""");

        error.Parameter.ShouldBe("width, height");
    }

    [Theory]
    [InlineData("""["width", null]""", "width")]
    [InlineData("""{"a":1}""", null)]
    [InlineData("[]", null)]
    [InlineData("null", null)]
    [InlineData("7", "7")]
    [InlineData("""[["x"],"width",{"y":1}]""", "width")]
    public async Task An_odd_parameter_does_not_cost_the_error(string parameter, string? expected)
    {
        var error = await ErrorAsync($$"""{"code":"invalidSize","message":"m","parameter":{{parameter}}}""");

        error.Code.ShouldBe("invalidSize");
        error.Parameter.ShouldBe(expected);
    }

    [Fact]
    public async Task Constraints_and_the_providers_words_are_kept_as_plain_values()
    {
        var error = await ErrorAsync($$$"""
            {"code":"invalidWidth","message":"m","type":"integer","min":256,"max":16383,"multiplier":1.5,"allowedValues":[1024,1536,"auto"],
             "status":"error","responseContent":"{\"detail\":\"raw\"}","parameter1":"a","parameter2":"b",
             "context":{"taskType":"imageInference","taskUUID":"{{{Talk.A}}}","deliveryMethod":"sync"},"flag":true,"nothing":null}
            """);

        var more = error.AdditionalData;
        more["type"].ShouldBe("integer");
        more["min"].ShouldBe(256L);
        more["max"].ShouldBe(16383L);
        more["multiplier"].ShouldBe(1.5m);
        more["allowedValues"].ShouldBe(new object[] { 1024L, 1536L, "auto" });
        more["status"].ShouldBe("error");
        more["responseContent"].ShouldBe("""{"detail":"raw"}""");
        more["parameter1"].ShouldBe("a");
        more["parameter2"].ShouldBe("b");
        more["context"].ShouldBeOfType<Hashtable>()["deliveryMethod"].ShouldBe("sync");
        more["flag"].ShouldBe(true);
        more.ContainsKey("nothing").ShouldBeTrue();
        more["nothing"].ShouldBeNull();
    }

    [Fact]
    public async Task Additional_data_is_found_without_regard_to_case()
    {
        var error = await ErrorAsync("""{"code":"x","message":"m","allowedValues":["a"]}""");

        error.AdditionalData.ContainsKey("AllowedValues").ShouldBeTrue();
    }

    [Fact]
    public async Task Two_keys_that_differ_only_in_case_do_not_cost_the_error()
    {
        var error = await ErrorAsync("""{"code":"x","message":"m","Min":1,"min":2,"context":{"A":1,"a":2}}""");

        error.AdditionalData["min"].ShouldNotBeNull();
        error.AdditionalData["context"].ShouldBeOfType<Hashtable>().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_number_beyond_every_type_does_not_cost_the_error()
    {
        var error = await ErrorAsync("""{"code":"x","message":"m","max":1e400,"min":79228162514264337593543950336000}""");

        error.AdditionalData.ContainsKey("max").ShouldBeTrue();
        error.AdditionalData["min"].ShouldBeOfType<double>().ShouldBe(7.9228162514264338e31, 1e18);
    }

    [Theory]
    [InlineData("""{"message":"Only words."}""", "Only words.")]
    [InlineData("""{"code":"serverError"}""", null)]
    [InlineData("""{"code":42,"message":true}""", "true")]
    [InlineData("""{"code":null,"message":null}""", null)]
    [InlineData("{}", null)]
    public async Task An_error_with_little_in_it_is_an_error_with_a_message(string entry, string? message)
    {
        var error = await ErrorAsync(entry);

        error.Message.ShouldNotBeNullOrWhiteSpace();
        error.Code.ShouldNotBeNullOrWhiteSpace();
        if (message is not null)
        {
            error.Message.ShouldBe(message, StringCompareShould.IgnoreCase);
        }
    }

    [Fact]
    public async Task A_url_that_is_not_one_does_not_cost_the_error()
    {
        (await ErrorAsync("""{"code":"x","message":"m","documentation":"see the manual"}""")).Documentation.ShouldBeNull();
    }

    [Fact]
    public async Task A_conflict_names_the_id_and_how_to_get_its_result()
    {
        var error = await ErrorAsync(Talk.Error("conflictTaskUUID", Talk.A));

        error.Category.ShouldBe(RunwareErrorCategory.Validation);
        error.IsTransient.ShouldBeFalse();
        error.RecommendedAction.ShouldContain($"Get-RunwareTask {Talk.A}");
    }

    private static async Task<RunwareException> ErrorAsync(string entry) =>
        (await Talk.ReplyToAsync(Talk.Envelope(errors: entry), HttpStatusCode.BadRequest)).Errors.ShouldHaveSingleItem();
}
