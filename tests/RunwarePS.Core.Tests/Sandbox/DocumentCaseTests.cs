using System.Text.Json.Nodes;
using RunwarePS.Sandbox;
using Shouldly;
using Xunit;

namespace RunwarePS.Core.Tests.Sandbox;

/// <summary>The requests that model documents allow and forbid: the sandbox has the verdict of the document, and names its parameter.</summary>
public sealed class DocumentCaseTests
{
    [Fact]
    public async Task WhatADocumentAllowsIsAccepted()
    {
        using var client = new SandboxClient();

        foreach (var (file, cases) in Files("cases"))
        {
            foreach (var body in cases["valid"]!.AsArray())
            {
                (await client.SendTextAsync(body!.ToJsonString())).Errors.ShouldBeEmpty($"{file}: {body.ToJsonString()}");
            }
        }
    }

    [Theory]
    [InlineData("cases")]
    [InlineData("rules")]
    public async Task WhatADocumentForbidsIsRefusedByItsParameter(string folder)
    {
        using var client = new SandboxClient();

        foreach (var (file, cases) in Files(folder))
        {
            foreach (var test in cases["invalid"]!.AsArray())
            {
                var reply = await client.SendTextAsync(test!["body"]!.ToJsonString());

                var parameter = reply.Errors.ShouldHaveSingleItem($"{file}: {test.ToJsonString()}")!["parameter"]!;
                ((string?)(parameter is JsonArray list ? list[0] : parameter)).ShouldBe((string?)test["path"], $"{file}: {test.ToJsonString()} {reply.Body}");
            }
        }

        client.Sandbox.Generation.ShouldBeEmpty();
    }

    private static IEnumerable<(string Name, JsonNode Cases)> Files(string folder) =>
        Directory.GetFiles(Path.Combine(Repository.Root, "tests", "RunwarePS.Core.Tests", "Models", "Data", folder), "*.json")
            .Select(f => (Path.GetFileName(f), JsonNode.Parse(File.ReadAllBytes(f))!));
}
