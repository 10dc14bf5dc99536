using System.Management.Automation;

namespace RunwarePS.Pipeline;

/// <summary>What a command line specifies.</summary>
internal static class InvocationExtensions
{
    /// <summary>
    /// Whether a parameter is on the command line or bound from the pipeline, whatever its value: an empty variable, or a pipeline
    /// without records, doesn't select everything.
    /// </summary>
    public static bool Specifies(this InvocationInfo invocation, string parameter) =>
        invocation.ExpectingInput || invocation.BoundParameters.ContainsKey(parameter);
}
