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
    public void What_the_document_forbids_is_refused(string slug, int index)
    {
        var findings = Check(slug, Body("cases", "invalid", slug, index)["body"]);
        Console.WriteLine($"{slug} {index} {Body("cases", "invalid", slug, index)["why"]}\n    {string.Join("\n    ", findings.Select(f => $"[{f.Path} {f.Kind} {f.Rule}] {f.Message}"))}");

        findings.ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Every_rule_fires(string slug, int index)
    {
        var test = Body("rules", "invalid", slug, index);
        var findings = Check(slug, test["body"]);
        Console.WriteLine($"{slug} rule {test["rule"]} {test["why"]}\n    {string.Join("\n    ", findings.Select(f => $"[{f.Path} {f.Kind} {f.Rule}] {f.Message}"))}");

        findings.ShouldNotBeEmpty();
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
