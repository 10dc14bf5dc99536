using System.Text.RegularExpressions;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RunwarePS.Core.Tests.Architecture;

/// <summary>
/// The floors of RunwarePS.Core: a folder uses only the folders before it in the list. Read from the references in the compiled assembly,
/// so an arrow counts wherever it hides: in a signature, a method body, a lambda or an attribute.
/// </summary>
public sealed partial class FloorTests
{
    private static readonly string[] s_floors = ["Primitives", "WebServer", "Models", "Tasks", "Api", "Journal", "Execution", "Media", "Gallery"];

    private static readonly string s_source = Path.Combine(Repository.Root, "src", "RunwarePS.Core");

    [Fact]
    public void Each_folder_is_a_floor() =>
        Directory.GetDirectories(s_source).Select(d => Path.GetFileName(d)!).Where(d => d is not ("bin" or "obj")).ShouldBe(s_floors, ignoreOrder: true);

    [Fact]
    public void No_file_lies_outside_the_floors() => Directory.GetFiles(s_source, "*.cs").ShouldBeEmpty();

    [Fact]
    public void A_folder_uses_only_the_folders_before_it()
    {
        using var core = AssemblyDefinition.ReadAssembly(typeof(RunwareException).Assembly.Location);
        var folders = FolderOfEachType();
        var arrows = core.MainModule.Types
            .Where(t => folders.ContainsKey(Outermost(t)))
            .SelectMany(t => References(t).Where(r => r != Outermost(t) && folders.ContainsKey(r)).Select(r => (From: Outermost(t), To: r)))
            .Distinct()
            .ToList();

        arrows.Count.ShouldBeGreaterThan(100, "otherwise nothing was read");
        arrows.Where(a => Array.IndexOf(s_floors, folders[a.To]) > Array.IndexOf(s_floors, folders[a.From]))
            .Select(a => $"{folders[a.From]}/{a.From} uses {folders[a.To]}/{a.To}")
            .Order(StringComparer.Ordinal)
            .ShouldBeEmpty();
    }

    [Fact]
    public void Internal_types_are_in_the_namespace_of_their_folder_and_public_types_in_the_root()
    {
        var folders = FolderOfEachType();
        typeof(RunwareException).Assembly.GetTypes()
            .Where(t => !t.IsNested && folders.ContainsKey(t.Name.Split('`')[0]))
            .Where(t => t.IsPublic ? t.Namespace != "RunwarePS" : t.Namespace!.Split('.')[1..] is not [var floor, ..] || floor != folders[t.Name.Split('`')[0]])
            .Select(t => t.FullName)
            .ShouldBeEmpty();
    }

    /// <summary>The first folder of the file that declares each type.</summary>
    private static Dictionary<string, string> FolderOfEachType()
    {
        var folders = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(s_source, "*.cs", SearchOption.AllDirectories))
        {
            var parts = Path.GetRelativePath(s_source, file).Split(Path.DirectorySeparatorChar);
            if (parts.Length > 1 && parts[0] is not ("bin" or "obj"))
            {
                foreach (Match declaration in Declaration().Matches(File.ReadAllText(file)))
                {
                    folders[declaration.Groups["name"].Value] = parts[0];
                }
            }
        }

        return folders;
    }

    [GeneratedRegex(@"^(?:(?:public|internal|sealed|abstract|static|readonly|partial|ref) )+(?:class|struct|enum|interface|record(?: (?:class|struct))?) (?<name>\w+)",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Declaration();

    /// <summary>The names of the top-level types that a type and those nested in it refer to.</summary>
    private static IEnumerable<string> References(TypeDefinition type) =>
        Direct(type).SelectMany(Parts).Select(Outermost).Concat(type.NestedTypes.SelectMany(References));

    private static IEnumerable<TypeReference?> Direct(TypeDefinition type)
    {
        IEnumerable<TypeReference?> found =
        [
            type.BaseType,
            .. type.Interfaces.Select(i => i.InterfaceType),
            .. type.Fields.Select(f => f.FieldType),
            .. type.CustomAttributes.SelectMany(InAttribute),
        ];
        return found.Concat(type.Methods.SelectMany(InMethod));
    }

    private static IEnumerable<TypeReference?> InMethod(MethodDefinition method) =>
    [
        method.ReturnType,
        .. method.Parameters.Select(p => p.ParameterType),
        .. method.CustomAttributes.SelectMany(InAttribute),
        .. method.HasBody ? method.Body.Variables.Select(v => v.VariableType) : [],
        .. method.HasBody ? method.Body.Instructions.SelectMany(InInstruction) : [],
    ];

    private static IEnumerable<TypeReference?> InInstruction(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        MethodReference method => [method.DeclaringType, method.ReturnType, .. (method as GenericInstanceMethod)?.GenericArguments ?? []],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    private static IEnumerable<TypeReference?> InAttribute(CustomAttribute attribute) =>
        [attribute.AttributeType, .. attribute.ConstructorArguments.Select(a => a.Value).OfType<TypeReference>()];

    // A constructed type and what it is made of.
    private static IEnumerable<TypeReference> Parts(TypeReference? type) => type switch
    {
        null => [],
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)],
        TypeSpecification wrapped => Parts(wrapped.ElementType),
        _ => [type],
    };

    private static string Outermost(TypeReference type) => type.DeclaringType is { } outer ? Outermost(outer) : type.Name.Split('`')[0];
}
