using System.Management.Automation;
using RunwarePS.Isolation;

namespace RunwarePS.Commands;

/// <summary>Gets current model documents, prices and dates, and keeps them for this user.</summary>
[Cmdlet(VerbsData.Update, "RunwareModel", SupportsShouldProcess = true, DefaultParameterSetName = nameof(Model), HelpUri = HelpLinks.Base
    + "Update-RunwareModel.md")]
[OutputType(typeof(RunwareModelChange))]
public sealed class UpdateRunwareModelCommand : RunwareCmdlet
{
    private ModelUpdater? _updater;

    /// <summary>AIRs or slugs.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = nameof(Model))]
    [TextsTransformation(Property = nameof(Model))]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string[] Model { get; set; } = [];

    /// <summary>Updates every model.</summary>
    [Parameter(Mandatory = true, ParameterSetName = nameof(All))]
    public SwitchParameter All { get; set; }

    private ModelUpdater Updater =>
        _updater ??= ModelUpdater.Create(HttpPipeline.Factory.CreateDownloadClient(), Context.FindConnection()?.Endpoint);

    private protected override void Process()
    {
        if (All && ShouldProcess(Strings.AllModels, Strings.UpdateModelAction))
        {
            foreach (var change in Stream(Updater.UpdateAllAsync))
            {
                WriteObject(change);
            }
        }

        foreach (var name in Model)
        {
            PerRecord(name, () => Update(name));
        }
    }

    private protected override void End()
    {
        if (_updater is { IsUsers: true })
        {
            ModelCatalog.Reload();
        }
    }

    private void Update(string name)
    {
        if (ShouldProcess(name, Strings.UpdateModelAction))
        {
            var updater = Updater;
            WriteObject(Await(cancellationToken => updater.UpdateAsync(name, cancellationToken)));
        }
    }
}
