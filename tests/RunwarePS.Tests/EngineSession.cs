using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;
using System.Text.Json.Nodes;

namespace RunwarePS.Tests;

/// <summary>One runspace with the staged module. What a script sets stays there for the next.</summary>
internal sealed class EngineSession : IDisposable
{
    private readonly Runspace _runspace;

    // The SDK's package has the engine without the modules that a user finds beside it.
    static EngineSession() => Environment.SetEnvironmentVariable("PSModulePath", PowerShellEngine.RestoredModules);

    public EngineSession(PSHost? host = null)
    {
        var state = InitialSessionState.CreateDefault2();
        _runspace = host is null ? RunspaceFactory.CreateRunspace(state) : RunspaceFactory.CreateRunspace(host, state);
        _runspace.Open();
        Run("""
            if ($IsWindows) { Set-ExecutionPolicy Bypass -Scope Process -Force }
            Import-Module $args[0]
            """, Repository.Module);
    }

    /// <summary>The image tasks that <c>$sandbox</c> received, in order of arrival.</summary>
    public JsonObject[] Sent =>
        [.. Run("$sandbox.Request | Where-Object TaskType -eq imageInference | ForEach-Object Body").Texts.SelectMany(body => JsonNode.Parse(body)!.AsArray().Select(task => task!.AsObject()))];

    /// <summary>The prompts that <c>$sandbox</c> received.</summary>
    public string[] SentPrompts => [.. Sent.Select(task => task["positivePrompt"]!.GetValue<string>())];

    /// <summary>Runs a script that is expected to do without errors.</summary>
    public EngineRun Run(string script, params object?[] arguments)
    {
        var run = Try(script, arguments);
        run.Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e}").ShouldBeEmpty(script);
        return run;
    }

    /// <summary>Runs a script and tells its errors, also the one that ended it.</summary>
    public EngineRun Try(string script, params object?[] arguments)
    {
        using var shell = Create(script, arguments);
        var output = new PSDataCollection<PSObject>();
        ErrorRecord? end = null;
        try
        {
            shell.Invoke(input: null, output);
        }
        catch (RuntimeException e)
        {
            end = e.ErrorRecord;
        }

        return new EngineRun(shell, output, end);
    }

    /// <summary>Starts a sandbox as <c>$sandbox</c> and connects to it.</summary>
    public void StartSandbox(string arguments = "", string connect = "") =>
        Run($$"""
            $sandbox = Start-RunwareSandbox {{arguments}}
            Connect-Runware -Endpoint $sandbox.Endpoint {{connect}}
            """);

    public PowerShell Create(string script, params object?[] arguments)
    {
        var shell = PowerShell.Create();
        shell.Runspace = _runspace;
        shell.AddScript(script, useLocalScope: false);
        foreach (var argument in arguments)
        {
            shell.AddArgument(argument);
        }

        return shell;
    }

    public void Dispose()
    {
        Try("Disconnect-Runware; Stop-RunwareSandbox");
        _runspace.Dispose();
    }
}

/// <summary>What a script gave on each stream.</summary>
internal sealed class EngineRun
{
    public EngineRun(PowerShell shell, IEnumerable<PSObject> output, ErrorRecord? end)
    {
        Output = [.. output];
        Ended = end;
        Errors = end is null || shell.Streams.Error.Contains(end) ? [.. shell.Streams.Error] : [.. shell.Streams.Error, end];
        Information = [.. shell.Streams.Information];
        Warnings = [.. shell.Streams.Warning.Select(w => w.Message)];
        Messages = [.. shell.Streams.Verbose.Select(v => v.Message), .. shell.Streams.Debug.Select(d => d.Message), .. Warnings, .. Information.Select(i => $"{i.MessageData}")];
    }

    public PSObject[] Output { get; }

    public string[] Texts => [.. Output.Select(o => $"{o}")];

    public string Text => string.Join('\n', Texts);

    public ErrorRecord[] Errors { get; }

    public ErrorRecord Error => Errors.ShouldHaveSingleItem();

    /// <summary>The terminating error, if one ended the script.</summary>
    public ErrorRecord? Ended { get; }

    public InformationRecord[] Information { get; }

    public string[] Warnings { get; }

    /// <summary>All that was said beside output and errors.</summary>
    public string[] Messages { get; }

    /// <summary>The only output, as what it is.</summary>
    public T Value<T>() => (T)Output.ShouldHaveSingleItem().BaseObject;
}

internal static class EngineObjects
{
    /// <summary>The id that a script compares, without the engine's appendix.</summary>
    public static string Id(this ErrorRecord error) => error.FullyQualifiedErrorId.Split(',')[0];

    /// <summary>The value of a property that must be there, without the engine's wrapping.</summary>
    public static object? Get(this PSObject value, string property) =>
        (value.Properties[property] ?? throw new ArgumentException($"There is no property {property}.", nameof(property))).Value is var found && found is PSObject { BaseObject: not PSCustomObject } wrapped
            ? wrapped.BaseObject
            : found;

    public static object? Get(this ErrorRecord error, string property) => PSObject.AsPSObject(error.Exception).Get(property);

    public static object? Target(this ErrorRecord error, string property) => PSObject.AsPSObject(error.TargetObject).Get(property);
}
