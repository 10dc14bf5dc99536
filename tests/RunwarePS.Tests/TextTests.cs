using System.ComponentModel;
using System.Text;
using System.Text.RegularExpressions;

namespace RunwarePS.Tests;

/// <summary>The texts that people read use standard terms in American English. Code isn't text; the comments in it are.</summary>
public sealed partial class TextTests
{
    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    // The files to check, and how to find the text in each. To check more files, add a line.
    private static readonly (string Folder, string Files, Func<string, string> Prose)[] s_sources =
    [
        ("", "*.md", Markdown),
        ("", "build.ps1", Script),
        ("bench", "README.md", Markdown),
        ("docs", "*.md", Markdown),
        ("module/en-US", "*.help.txt", Topic),
        ("module/help", "*.md", Markdown),
        ("module/help", "*.ps1", Script),
        ("samples", "*.ps1", Script),
        ("src/RunwarePS.Core/Primitives", "*.resx", Resources),
    ];

    // What to avoid, and what to write instead. A space stands for any white space, line breaks included.
    private static readonly (string Avoid, string Write)[] s_words =
    [
        (@"\b(un)?less told\b|\btold\b", "by default; if not specified; returned; reports"),
        (@"\blives? on\b|\bunder way\b|\bon (its|their) way\b|\bat work\b", "is still running; in progress; in flight"),
        (@"\bdearest\b", "highest"),
        (@"\bseldom\b", "less often; at increasing intervals"),
        (@"\b(leav(e|es|ing)|left)( [^\s.;:]+){0,4} away\b", "omit; run without"),
        (@"\bmend(s|ed|ing)?\b", "fix"),
        (@"\b(take|takes|taken|taking|took)( it| them)? up\b(?! to\b)", "resumes"),
        (@"(?<!\bthere )\b(is|are|was|were) no\b(?! (longer|more than)\b)", "isn't"),
        (@"\b(has|have|had) no [^.;:]*\bof (its|their|your) own\b", "doesn't have"),
        (@"\b(say|says|said|speaks)\b", "returned; reports; supports"),
        (@"\b(nobody|somebody|whoever)\b|\bwho waits\b", "name who acts"),
        (@"\bpictures?\b", "image; media"),
        (@"\b(answer(s|ed|ing)?|repl(y|ies|ied))\b", "response"),
        (@"\baddress(es)?\b", "URL"),
        (@"\bthe way of\b|\bthe house\b|\bladders?\b|\b(the|a|property) bags?\b", "lifecycle; architecture; lookup order; dictionary"),
        (@"\bpatience\b", "timeout"),
        (@"\b(colou?r(?<=our)|harbour|behaviour|favour|neighbour|licence|catalogue|centre|grey|artefact)(s|ed|ing)?\b", "American English"),
        (@"\b(recogni|seriali|normali|initiali|organi|authori|customi|minimi|maximi|optimi)s(e|es|ed|ing|ation)\b|\banalys(e|ed|er|ers|ing)\b", "American English"),
        (@"\b(cancell|labell|modell)(ed|ing)\b", "American English"),
    ];

    // Where such a word is the standard term.
    private static readonly string[] s_terms = ["loopback address", "loopback addresses"];

    public static TheoryData<string> Files() => [.. Texts().Select(text => text.File).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_text_uses_standard_terms(string file)
    {
        var (_, prose) = Texts().Single(text => text.File == file);

        prose.ShouldNotBeNullOrWhiteSpace();
        Findings(prose).ShouldBeEmpty();
    }

    [Fact]
    public void A_comment_in_the_sources_uses_standard_terms()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).ToArray();

