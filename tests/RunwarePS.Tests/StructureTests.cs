using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace RunwarePS.Tests;

/// <summary>The house: what is where, and who may know whom. Read from files and metadata, so that it needs no engine.</summary>
public sealed partial class StructureTests
{
    private static readonly string s_root = Repository.Root;

    [Fact]
    public void Exports_are_the_cmdlet_classes()
    {
        Exports().ShouldNotBeEmpty();

        Cmdlets().Select(c => c.Name).Order(StringComparer.Ordinal).ShouldBe(Exports());
    }

    [Fact]
    public void Each_cmdlet_is_a_sealed_class_in_a_file_of_its_name()
    {
        Cmdlets().ShouldAllBe(c => c.IsSealed && c.ClassName == c.Name.Replace("-", "", StringComparison.Ordinal) + "Command");

        Names(Path.Combine(s_root, "src", "RunwarePS", "Commands"), "*Command.cs").ShouldBe(Cmdlets().Select(c => c.ClassName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_cmdlet_has_a_help_page_and_each_page_a_cmdlet() =>
        Names(Path.Combine(s_root, "module", "help"), "*-*.md").ShouldBe(Exports());

    [Fact]
    public void Each_cmdlet_is_run_by_a_test_of_what_it_does()
    {
        // Those that run every cmdlet for another reason do not count.
        string[] others = ["Help.Tests.ps1", "Leak.Tests.ps1", "Manifest.Tests.ps1", "Package.Tests.ps1", "MetadataTests.cs"];
        var tests = string.Concat(Directory.GetFiles(Path.Combine(s_root, "tests", "Pester"), "*.Tests.ps1")
            .Concat(Directory.GetFiles(Path.Combine(s_root, "tests", "RunwarePS.Tests"), "*Tests.cs"))
            .Where(p => !others.Contains(Path.GetFileName(p), StringComparer.Ordinal))
            .Select(File.ReadAllText));

        foreach (var cmdlet in Exports())
        {
            Regex.IsMatch(tests, Regex.Escape(cmdlet) + @"(?![\w-])", RegexOptions.None, TimeSpan.FromSeconds(5)).ShouldBeTrue(cmdlet);
        }
    }

    [Fact]
    public void The_manifest_exports_no_functions_aliases_or_variables()
    {
        var manifest = File.ReadAllText(Path.Combine(s_root, "RunwarePS.psd1"));

        foreach (var kind in new[] { "FunctionsToExport", "AliasesToExport", "VariablesToExport" })
        {
            Regex.IsMatch(manifest, kind + @"\s*=\s*@\(\s*\)", RegexOptions.None, TimeSpan.FromSeconds(1)).ShouldBeTrue(kind);
        }
    }

    [Fact]
    public void Views_hold_layout_and_leave_the_rest_to_tested_code()
    {
        var views = XDocument.Load(Path.Combine(s_root, "module", "RunwarePS.Format.ps1xml"));

        views.Descendants("PropertyName").ShouldNotBeEmpty();
        views.Descendants("ScriptBlock").ShouldBeEmpty("in ConstrainedLanguage a script block can't call a method");
    }

    [Theory]
    [InlineData("RunwarePS.Core.dll")]
    [InlineData("RunwarePS.Sandbox.dll", "RunwarePS.Core")]
    [InlineData("RunwarePS.dll", "RunwarePS.Core", "RunwarePS.Sandbox", "RunwarePS.Http", "RunwarePS.Journal.PostgreSql", "RunwarePS.Journal.Sqlite", "System.Management.Automation")]
    [InlineData("lib/RunwarePS.Http.dll", "RunwarePS.Core")]
    [InlineData("lib/RunwarePS.Journal.PostgreSql.dll", "RunwarePS.Core", "Npgsql")]
    [InlineData("lib/RunwarePS.Journal.Sqlite.dll", "RunwarePS.Core", "Microsoft.Data.Sqlite", "SQLitePCLRaw.*")]
    public void Arrows_point_down(string assembly, params string[] allowed)
    {
        var path = Path.Combine(Repository.Module, assembly);
        File.Exists(path).ShouldBeTrue(path);

        References(path).Where(name => !IsFramework(name) && !allowed.Any(a => Matches(name, a))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("RunwarePS.Sandbox.dll", "RunwarePS.Sandbox")]
    [InlineData("lib/RunwarePS.Http.dll", "RunwarePS.Http")]
    [InlineData("lib/RunwarePS.Journal.PostgreSql.dll", "RunwarePS.Journal.PostgreSql")]
    [InlineData("lib/RunwarePS.Journal.Sqlite.dll", "RunwarePS.Journal.Sqlite")]
    public void What_implements_for_the_core_keeps_to_its_own_namespace(string assembly, string name)
    {
        Namespaces(assembly).ShouldAllBe(n => n == name || n.StartsWith(name + ".", StringComparison.Ordinal));
        Namespaces("RunwarePS.Core.dll").ShouldNotContain(n => n == name || n.StartsWith(name + ".", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("RunwarePS")]
    [InlineData("RunwarePS.Core")]
    public void A_namespace_is_the_modules_own_or_that_of_its_folder(string project)
    {
        var root = Path.Combine(s_root, "src", project);
        var files = Directory.GetFiles(root, "*.cs", SearchOption.AllDirectories).Select(p => Path.GetRelativePath(root, p).Split(Path.DirectorySeparatorChar))
            .Where(parts => parts[0] is not ("bin" or "obj")).ToArray();

        files.ShouldNotBeEmpty();
        files.Where(parts => Namespace().Match(File.ReadAllText(Path.Combine([root, .. parts]))).Groups["name"].Value is var name
            && name != "RunwarePS" && name != string.Join('.', parts[..^1].Prepend("RunwarePS"))).Select(parts => parts[^1]).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_below_the_cmdlets_speaks_of_the_engine()
    {
        foreach (var project in new[] { "RunwarePS.Core", "RunwarePS.Http", "RunwarePS.Journal.PostgreSql", "RunwarePS.Journal.Sqlite", "RunwarePS.Sandbox" })
        {
            Directory.GetFiles(Path.Combine(s_root, "src", project), "*.cs", SearchOption.AllDirectories)
                .Where(p => File.ReadAllText(p).Contains("System.Management.Automation", StringComparison.Ordinal)).ShouldBeEmpty();
        }
    }

    [Fact]
    public void The_core_has_no_package_and_no_project_beside_it()
    {
        var project = File.ReadAllText(Path.Combine(s_root, "src", "RunwarePS.Core", "RunwarePS.Core.csproj"));

        project.ShouldNotContain("PackageReference");
        project.ShouldNotContain("ProjectReference");
        project.ShouldNotContain("FrameworkReference");
    }

    [Theory]
    [InlineData("Microsoft.Data.Sqlite", "RunwarePS.Journal.Sqlite")]
    [InlineData("Npgsql", "RunwarePS.Journal.PostgreSql")]
    [InlineData("PowerShellStandard.Library", "RunwarePS")]
    public void Each_package_has_one_user(string package, string user)
    {
        var users = Directory.GetFiles(Path.Combine(s_root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Where(p => File.ReadAllText(p).Contains($"\"{package}\"", StringComparison.Ordinal))
            .Select(p => Path.GetFileNameWithoutExtension(p));

        users.ShouldBe([user]);
    }

    [Fact]
    public void Nothing_but_our_own_stands_beside_the_module() =>
        Directory.GetFiles(Repository.Module, "*.dll").Select(p => Path.GetFileName(p)).ShouldAllBe(name => name.StartsWith("RunwarePS", StringComparison.Ordinal));

    [Theory]
    [InlineData("System.Text.Json.dll")]
    [InlineData("System.Management.Automation.dll")]
    [InlineData("RunwarePS.Core.dll")]
    [InlineData("RunwarePS.Sandbox.dll")]
    [InlineData("RunwarePS.dll")]
    public void What_the_engine_or_the_module_has_is_not_in_the_private_folder_again(string file) =>
        File.Exists(Path.Combine(Repository.Module, "lib", file)).ShouldBeFalse();

    [Theory]
    [InlineData("RunwarePS.psd1")]
    [InlineData("RunwarePS.Format.ps1xml")]
    [InlineData("LICENSE")]
    [InlineData("THIRD-PARTY-NOTICES.txt")]
    public void The_staged_module_is_whole(string file) => File.Exists(Path.Combine(Repository.Module, file)).ShouldBeTrue();

    [Fact]
    public void No_type_of_the_module_is_built_on_an_isolated_assembly()
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(Repository.Module, "RunwarePS.dll")));
        var reader = file.GetMetadataReader();

        // A base class or an interface is loaded with its type, at import; a method body waits until it runs.
        var bases = from type in reader.TypeDefinitions.Select(reader.GetTypeDefinition)
                    from handle in type.GetInterfaceImplementations().Select(i => reader.GetInterfaceImplementation(i).Interface).Append(type.BaseType)
                    where !handle.IsNil && handle.Kind == HandleKind.TypeReference
                    let reference = reader.GetTypeReference((TypeReferenceHandle)handle)
                    where reference.ResolutionScope.Kind == HandleKind.AssemblyReference
                    let assembly = reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)reference.ResolutionScope).Name)
                    where assembly is "RunwarePS.Http" or "RunwarePS.Journal.PostgreSql" or "RunwarePS.Journal.Sqlite"
                    select reader.GetString(type.Name);

        bases.ShouldBeEmpty();
    }

    private static string[] Exports()
    {
        var list = ExportList().Match(File.ReadAllText(Path.Combine(s_root, "RunwarePS.psd1"))).Groups["list"].Value;
        return [.. Quoted().Matches(list).Select(m => m.Groups["name"].Value).Order(StringComparer.Ordinal)];
    }

    private static List<(string Name, string ClassName, bool IsSealed)> Cmdlets()
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(Repository.Module, "RunwarePS.dll")));
        var reader = file.GetMetadataReader();
        var found = new List<(string, string, bool)>();
        foreach (var type in reader.TypeDefinitions.Select(reader.GetTypeDefinition))
        {
            foreach (var attribute in type.GetCustomAttributes().Select(reader.GetCustomAttribute).Where(a => NameOf(reader, a) == "CmdletAttribute"))
            {
                // Two texts after a prolog of two bytes: verb and noun.
                var arguments = reader.GetBlobReader(attribute.Value);
                arguments.ReadUInt16();
                found.Add(($"{arguments.ReadSerializedString()}-{arguments.ReadSerializedString()}", reader.GetString(type.Name), type.Attributes.HasFlag(TypeAttributes.Sealed)));
            }
        }

        return found;
    }

