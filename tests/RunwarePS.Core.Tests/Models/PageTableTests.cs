using System.Globalization;
using System.Text.RegularExpressions;

namespace RunwarePS.Core.Tests;

/// <summary>The page of GPT Image 1, row by row: once as a table of our own, once read from the page itself where it lies beside the repository.</summary>
public sealed partial class PageTableTests
{
    private static readonly ModelInfo s_model = ModelCatalog.Default.Find("openai:1@1")!;

    /// <summary>Path, type, required, default, least, most, allowed values.</summary>
    public static TheoryData<string, string, bool, string?, long?, long?, string?> Rows => new()
    {
        { "taskType", "string", true, null, null, null, "imageInference" },
        { "taskUUID", "string", true, null, null, null, null },
        { "outputType", "string", false, "URL", null, null, "URL base64Data dataURI" },
        { "outputFormat", "string", false, "JPG", null, null, "JPG PNG WEBP" },
        { "outputQuality", "integer", false, "95", 20, 99, null },
        { "webhookURL", "string", false, null, null, null, null },
        { "deliveryMethod", "string", false, "sync", null, null, "sync async" },
        { "uploadEndpoint", "string", false, null, null, null, null },
        { "safety", "object", false, null, null, null, null },
        { "safety.checkContent", "boolean", false, "false", null, null, null },
        { "safety.mode", "string", false, "none", null, null, "none fast" },
        { "ttl", "integer", false, null, 60, null, null },
        { "includeCost", "boolean", false, "false", null, null, null },
        { "numberResults", "integer", false, "1", 1, 20, null },
        { "inputs", "object", false, null, null, null, null },
        { "inputs.referenceImages", "array", false, null, null, null, null },
        { "model", "string", true, null, null, null, null },
        { "positivePrompt", "string", true, null, 1, 32000, null },
        { "width", "integer", true, null, null, null, null },
        { "height", "integer", true, null, null, null, null },
        { "providerSettings", "object", false, null, null, null, null },
        { "providerSettings.openai", "object", false, null, null, null, null },
        { "providerSettings.openai.background", "string", false, "auto", null, null, "auto opaque transparent" },
        { "providerSettings.openai.quality", "string", false, "auto", null, null, "auto high medium low" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_catalog_holds_the_row(string path, string type, bool required, string? byDefault, long? min, long? max, string? allowed)
    {
        s_model.Parameters.ShouldContainKey(path);
        var rule = s_model.Parameters[path];

        rule.Type.ShouldBe(type);
        rule.Required.ShouldBe(required);
        rule.Default.ShouldBe(byDefault);
        rule.Min.ShouldBe((decimal?)min);
        rule.Max.ShouldBe((decimal?)max);
        (rule.Allowed is null ? null : string.Join(' ', rule.Allowed)).ShouldBe(allowed);
    }

    [Fact]
    public void The_catalog_holds_no_row_that_the_page_does_not()
    {
        s_model.Parameters.Keys.ShouldBe(Rows.Select(r => (string)r[0]), ignoreOrder: true);
    }

    [Theory]
    [InlineData("taskUUID", "uuid")]
    [InlineData("webhookURL", "uri")]
    [InlineData("uploadEndpoint", "uri")]
    public void A_format_is_kept(string path, string format) => s_model.Parameters[path].Format.ShouldBe(format);

    [Fact]
    public void The_sizes_are_the_three_of_the_page_under_names_of_their_shape()
    {
        s_model.Sizes!.Select(s => (s.Name, s.Width, s.Height)).ShouldBe([("Square", 1024, 1024), ("Landscape", 1536, 1024), ("Portrait", 1024, 1536)]);
        s_model.SizeLimits.ShouldBeNull();
    }

    [SkippableFact]
    public void The_page_itself_states_the_same()
    {
        Skip.If(Repository.Page is null, Repository.PageMissing);
        var rows = Headings().Matches(Repository.Section("Request Parameters") + "\n### [");
        rows.Count.ShouldBeGreaterThan(15);
        var seen = new List<string>();
        foreach (var row in rows.Cast<Match>())
        {
            var body = row.Groups["body"].Value;
            var path = Field(body, "Path") is { } named && named.EndsWith("." + row.Groups["name"].Value, StringComparison.Ordinal) ? named : row.Groups["name"].Value;
            s_model.Parameters.ShouldContainKey(path);
            var rule = s_model.Parameters[path];
            seen.Add(path);

            Field(body, "Type")!.Split(' ')[0].ShouldBe(rule.Type, path);
            (Field(body, "Required") == "true").ShouldBe(rule.Required, path);
            Field(body, "Default").ShouldBe(rule.Default, path);
            ((decimal?)Number(body, "Min")).ShouldBe(rule.Min, path);
            ((decimal?)Number(body, "Max")).ShouldBe(rule.Max, path);
            var allowed = Allowed(body);
            if (path is not ("taskType" or "model"))
            {
                allowed.ShouldBe(rule.Allowed ?? [], path);
            }
        }

        // The three objects that only hold others have no row of their own.
        s_model.Parameters.Keys.Except(seen, StringComparer.Ordinal).ShouldBe(["inputs", "providerSettings", "providerSettings.openai"], ignoreOrder: true);
    }

    [SkippableFact]
    public void The_pages_sizes_and_price_are_the_catalogs()
    {
        Skip.If(Repository.Page is null, Repository.PageMissing);
        var sizes = Repository.Section("Compatibility & Validation");
        foreach (var size in s_model.Sizes!)
        {
            sizes.ShouldContain($"`{size}`");
        }

        Sizes().Count(sizes).ShouldBe(s_model.Sizes!.Length);
        Repository.Section("Pricing").ShouldContain($"`${s_model.Price(1024, 1024, "high")!.Value.ToString(CultureInfo.InvariantCulture)}`");
    }

    private static string? Field(string body, string name) => FieldPattern(name).Match(body) is { Success: true } match ? match.Groups["value"].Value : null;

    private static Regex FieldPattern(string name) => new($@"^- \*\*{name}\*\*: `?(?<value>[^`\n]+)`?$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    private static long? Number(string body, string name) => Field(body, name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    private static string[] Allowed(string body)
    {
        var start = body.IndexOf("**Allowed values**", StringComparison.Ordinal);
        if (start < 0)
        {
            return [];
        }

        // On the line itself, or as the list below it.
        var rest = body[start..].Split('\n');
        var values = rest[0].Contains('`', StringComparison.Ordinal) ? rest[0] : string.Join(' ', rest.Skip(2).TakeWhile(l => l.StartsWith("- `", StringComparison.Ordinal)).Select(l => l[..(l.IndexOf('`', 3) + 1)]));
        return [.. Quoted().Matches(values).Select(m => m.Groups["value"].Value)];
    }

    [GeneratedRegex(@"^#{3,4} \[(?<name>\w+)\][^\n]*\n(?<body>.*?)(?=^#{3,4} \[)", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Headings();

    [GeneratedRegex("`(?<value>[^`]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Quoted();

    [GeneratedRegex(@"`\d+x\d+`", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sizes();
}
