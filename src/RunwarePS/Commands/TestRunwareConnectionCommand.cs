using System.Diagnostics;
using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Makes one authenticated round trip that costs nothing.</summary>
[Cmdlet(VerbsDiagnostic.Test, "RunwareConnection", HelpUri = HelpLinks.Base + "Test-RunwareConnection.md")]
[OutputType(typeof(RunwareConnectionTest), typeof(bool))]
public sealed class TestRunwareConnectionCommand : RunwareCmdlet
{
    /// <summary>Returns true or false, without an error.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override void Process()
    {
        try
        {
            var result = Measure();
            WriteObject(Quiet ? true : result);
        }
        catch (RunwareException e) when (Quiet)
        {
            this.WriteDetail(e.Message);
            WriteObject(false);
        }
        catch (RunwareException e)
        {
            WriteFailure(e, target: null);
        }
    }

    private RunwareConnectionTest Measure()
    {
        var connection = Context.Connection;
        var client = Context.CreateClient();
        return Await(async cancellationToken =>
        {
            var watch = Stopwatch.StartNew();
            var balance = await client.GetBalanceAsync(cancellationToken).ConfigureAwait(false);
            return new RunwareConnectionTest
            {
                Endpoint = connection.ToPublic().Endpoint,
                LatencyMs = Math.Round(watch.Elapsed.TotalMilliseconds, 1),
                Balance = balance,
            };
        });
    }
}
