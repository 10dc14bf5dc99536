using System.Net;
using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

public sealed class BalanceTests
{
    [Theory]
    [InlineData("126.95", 126.95)]
    [InlineData("0", 0.0)]
    [InlineData("""{"amount":12.5,"freeBalance":3,"currency":"USD"}""", 12.5)]
    [InlineData("""{"freeBalance":3}""", null)]
    [InlineData("null", null)]
    [InlineData("true", null)]
    [InlineData("[1]", null)]
    public async Task The_balance_is_read_as_a_number_or_from_an_object(string balance, double? expected)
    {
        using var german = new GermanCulture();
        using var handler = new ScriptedHandler(request => ScriptedHandler.Answer(
            Talk.Envelope($$"""{"taskType":"accountManagement","taskUUID":"{{IdOf(request)}}","organizationName":"Fox Den","balance":{{balance}}}""")));

        (await Talk.Client(handler).GetBalanceAsync(CancellationToken.None)).ShouldBe((decimal?)expected);
    }

    [Fact]
    public async Task The_question_is_an_account_task_that_costs_nothing()
    {
        using var handler = new ScriptedHandler(Talk.Envelope());
        await Talk.Client(handler).GetBalanceAsync(CancellationToken.None);

        var task = JsonNode.Parse(handler.Request.Body)!.AsArray().ShouldHaveSingleItem()!;
        task["taskType"]!.GetValue<string>().ShouldBe("accountManagement");
        task["operation"]!.GetValue<string>().ShouldBe("getDetails");
        Guid.Parse(task["taskUUID"]!.GetValue<string>()).ShouldNotBe(Guid.Empty);
    }

    [Fact]
    public async Task A_response_without_a_balance_is_not_a_balance_of_zero()
    {
        using var handler = new ScriptedHandler("""{"data":[{"taskType":"accountManagement","organizationName":"Fox Den"}]}""");

        (await Talk.Client(handler).GetBalanceAsync(CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_refused_key_is_thrown()
    {
        using var handler = new ScriptedHandler(Talk.Envelope(errors: Talk.Error("invalidApiKey")), HttpStatusCode.Unauthorized);
        var failure = await Should.ThrowAsync<RunwareException>(() => Talk.Client(handler).GetBalanceAsync(CancellationToken.None));

        failure.ErrorId.ShouldBe("Runware.invalidApiKey");
        failure.Category.ShouldBe(RunwareErrorCategory.Authentication);
    }

    private static string IdOf(ReceivedRequest request) => JsonNode.Parse(request.Body)![0]!["taskUUID"]!.GetValue<string>();
}
