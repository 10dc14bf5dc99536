using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace RunwarePS.Pipeline;

/// <summary>Carries what the core tells about requests to the Verbose and Debug streams, on the pipeline's thread.</summary>
internal sealed class StreamTrace : IRequestTrace
{
    private readonly PSCmdlet _cmdlet;
    private readonly PipelineWorkQueue _queue;

    private StreamTrace(PSCmdlet cmdlet, PipelineWorkQueue queue, bool wantsBody) =>
        (_cmdlet, _queue, WantsBody) = (cmdlet, queue, wantsBody);

    public bool WantsBody { get; }

    /// <summary>Null where both streams are off: each line would wake the pipeline once more, for the engine to drop it.</summary>
    /// <exception cref="InvalidOperationException">It's not the thread of the pipeline, whose variables are read.</exception>
    public static StreamTrace? Of(PSCmdlet cmdlet, PipelineWorkQueue queue) =>
        Runspace.DefaultRunspace is null ? throw new InvalidOperationException("A trace is created outside the thread of the pipeline.")
        : IsOn(cmdlet, "Debug") is var debug && (debug || IsOn(cmdlet, "Verbose")) ? new StreamTrace(cmdlet, queue, debug) : null;

    public void Request(string line) => _queue.Post(() => _cmdlet.WriteDetail(line));

    public void Body(string text) => _queue.Post(() => _cmdlet.WriteDebug(text));

    // A cmdlet can't determine whether a stream is read.
    private static bool IsOn(PSCmdlet cmdlet, string stream) =>
        cmdlet.MyInvocation.BoundParameters.TryGetValue(stream, out var given)
            ? given is SwitchParameter { IsPresent: true }
            : cmdlet.GetVariableValue(stream + "Preference") is { } preference
                && preference is not ActionPreference.SilentlyContinue and not ActionPreference.Ignore
                && !preference.ToString()!.Equals(nameof(ActionPreference.SilentlyContinue), StringComparison.OrdinalIgnoreCase);
}

internal static class DetailStream
{
    /// <summary>
    /// Writes a line for readers of <c>-Verbose</c>. With <c>-Debug</c> and without <c>-Verbose</c> the line is a debug message: the engine
    /// would ask the user about each verbose one, and fails if it can't ask.
    /// </summary>
    public static void WriteDetail(this PSCmdlet cmdlet, string line)
    {
        var given = cmdlet.MyInvocation.BoundParameters;
        if (given.TryGetValue("Debug", out var debug) && debug is SwitchParameter { IsPresent: true } && !given.ContainsKey("Verbose"))
        {
            cmdlet.WriteDebug(line);
        }
        else
        {
            cmdlet.WriteVerbose(line);
        }
    }
}
