using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Lists the models of the catalog: sizes, limits, prices with their date, status. Offline.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareModel", HelpUri = HelpLinks.Base + "Get-RunwareModel.md")]
[OutputType(typeof(RunwareModel))]
public sealed class GetRunwareModelCommand : PSCmdlet
{
    /// <summary>AIR, slug or name; wildcards are taken.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Model { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Model is null && (MyInvocation.ExpectingInput || MyInvocation.BoundParameters.ContainsKey(nameof(Model))))
        {
            WriteError(ErrorRecords.From(RowReader.Empty(nameof(Model)), target: null));
            return;
        }

        var pattern = WildcardPattern.Get(Model ?? "*", WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        var found = ModelCatalog.Default.Models.Where(m => pattern.IsMatch(m.Air) || pattern.IsMatch(m.Slug) || pattern.IsMatch(m.Name)).ToArray();
        foreach (var model in found)
        {
            WriteObject(RunwareModel.From(model));
        }

        if (found.Length == 0 && Model is not null && !WildcardPattern.ContainsWildcardCharacters(Model))
        {
            WriteError(ErrorRecords.From(
                new RunwareException(ErrorCodes.ModelNotFound, RunwareErrorCategory.NotFound, $"The catalog has no model '{Model}'. It can still be used: its requests go out unchecked.") { Parameter = nameof(Model) },
                Model));
        }
    }
}
