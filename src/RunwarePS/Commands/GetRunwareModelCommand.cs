using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Gets models from the catalog: sizes, limits, prices with their date, status. Offline.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareModel", HelpUri = HelpLinks.Base + "Get-RunwareModel.md")]
[OutputType(typeof(RunwareModel))]
public sealed class GetRunwareModelCommand : PSCmdlet
{
    private const string Detailed = "RunwarePS.RunwareModel#Detailed";

    /// <summary>AIR, slug or name; wildcards are supported.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Model { get; set; }

    /// <summary>Only models for tasks of this type; wildcards are supported.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(WordCompleter))]
    public string? TaskType { get; set; }

    /// <summary>Only models with this capability, such as <c>edit</c>; wildcards are supported.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Capability { get; set; }

    /// <summary>Only models with this status, such as <c>live</c>; wildcards are supported.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Status { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Model is null && MyInvocation.Specifies(nameof(Model)))
        {
            WriteError(ErrorRecords.From(RowReader.Empty(nameof(Model)), target: null));
            return;
        }

        var named = Named();
        var isPattern = Model is null || (named.Length == 0 && WildcardPattern.ContainsWildcardCharacters(Model));
        var found = (named.Length > 0 ? named : ModelCatalog.Default.Models.Where(IsLike))
            .Where(m => Matches(TaskType, m.TaskType) && Matches(Status, m.Status)
                && (Capability is null || m.Capabilities.Any(c => Matches(Capability, c))));
        var count = 0;
        foreach (var model in found)
        {
            count++;
            var output = PSObject.AsPSObject(RunwareModel.From(model));
            if (!isPattern && !MyInvocation.ExpectingInput)
            {
                output.TypeNames.Insert(0, Detailed); // one model is shown with its parameters
            }

            WriteObject(output);
        }

        if (count == 0 && !isPattern)
        {
            WriteError(ErrorRecords.From(NotFound(), Model));
        }
    }

    // A name that a model has isn't a pattern, even if it has brackets.
    private ModelInfo[] Named() => ModelCatalog.Default.Find(Model) is { } known ? [known]
        : [.. ModelCatalog.Default.Models.Where(m => m.Name.Equals(Model, StringComparison.OrdinalIgnoreCase))];

    private bool IsLike(ModelInfo model) =>
        Model is null || Matches(Model, model.Air) || Matches(Model, model.Slug) || Matches(Model, model.Name);

    private RunwareException NotFound()
    {
        var nearest = ModelCatalog.Default.Nearest(Model!) is { } near && (TaskType ?? Capability ?? Status) is null
            ? " " + Strings.DidYouMean.With(near.Air)
            : "";
        return new RunwareException(ErrorCodes.ModelNotFound, RunwareErrorCategory.NotFound,
            Strings.ModelNotFound.With(Model, nearest))
        {
            Parameter = nameof(Model),
        };
    }

    private static bool Matches(string? pattern, string text) =>
        pattern is null || WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant).IsMatch(text);
}
