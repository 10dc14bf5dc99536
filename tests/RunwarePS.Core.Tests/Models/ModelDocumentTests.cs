using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

/// <summary>Fourteen model documents with requests that they allow and forbid: every verdict, and the parameter that it names.</summary>
public sealed class ModelDocumentTests
{
    public static TheoryData<string, int> Valid => Cases("cases", "valid");

    public static TheoryData<string, int> Invalid => Cases("cases", "invalid");

    public static TheoryData<string, int> Rules => Cases("rules", "invalid");

    [Theory]
    [MemberData(nameof(Valid))]
    public void What_the_document_allows_passes(string slug, int index)
    {
        Check(slug, Body("cases", "valid", slug, index)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    public void What_the_document_forbids_is_refused_by_its_parameter(string slug, int index) => Refused(slug, Body("cases", "invalid", slug, index));

    [Theory]
    [MemberData(nameof(Rules))]
    public void Every_rule_fires(string slug, int index)
    {
        var test = Body("rules", "invalid", slug, index);
        var findings = Refused(slug, test);

        // Seven of the requests break another rule, or lack a required key, too; what is said first then covers both.
        var rule = (int)test["rule"]! + 1;
        ModelCatalog.Default.Find(slug)!.Document!.Schema.AllOf[rule - 1].Accepts(test["body"]![0]).ShouldBe(false);
        if (!findings.Exists(f => f.Rule == rule))
        {
            findings.ShouldContain(f => f.Kind == FindingKind.Missing && f.Path == (string?)test["path"]);
        }
    }

    [Fact]
    public void Defaults_are_not_filled_in()
    {
        foreach (var slug in Directory.GetFiles(Folder("cases")).Select(f => Path.GetFileNameWithoutExtension(f)!))
        {
            var body = Body("cases", "valid", slug, 0)[0]!.AsObject();
            var before = body.ToJsonString();
            Check(slug, body).ShouldBeEmpty();
            body.ToJsonString().ShouldBe(before);
        }
    }

    private static List<Finding> Refused(string slug, JsonNode test)
    {
        var findings = Check(slug, test["body"]);
        var first = findings.FirstOrDefault().ShouldNotBeNull();

        first.Path.ShouldBe((string?)test["path"]);
        first.Message.ShouldContain(first.Kind == FindingKind.Incompatible && first.Paths.Contains("height", StringComparer.Ordinal) ? "x" : $"'{first.Path}'");
        first.Message.ShouldNotContain("model's document");
        first.Message.Length.ShouldBeLessThan(400);
        first.Message.ShouldMatch(@"[.?]$");
        return findings;
    }

    private static List<Finding> Check(string slug, JsonNode? body) => [.. ModelCatalog.Default.Find(slug)!.Check(body is JsonArray list ? list[0]!.AsObject() : body!.AsObject())];

    private static JsonNode Body(string folder, string list, string slug, int index) => Data(folder, slug)[list]![index]!;

    private static JsonNode Data(string folder, string slug) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(folder), slug + ".json")))!;

    private static string Folder(string folder) => Path.Combine(Repository.Root, "tests", "RunwarePS.Core.Tests", "Models", "Data", folder);

    private static TheoryData<string, int> Cases(string folder, string list)
    {
        var data = new TheoryData<string, int>();
        foreach (var slug in Directory.GetFiles(Folder(folder)).Select(f => Path.GetFileNameWithoutExtension(f)!).Order(StringComparer.Ordinal))
        {
            for (var i = 0; i < Data(folder, slug)[list]!.AsArray().Count; i++)
            {
                data.Add(slug, i);
            }
        }

        return data;
    }
}
