using System.Collections;
using System.Management.Automation;
using RunwarePS.Connections;
using RunwarePS.Sandbox;

namespace RunwarePS.Commands;

/// <summary>Starts the API on loopback: no key, no cost, real images.</summary>
[Cmdlet(VerbsLifecycle.Start, "RunwareSandbox", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Start-RunwareSandbox.md")]
[OutputType(typeof(RunwareSandbox))]
public sealed class StartRunwareSandboxCommand : RunwareCmdlet
{
    /// <summary>The port on 127.0.0.1; 0, the default, takes any that is free.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(0, 65535)]
    public int? Port { get; set; }

    /// <summary>How long a generation takes.</summary>
    [Parameter]
    [DurationTransformation]
    [ValidateNotNull]
    public TimeSpan? Latency { get; set; }

    /// <summary>What shall go wrong, such as <c>@{ Kind = 'DropAfterAcceptance'; Times = 1 }</c>.</summary>
    [Parameter]
    public Hashtable[] Fault { get; set; } = [];

    private protected override void Process()
    {
        try
        {
            var options = new SandboxOptions
            {
                Port = Port ?? 0,
                Latency = Latency ?? TimeSpan.Zero,
                Faults = [.. Fault.Select(SandboxFault.FromHashtable)],
            };
            if (!ShouldProcess(Port is null or 0 ? Strings.AnyFreePort : Strings.PortNumber.With(Port), "Start-RunwareSandbox"))
            {
                return;
            }

            var sandbox = RunwareSandbox.Start(options);
            SandboxRegistry.Add(sandbox);
            WriteObject(sandbox);
        }
        catch (ArgumentException e)
        {
            ThrowFailure(RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, nameof(Fault), e.Message, e), Fault);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            ThrowFailure(new RunwareException(ErrorCodes.ConnectionFailed, RunwareErrorCategory.Connection,
                Strings.PortInUse.With(Port, e.Message), e) { Parameter = nameof(Port) }, Port);
        }
    }
}
