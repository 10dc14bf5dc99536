using System.Management.Automation;
using RunwarePS.Delivery;

namespace RunwarePS.Commands;

/// <summary>Asks the API once for the present state of tasks.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareTask", HelpUri = HelpLinks.Base + "Get-RunwareTask.md")]
[OutputType(typeof(RunwareTask))]
public sealed class GetRunwareTaskCommand : RunwareCmdlet
{
    private ImageDelivery? _delivery;

    /// <summary>The ids of the tasks, or objects that have a <c>TaskUuid</c>.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ReadTaskIds]
    public Guid[] TaskUuid { get; set; } = [];

    private protected override int WindowSize => 5;

    protected override void BeginProcessing()
    {
        try
        {
            _delivery = new ImageDelivery(CreateClient(Connection.Settings), TimeProvider.System);
        }
        catch (RunwareException e)
        {
            ThrowFailure(e, target: null);
        }
    }

    protected override void ProcessRecord()
    {
        foreach (var id in TaskUuid)
        {
            Queue(id, async cancellationToken =>
            {
                var task = await _delivery!.GetTaskAsync(id, cancellationToken).ConfigureAwait(false);
                return () => WriteObject(task);
            });
        }
    }
}
