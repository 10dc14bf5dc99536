using System.Management.Automation;
using RunwarePS.Delivery;

namespace RunwarePS.Pipeline;

/// <summary>Carries what the core tells about requests to the Verbose and Debug streams, on the pipeline's thread.</summary>
internal sealed class StreamTrace(PSCmdlet cmdlet, WorkWindow window) : IRequestTrace
{
    public bool WantsBody { get; } = IsOn(cmdlet, "Debug");

    public void Request(string line) => window.Post(() => cmdlet.WriteVerbose(line));

    public void Body(string text) => window.Post(() => cmdlet.WriteDebug(text));

    // A body is redacted only where somebody will read it, and the engine does not tell a cmdlet whether somebody will.
    private static bool IsOn(PSCmdlet cmdlet, string stream) =>
        cmdlet.MyInvocation.BoundParameters.TryGetValue(stream, out var given)
            ? given is SwitchParameter { IsPresent: true }
            : cmdlet.GetVariableValue(stream + "Preference") is { } preference
                && preference is not ActionPreference.SilentlyContinue and not ActionPreference.Ignore
                && !preference.ToString()!.Equals(nameof(ActionPreference.SilentlyContinue), StringComparison.OrdinalIgnoreCase);
}