        files.ShouldNotBeEmpty();
        files.SelectMany(file => Findings(CSharp(File.ReadAllText(Path.Combine(Repository.Root, file)).ReplaceLineEndings("\n")))
            .Select(finding => $"{file}, {finding}")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a missing secret is told as what it is")]
    [InlineData("One thing a new run\ncannot mend")]
    [InlineData("the reply is lost")]
    [InlineData("Then, with a key, leave `-Sandbox` away.")]
    [InlineData("this is no file")]
    [InlineData("it has no journal of its own")]
    [InlineData("Resume takes up what was left")]
    [InlineData("the dearest known price")]
    [InlineData("the colour of the picture")]
    public void A_word_to_avoid_is_found(string text) => Findings(Markdown(text)).ShouldNotBeEmpty();

    [Theory]
    [InlineData("Save it in `./pictures`, or in pictures/index.html.")]
    [InlineData("It is no longer available. Loopback addresses are allowed.")]
    [InlineData("Run this:\n```powershell\n$answer = 'a picture'\n```\nDone.")]
    public void Code_paths_and_standard_terms_are_left_alone(string text) => Findings(Markdown(text)).ShouldBeEmpty();

    [Fact]
    public void Comments_in_code_are_text()
    {
        Findings(Markdown("```powershell\n# Save the picture\nGet-Date\n```")).ShouldHaveSingleItem().ShouldStartWith("line 2: picture");
        Findings(Script("Get-Date # the reply\n$picture = 1")).ShouldHaveSingleItem();
        Findings(Topic("LOOK\n    The image:\n\n        $picture\n\n    The answer\n        is here.")).ShouldHaveSingleItem();
        Findings(CSharp("/// <summary>\n/// The reply of <c>picture</c>, <see cref=\"Picture\"/>.\n/// </summary>\nvar reply = \"// the answer\";"))
            .ShouldHaveSingleItem().ShouldStartWith("line 2: reply");
    }

    [Theory]
    [InlineData("CONTRIBUTING.md")]
    [InlineData("SECURITY.md")]
    [InlineData("docs/delivery.md")]
    public void A_file_that_a_text_names_exists(string text)
    {
        var files = Directory.GetFiles(Repository.Root, "*", SearchOption.AllDirectories).Select(path => path.Replace('\\', '/')).ToArray();
        var named = FileName().Matches(File.ReadAllText(Path.Combine(Repository.Root, text))).Select(match => match.Groups["name"].Value).ToArray();

        named.ShouldNotBeEmpty();
        named.Where(name => !files.Any(file => file.EndsWith(name, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    // Comments and names are read, too. The tests' data and the British forms in this file aren't ours to write.
    [SkippableTheory]
    [InlineData("texts", "rare")]
    [InlineData("sources", "clear")]
    public void The_spelling_is_right(string what, string dictionary)
    {
        string[] files = what == "texts"
            ? [.. Texts().Select(text => text.File)]
            : [.. new[] { "src", "tests", "samples", "bench", "build", "module" }.SelectMany(Sources)];
        files.Length.ShouldBeGreaterThan(20);
        var allowed = Path.Combine(Repository.Root, "tests", "spelling.txt");
        string report;
        try
        {
            report = ChildProcess.Run(
                "codespell",
                ["--builtin", $"clear,{dictionary},en-GB_to_en-US", "--ignore-words", allowed, .. files.Select(file => Path.Combine(Repository.Root, file))],
                out _);
        }
        catch (Win32Exception e)
        {
            throw new SkipException("codespell isn't installed on this machine", e);
        }

        report.ShouldBeEmpty();
    }

    private static IEnumerable<string> Sources(string folder) =>
        from path in Directory.GetFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
        let file = Path.GetRelativePath(Repository.Root, path).Replace('\\', '/')
        where Path.GetExtension(file) is ".cs" or ".ps1" or ".psm1" or ".ps1xml" or ".csproj" or ".props" or ".resx"
            && !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
            && !file.EndsWith("/TextTests.cs", StringComparison.Ordinal)
        select file;

    private static IEnumerable<(string File, string Prose)> Texts() =>
        from source in s_sources
        from path in Directory.GetFiles(Path.Combine(Repository.Root, source.Folder), source.Files)
        select (Path.GetRelativePath(Repository.Root, path).Replace('\\', '/'), source.Prose(File.ReadAllText(path).ReplaceLineEndings("\n")));

    private static string[] Findings(string prose)
    {
        var text = s_terms.Aggregate(PathOrUrl().Replace(prose, "-"), (rest, term) => Regex.Replace(rest, Spaced($@"\b{term}\b"), Lines, Options, s_limit));
        return [.. from word in s_words
                   from match in Regex.Matches(text, Spaced(word.Avoid), Options, s_limit)
                   select $"line {text.AsSpan(0, match.Index).Count('\n') + 1}: {match.Value} -> {word.Write}"];
    }

    private static string Spaced(string pattern) => pattern.Replace(" ", @"\s+", StringComparison.Ordinal);

    // Keeps the line breaks, so that the numbers of the lines stay right.
    private static string Lines(Match match) => new('\n', match.ValueSpan.Count('\n'));

    private static string Markdown(string text) => InlineCode().Replace(Fence().Replace(text, block => Keep(block.Value, CommentLine())), "-");

    private static string Script(string text) => Keep(text, Comment());

    private static string CSharp(string text) => Markup().Replace(Keep(QuotedText().Replace(text, "-"), CSharpComment()), Lines);

    // A paragraph whose lines are all eight columns in is code.
    private static string Topic(string text) => Paragraph().Replace(text, paragraph =>
        paragraph.Value.Split('\n').All(line => line.StartsWith("        ", StringComparison.Ordinal)) ? Lines(paragraph) : paragraph.Value);

    private static string Resources(string text) => Keep(text, ResourceValue());

    private static string Keep(string text, Regex kept)
    {
        var result = new StringBuilder();
        var end = 0;
        foreach (var match in kept.EnumerateMatches(text))
        {
            result.Append('\n', text.AsSpan(end, match.Index - end).Count('\n')).Append(text.AsSpan(match.Index, match.Length));
            end = match.Index + match.Length;
        }

        return result.Append('\n', text.AsSpan(end).Count('\n')).ToString();
    }

    [GeneratedRegex(@"^(?<mark>```|~~~)[\s\S]*?^\k<mark>$", RegexOptions.Multiline, 5000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"(?<=^\s*)#.*$", RegexOptions.Multiline, 5000)]
    private static partial Regex CommentLine();

    [GeneratedRegex(@"`[^`]+`", RegexOptions.None, 5000)]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"<#[\s\S]*?#>|(?<=^|\s)#.*$", RegexOptions.Multiline, 5000)]
    private static partial Regex Comment();

    [GeneratedRegex(@"""(?:[^""\\\n]|\\.)*""", RegexOptions.None, 5000)]
    private static partial Regex QuotedText();

    [GeneratedRegex("//.*$", RegexOptions.Multiline, 5000)]
    private static partial Regex CSharpComment();

    [GeneratedRegex("<c>.*?</c>|<[^<>]*>", RegexOptions.Singleline, 5000)]
    private static partial Regex Markup();

    [GeneratedRegex("(?<=<value>).*?(?=</value>)", RegexOptions.Singleline, 5000)]
    private static partial Regex ResourceValue();

    [GeneratedRegex(@"^[^\S\n]*\S.*(?:\n[^\S\n]*\S.*)*$", RegexOptions.Multiline, 5000)]
    private static partial Regex Paragraph();

    [GeneratedRegex(@"`(?<name>[\w./-]+\.(?:cs|json|md|props|ps1|ps1xml|psd1|resx|txt|yml))`", RegexOptions.None, 5000)]
    private static partial Regex FileName();

    [GeneratedRegex(@"[^\s()]*/[^\s()]*", RegexOptions.None, 5000)]
    private static partial Regex PathOrUrl();
}
