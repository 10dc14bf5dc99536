using System.Management.Automation;
using System.Text.Json.Nodes;

namespace RunwarePS.Commands;

/// <summary>Deletes media that the API stores.</summary>
[Cmdlet(VerbsCommon.Remove, "RunwareMedia", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Remove-RunwareMedia.md")]
[OutputType(typeof(void))]
public sealed class RemoveRunwareMediaCommand : RunwareCmdlet
{
    /// <summary>References, their UUIDs, or objects that have one.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [MediaIdsTransformation]
    [Alias("Uuid")]
    public Guid[]? InputObject { get; set; }

    private protected override int MaxInFlight => 5;

    private protected override void Process()
    {
        RequireValues(nameof(InputObject));
        foreach (var id in InputObject!.Where(id => ShouldProcess(id.ToString("D"), Strings.RemoveMediaAction)))
        {
            var executor = Context.Delivery;
            Queue(id, async cancellationToken =>
            {
                var body = new JsonObject
                {
                    ["taskType"] = TaskTypes.MediaStorage, ["taskUUID"] = Guid.NewGuid().ToString("D"),
                    ["operation"] = "delete", ["media"] = id.ToString("D"),
                };
                var result = await executor.AnswerAsync(new TaskRequest(body), cancellationToken).ConfigureAwait(false);
                if (result.Failures is [var failure, ..])
                {
                    throw failure;
                }

                executor.Forget(id);
                return () => { };
            });
        }
    }

    private protected override string NameOf(object? target) => target?.ToString() ?? "";
}