    private static string? NameOf(MetadataReader reader, CustomAttribute attribute) =>
        attribute.Constructor.Kind == HandleKind.MemberReference
        && reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
            ? reader.GetString(reader.GetTypeReference((TypeReferenceHandle)parent).Name)
            : null;

    /// <summary>Where the types are that somebody wrote: the compiler's own have no namespace, or one of the framework's.</summary>
    private static string[] Namespaces(string assembly)
    {
        using var file = new PEReader(File.OpenRead(Path.Combine(Repository.Module, assembly)));
        var reader = file.GetMetadataReader();
        var names = reader.TypeDefinitions.Select(h => reader.GetString(reader.GetTypeDefinition(h).Namespace)).Distinct(StringComparer.Ordinal);
        return [.. names.Where(n => n.StartsWith("RunwarePS", StringComparison.Ordinal))];
    }

    private static string[] References(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var reader = file.GetMetadataReader();
        return [.. reader.AssemblyReferences.Select(r => reader.GetString(reader.GetAssemblyReference(r).Name))];
    }

    private static bool IsFramework(string name) => (name.StartsWith("System.", StringComparison.Ordinal) && name != "System.Management.Automation") || name.StartsWith("Microsoft.Win32.", StringComparison.Ordinal);

    private static bool Matches(string name, string allowed) =>
        allowed.EndsWith('*') ? name.StartsWith(allowed[..^1], StringComparison.Ordinal) : name == allowed;

    private static string[] Names(string folder, string pattern) =>
        Directory.Exists(folder) ? [.. Directory.GetFiles(folder, pattern).Select(p => Path.GetFileNameWithoutExtension(p)).Order(StringComparer.Ordinal)] : [];

    [GeneratedRegex(@"CmdletsToExport\s*=\s*@\((?<list>[^)]*)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ExportList();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Namespace();

    [GeneratedRegex("'(?<name>[^']+)'", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Quoted();
}
