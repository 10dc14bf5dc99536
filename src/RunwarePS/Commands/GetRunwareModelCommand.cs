using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Gets models from the catalog: sizes, limits, prices with their date, status. Offline.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareModel", HelpUri = HelpLinks.Base + "Get-RunwareModel.md")]
[OutputType(typeof(RunwareModel))]
public sealed class GetRunwareModelCommand : PSCmdlet
{
    private const string Detailed = "RunwarePS.RunwareModel#Detailed";

    // Those that a model can have, whether or not one has them now.
    private static readonly string[] s_statuses = ["live", "coming-soon", "deprecated", "removed", "unknown"];

    /// <summary>AIRs, slugs or names; wildcards are supported.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [TextsTransformation(Property = nameof(Model))]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string[]? Model { get; set; }

    /// <summary>Only models for tasks of this type; wildcards are supported.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
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
    protected override void BeginProcessing()
    {
        var models = ModelCatalog.Default.Models;
        Warn(nameof(TaskType), TaskType, models.Select(m => m.TaskType).Order(StringComparer.Ordinal), TaskTypes.All);
        Warn(nameof(Capability), Capability, models.SelectMany(m => m.Capabilities).Order(StringComparer.Ordinal), []);
        Warn(nameof(Status), Status, s_statuses.Concat(models.Select(m => m.Status)), []);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Model is null or [] && MyInvocation.Specifies(nameof(Model)))
        {
            WriteError(ErrorRecords.From(RowReader.Empty(nameof(Model)), target: null));
            return;
        }

        foreach (var name in Model ?? ["*"])
        {
            Write(name);
        }
    }

    private void Write(string name)
    {
        var named = Named(name);
        var isPattern = named.Length == 0 && WildcardPattern.ContainsWildcardCharacters(name);
        if (named.Length == 0 && !isPattern)
        {
            WriteError(ErrorRecords.From(NotFound(name), name));
        }

        foreach (var model in (isPattern ? ModelCatalog.Default.Models.Where(m => IsLike(name, m)) : named).Where(IsSelected))
        {
            var output = PSObject.AsPSObject(RunwareModel.From(model));
            if (!isPattern && Model is [_] && !MyInvocation.ExpectingInput)
            {
                output.TypeNames.Insert(0, Detailed); // one model is shown with its parameters
            }

            WriteObject(output);
        }
    }

    private bool IsSelected(ModelInfo model) => Matches(TaskType, model.TaskType) && Matches(Status, model.Status)
        && (Capability is null || model.Capabilities.Any(c => Matches(Capability, c)));

    // A name that a model has isn't a pattern, even if it has brackets.
    private static ModelInfo[] Named(string name) => ModelCatalog.Default.Find(name) is { } known ? [known]
        : [.. ModelCatalog.Default.Models.Where(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase))];

    private static bool IsLike(string pattern, ModelInfo model) =>
        Matches(pattern, model.Air) || Matches(pattern, model.Slug) || Matches(pattern, model.Name);

    private static RunwareException NotFound(string name)
    {
        var nearest = ModelCatalog.Default.Nearest(name) is { } near ? " " + Strings.DidYouMean.With(near.Air) : "";
        return new RunwareException(ErrorCodes.ModelNotFound, RunwareErrorCategory.NotFound, Strings.ModelNotFound.With(name, nearest))
        {
            Parameter = nameof(Model),
        };
    }

    // A misspelled filter would select nothing, as if there were no such models.
    private void Warn(string parameter, string? filter, IEnumerable<string> values, string[] others)
    {
        if (filter is not null && !WildcardPattern.ContainsWildcardCharacters(filter)
            && values.Distinct(StringComparer.Ordinal).ToArray() is var known && !known.Concat(others).Any(value => Matches(filter, value)))
        {
            WriteWarning(Strings.FilterUnknown.With(parameter, filter, string.Join(", ", known)));
        }
    }

    private static bool Matches(string? pattern, string text) =>
        pattern is null || WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant).IsMatch(text);
}
