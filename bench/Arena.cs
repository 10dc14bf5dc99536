using RunwarePS.Bench.Peers;
using RunwarePS.Engine;

namespace RunwarePS.Bench;

/// <summary>The server, the contenders and the room that all rows share. A contender is started when a row first needs it.</summary>
internal sealed class Arena : IDisposable
{
    public const string CoreArgument = "--core";
    public const string RawArgument = "--raw-http";
    public const string OpenAiArgument = "--openai";

    /// <summary>What "ours" is called in the rows.</summary>
    public const string Ours = "cmdlets";

    private readonly string _folder = Directory.CreateTempSubdirectory("runware-bench-").FullName;
    private readonly Dictionary<string, Task<Child>> _contenders = new(StringComparer.Ordinal);
    private int _folders;

    private Arena(Options options, ServerProcess server) => (Options, Server) = (options, server);

    public Options Options { get; }

    public ServerProcess Server { get; }

    public static string Module => Self.Metadata("ModuleStage");

    public static async Task<Arena> OpenAsync(Options options) => new(options, await ServerProcess.StartAsync());

    /// <summary>The real cmdlets.</summary>
    public Task<Child> OursAsync() => Shared("ours", StartOursAsync);

    public Task<Child> StartOursAsync() => StartOursAsync(NewJournal());

    /// <summary>The cmdlets with a certain journal: a file, or the URL of a database.</summary>
    public Task<Child> StartOursAsync(string journal) => StartSessionAsync(Ours, "cmdlets.ps1", Module, journal);

    public Task<Child> CoreAsync(bool withJournal)
    {
        var name = withJournal ? "core with journal" : "core without journal";
        return Shared(name, () => StartCoreAsync(name, withJournal));
    }

    public Task<Child> EngineAsync() => Shared("engine", () => StartSessionAsync("PowerShell alone", "engine.ps1", module: null, journal: null));

    public Task<Child> RawHttpAsync() => Shared(RawArgument, StartRawHttpAsync);

    public Task<Child> StartRawHttpAsync() => StartSelfAsync("raw HttpClient", RawArgument, new Job("connect") { Endpoint = Server.Endpoint.ToString() });

    public Task<Child> OpenAiAsync() => Shared(OpenAiArgument,
        () => StartSelfAsync("OpenAI .NET", OpenAiArgument, new Job("connect") { Endpoint = Server.Endpoint.ToString() }));

    public Task<Child> PsOpenAiAsync() => Shared("PSOpenAI", () => StartSessionAsync("PSOpenAI", "psopenai.ps1", PsOpenAi.Manifest, journal: null));

    public Task<Child> SdkJsAsync() => Shared("sdk-js", async () =>
    {
        var script = SdkJs.Install(Path.Combine(Self.Metadata("RepositoryRoot"), "out", "bench", "sdk-js"));
        var child = await Child.StartAsync("sdk-js", "node", port => [script, port]);
        await child.RunAsync(new Job("connect") { Endpoint = new UriBuilder(Server.Address) { Scheme = "ws", Path = "ws" }.ToString() });
        return child;
    });

    /// <summary>A new, empty folder.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, FormattableString.Invariant($"{_folders++}"))).FullName;

    /// <summary>The path of a new journal.</summary>
    public string NewJournal() => Path.Combine(NewFolder(), "journal.db");

    public void Dispose()
    {
        foreach (var contender in _contenders.Values.Where(c => c.IsCompletedSuccessfully))
        {
            contender.Result.Dispose();
        }

        Server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<Child> StartCoreAsync(string name, bool withJournal) => StartSelfAsync(name, CoreArgument, Connect(withJournal ? NewJournal() : null));

    private static async Task<Child> StartSelfAsync(string name, string argument, Job connect)
    {
        var child = await Child.StartAsync(name, Self.Program, port => Self.Arguments(argument, port));
        await child.RunAsync(connect);
        return child;
    }

    private async Task<Child> StartSessionAsync(string name, string jobs, string? module, string? journal)
    {
        var scripts = Path.Combine(_folder, "scripts");
        string[] arguments = [.. PowerShellEngine.Current.Arguments, "-NoProfile", "-NonInteractive", "-File", Self.Extract("session.ps1", scripts), "-Jobs", Self.Extract(jobs, scripts), "-Module", module ?? ""];
        var child = await Child.StartAsync(name, PowerShellEngine.Current.File, port => [.. arguments, "-Port", port]);
        await child.RunAsync(Connect(journal));
        return child;
    }

    private Job Connect(string? journal) => new("connect") { Endpoint = Server.Endpoint.ToString(), Journal = journal };

    // One that died in an earlier row is started anew; one that could not be started is not tried again.
    private Task<Child> Shared(string key, Func<Task<Child>> start) =>
        _contenders.TryGetValue(key, out var contender) && !(contender.IsCompletedSuccessfully && contender.Result.HasEnded)
            ? contender
            : _contenders[key] = start();
}
