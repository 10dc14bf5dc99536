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
    private bool _isUsers;

    /// <summary>AIRs or slugs.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true,
        ParameterSetName = nameof(Model))]
    [TextsTransformation(Property = nameof(Model))]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string[] Model { get; set; } = [];

    /// <summary>Updates every model.</summary>
    [Parameter(Mandatory = true, ParameterSetName = nameof(All))]
    public SwitchParameter All { get; set; }

    private protected override void Process()
    {
        if (ParameterSetName == nameof(All))
        {
            if (All && ShouldProcess(Strings.AllModels, Strings.UpdateModelAction))
            {
                foreach (var change in Stream(Updater().UpdateAllAsync))
                {
                    WriteObject(change);
                }
            }

            return;
        }

        foreach (var name in Model)
        {
            PerRecord(name, () =>
            {
                if (ShouldProcess(name, Strings.UpdateModelAction))
                {
                    WriteObject(Await(cancellationToken => Updater().UpdateAsync(name, cancellationToken)));
                }
            });
        }
    }

    private protected override void End()
    {
        if (_isUsers)
        {
            ModelCatalog.Reload();
        }
    }

    // The documents of a sandbox aren't data about Runware's models, and don't replace the user's.
    private ModelUpdater Updater()
    {
        if (_updater is null)
        {
            var sandbox = Context.FindConnection()?.Endpoint is { IsLoopback: true } endpoint ? new Uri(endpoint, "/") : null;
            var folder = sandbox is null ? ModelCache.UserFolder : ModelCache.UserFolder + "-sandbox";
            var catalog = sandbox is null ? ModelCatalog.Default : ModelCatalog.Load(folder, TimeProvider.System);
            _isUsers = sandbox is null;
            var sources = sandbox is null ? ModelSources.Default : ModelSources.At(sandbox);
            _updater = new ModelUpdater(HttpPipeline.Factory.CreateDownloadClient(), sources, catalog, new ModelCache(folder),
                TimeProvider.System);
        }

        return _updater;
    }
}
