using System.Management.Automation;
using System.Management.Automation.Runspaces;
using RunwarePS.Sandbox;
using static RunwarePS.Internal.Format;

namespace RunwarePS.Formatting;

/// <summary>
/// What the engine has to know of the module's types: the cells of their views, as hidden properties that begin with an underscore, and how
/// deep and with which properties CLIXML, remoting and jobs write them. Registered at import and not by a types file, for two reasons: the
/// engine reads that file before it loads the assembly with the cells, and it prints an error per member if a second copy of the module is
/// imported.
/// </summary>
internal static class TypeExtensions
{
    // Deep enough for whatever JSON the API may send as additional data.
    private const uint Depth = 8;

    // The type is in an assembly that PowerShellStandard doesn't have. By its type the cmdlet is found without module loading, and wherever
    // its name isn't visible.
    private const string UpdateTypeData = "Microsoft.PowerShell.Commands.UpdateTypeDataCommand, Microsoft.PowerShell.Commands.Utility";

    private static readonly string[] s_media =
    [
        nameof(Record), nameof(Cost), nameof(Prompt), nameof(Where), nameof(PromptInFull), nameof(Model), nameof(OutputFormat),
        nameof(CostInFull), nameof(Path), nameof(Tag), nameof(CreatedAt), nameof(Size),
    ];

    private static readonly Lazy<TypeData[]> s_types = new(() =>
    [
        .. Of<RunwareImage>(s_media),
        .. Of<RunwareVideo>(s_media),
        .. Of<RunwareAudio>(s_media),
        .. Of<RunwareFile>(s_media),
        .. Of<RunwareText>(
            nameof(Record), nameof(Cost), nameof(TextInBrief), nameof(TextInFull), nameof(Reasoning), nameof(PromptInFull), nameof(Model),
                nameof(CostInFull), nameof(FinishReason), nameof(Tag), nameof(CreatedAt)),
        .. Of<RunwareTextDelta>(nameof(Piece)),
        .. Of<RunwareMediaReference>([.. s_media, nameof(Sha256)]),
        .. Of<RunwareModelSummary>(
            nameof(Model), nameof(Kind), nameof(Architecture), nameof(Name), nameof(Internal.Format.Version), nameof(Description),
            nameof(Capability), nameof(Source), nameof(Provider),
            nameof(TriggerWords)),
        .. Of<RunwareUsage>(nameof(Group), nameof(GroupInFull), nameof(Spend), nameof(AvgTime)),
        .. Of<RunwareResult>(
            nameof(Record), nameof(Cost), nameof(TaskTypeOfResult), nameof(DataInBrief), nameof(PromptInFull), nameof(Model), nameof(CostInFull),
                nameof(Tag), nameof(CreatedAt)),
        .. Of<RunwareTask>(
            nameof(Status), nameof(Cost), nameof(PromptOfTask), nameof(PromptInFull), nameof(Model), nameof(Tag), nameof(Image),
            nameof(Output), nameof(Failure), nameof(CostInFull),
            nameof(SubmittedAt), nameof(CompletedAt)),
        .. Of<RunwareFailure>(nameof(Code), nameof(Category), nameof(Message), nameof(MessageInFull), nameof(Parameter)),
        .. Of<RunwareImageInfo>(
            nameof(Path), nameof(PromptInFull), nameof(Model), nameof(Size), nameof(Quality), nameof(Background), nameof(OutputFormat),
            nameof(CfgScale),
            nameof(CostInFull), nameof(Tag), nameof(CreatedAt), nameof(RequestHash)),
        .. Of<RunwareSpend>(nameof(At), nameof(Cost), nameof(Model), nameof(Tag), nameof(CostInFull), nameof(Reserved)),
        .. Of<RunwareModel>(nameof(Model), nameof(Name), nameof(Price), nameof(PriceInFull), nameof(Rate), nameof(Details)),
        .. Of<RunwareModelPrice>(nameof(Usd)),
        .. Of<RunwareModelParameter>(nameof(ParameterName), nameof(Allowed)),
        .. Of<RunwareWebhook>(nameof(Webhook)),
        .. Of<RunwareConnection>(nameof(Key), nameof(MaxCost)),
        .. Of<RunwareConnectionTest>(nameof(LatencyMs), nameof(Balance)),
        .. Of<RunwareSandbox>(nameof(Request), nameof(Generation)),
        .. Of<SandboxGeneration>(nameof(At), nameof(Cost), nameof(CostInFull), nameof(Model)),
        .. Of<SandboxRequest>(nameof(AtTime), nameof(TaskCount), nameof(TaskType)),
        Exception(),
    ]);

    /// <summary>Registers the types in the current runspace. A second time changes nothing.</summary>
    public static void Register()
    {
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        shell.AddCommand(new CmdletInfo("Update-TypeData", Type.GetType(UpdateTypeData, throwOnError: true)))
            .AddParameter("TypeData", s_types.Value)
            .AddParameter("Force")
            .Invoke();
    }

    private static IEnumerable<TypeData> Of<T>(params string[] cells)
    {
        // The cells are hidden, but the serializer writes hidden properties too unless the type specifies which to write.
        var live = WithCells(typeof(T).FullName!, cells);
        live.SerializationDepth = Depth;
        live.SerializationMethod = "SpecificProperties";
        live.PropertySerializationSet = new PropertySetData(typeof(T).GetProperties().Select(property => property.Name)
            .Where(name => typeof(T) != typeof(RunwareWebhook) || name != nameof(RunwareWebhook.Url))); // has the token
        return [live, WithCells("Deserialized." + typeof(T).FullName, cells)];
    }

    // By default the reflection graph behind TargetSite would be written too, also that of the inner exception: hundreds of megabytes at
    // this depth.
    private static TypeData Exception() => new(typeof(RunwareException).FullName)
    {
        SerializationDepth = Depth,
        SerializationMethod = "SpecificProperties",
        PropertySerializationSet = new PropertySetData(
            typeof(RunwareException).GetProperties().Select(property => property.Name)
                .Except([nameof(System.Exception.TargetSite), nameof(System.Exception.InnerException)], StringComparer.Ordinal)),
    };

    private static TypeData WithCells(string type, string[] cells)
    {
        var data = new TypeData(type);
        foreach (var cell in cells)
        {
            data.Members.Add("_" + cell, new CodePropertyData("_" + cell, typeof(Internal.Format).GetMethod(cell)) { IsHidden = true });
        }

        return data;
    }
}
