using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Shows the connection that the other cmdlets would use now, without its key.</summary>
[Cmdlet(VerbsCommon.Get, "RunwareConnection", HelpUri = HelpLinks.Base + "Get-RunwareConnection.md")]
[OutputType(typeof(RunwareConnection))]
public sealed class GetRunwareConnectionCommand : RunwareCmdlet
{
    private protected override void Process() => WriteObject(Context.Connection.ToPublic());
}
