using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

/// <summary>Where this repository lies, and the page of GPT Image 1 beside it where there is one.</summary>
internal static class Repository
{
    public const string PageMissing = "The page of GPT Image 1 (../shared/spec/openai-gpt-image-1.md beside the repository) is not on this machine.";

    public static string Root { get; } = FindRoot();

    public static string? Page { get; } = Path.Combine(Path.GetDirectoryName(Root)!, "shared", "spec", "openai-gpt-image-1.md") is var path && File.Exists(path) ? path : null;

    /// <summary>The page's section under one heading of the second level.</summary>
    public static string Section(string heading)
    {
        var text = File.ReadAllText(Page!).ReplaceLineEndings("\n");
        var start = text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal);
        start.ShouldBeGreaterThan(-1, $"the page has a section '{heading}'");
        var end = text.IndexOf("\n## ", start + 1, StringComparison.Ordinal);
        return end < 0 ? text[start..] : text[start..end];
    }

    /// <summary>The JSON objects in the code blocks of a section, in order.</summary>
    public static IReadOnlyList<JsonObject> JsonBlocks(string section) =>
    [
        .. section.Split("```json\n").Skip(1).Select(block => JsonNode.Parse(block[..block.IndexOf("\n```", StringComparison.Ordinal)])!.AsObject()),
    ];

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "RunwarePS.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
