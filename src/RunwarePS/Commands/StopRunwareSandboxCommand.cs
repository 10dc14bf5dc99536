using System.Management.Automation;
using RunwarePS.Connections;
using RunwarePS.Sandbox;

namespace RunwarePS.Commands;

/// <summary>Stops the given sandboxes, or all that <c>Start-RunwareSandbox</c> started in this process.</summary>
[Cmdlet(VerbsLifecycle.Stop, "RunwareSandbox", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Stop-RunwareSandbox.md")]
public sealed class StopRunwareSandboxCommand : RunwareCmdlet
{
    /// <summary>The sandboxes to stop.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    public RunwareSandbox[]? Sandbox { get; set; }

    private protected override void Process()
    {
        foreach (var sandbox in Sandbox ?? (MyInvocation.Specifies(nameof(Sandbox)) ? [] : SandboxRegistry.All()))
        {
            if (ShouldProcess(sandbox.Endpoint.ToString(), Strings.StopSandboxAction))
            {
                SandboxRegistry.Remove(sandbox);
                sandbox.Stop();
            }
        }
    }
}
