using System.Diagnostics;
using System.Text.Json;
using System.Xml.Linq;

namespace RunwarePS.Tests;

/// <summary>What the module ships of others is named with its version and its license.</summary>
public sealed class NoticesTests
{
    private static readonly string s_lib = Path.Combine(Repository.Module, "lib");

    [Fact]
    public void The_notices_name_every_file_that_is_not_ours_and_no_other()
    {
        var shipped = Directory.GetFiles(s_lib, "*.dll").Select(p => Path.GetFileName(p)).Where(n => !n.StartsWith("RunwarePS.", StringComparison.Ordinal)).Append("e_sqlite3");

        Notices().Select(n => n.File).Order(StringComparer.Ordinal).ShouldBe(shipped.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_versions_are_those_that_were_restored_and_pinned()
    {
        var restored = new[] { "RunwarePS.Http", "RunwarePS.Journal.PostgreSql", "RunwarePS.Journal.Sqlite" }.SelectMany(Restored).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var pinned = XDocument.Load(Path.Combine(Repository.Root, "src", "Directory.Packages.props")).Descendants("PackageVersion")
            .ToDictionary(p => p.Attribute("Include")!.Value, p => p.Attribute("Version")!.Value, StringComparer.OrdinalIgnoreCase);

        foreach (var notice in Notices())
        {
            restored.Contains($"{notice.Package}/{notice.Version}").ShouldBeTrue($"{notice.Package} {notice.Version} was not restored");
            if (pinned.TryGetValue(notice.Package, out var version))
            {
                notice.Version.ShouldBe(version, notice.Package);
            }
        }
    }

    [Fact]
    public void The_versions_are_those_of_the_files()
    {
        foreach (var notice in Notices().Where(n => n.File.EndsWith(".dll", StringComparison.Ordinal)))
        {
            FileVersionInfo.GetVersionInfo(Path.Combine(s_lib, notice.File)).ProductVersion!.Split('+')[0].ShouldBe(notice.Version, notice.File);
        }
    }

    [Fact]
    public void The_text_of_each_licence_is_there()
    {
        var text = Text();

        Notices().Select(n => n.License).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ShouldBe(["Apache-2.0", "MIT", "PostgreSQL", "Public domain"]);
        text.ShouldContain("Permission is hereby granted, free of charge");
        text.ShouldContain("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION");
        text.ShouldContain("without fee, and without a written agreement");
    }

    [Fact]
    public void SQLite_is_there_for_the_seven_systems_and_no_other()
    {
        var systems = Directory.GetDirectories(Path.Combine(s_lib, "runtimes")).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal);

        systems.ShouldBe(["linux-arm64", "linux-musl-x64", "linux-x64", "osx-arm64", "osx-x64", "win-arm64", "win-x64"]);
        foreach (var system in systems)
        {
            Directory.GetFiles(Path.Combine(s_lib, "runtimes", system), "*", SearchOption.AllDirectories).ShouldHaveSingleItem().ShouldContain("e_sqlite3.");
        }
    }

    private static string Text() => File.ReadAllText(Path.Combine(Repository.Module, "THIRD-PARTY-NOTICES.txt"));

    /// <summary>The rows of the table, which begins under a line of dashes and ends with a blank one.</summary>
    private static Notice[] Notices() =>
        [.. Text().Split('\n').SkipWhile(l => !l.StartsWith("---", StringComparison.Ordinal)).Skip(1).TakeWhile(l => l.Length > 0)
            .Select(l => l.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(cells => new Notice(cells[0], cells[1], cells[2], cells[3]))];

    private static string[] Restored(string project)
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "src", project, "obj", "project.assets.json")));
        return [.. assets.RootElement.GetProperty("libraries").EnumerateObject().Select(l => l.Name)];
    }

    private sealed record Notice(string File, string Package, string Version, string License);
}
