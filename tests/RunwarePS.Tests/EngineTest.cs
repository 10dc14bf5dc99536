namespace RunwarePS.Tests;

/// <summary>Connections belong to the process, so the tests that host the engine in it run one after the other; tests of child processes run beside them.</summary>
[CollectionDefinition(Name)]
public sealed class EngineCollection
{
    public const string Name = "engine";
}

/// <summary>A test on the real engine: a fresh runspace with the staged module, and nothing of the machine's own connection.</summary>
[Collection(EngineCollection.Name)]
public abstract class EngineTest : IDisposable
{
    private protected const string KeyVariable = "RUNWARE_API_KEY";
    private protected const string EndpointVariable = "RUNWARE_BASE_URL";

    // Where the user's own data lies; on Linux it can be moved out of the way of the tests.
    private const string DataVariable = "XDG_DATA_HOME";

    private readonly List<string> _folders = [];
    private readonly Dictionary<string, string?> _outside = new(StringComparer.Ordinal);

    protected EngineTest()
    {
        foreach (var name in new[] { KeyVariable, EndpointVariable, DataVariable })
        {
            _outside[name] = Environment.GetEnvironmentVariable(name);
            Environment.SetEnvironmentVariable(name, value: null);
        }

        Environment.SetEnvironmentVariable(DataVariable, NewFolder());
        Session = new EngineSession();
    }

    private protected EngineSession Session { get; }

    public virtual void Dispose()
    {
        Session.Dispose();
        foreach (var (name, value) in _outside)
        {
            Environment.SetEnvironmentVariable(name, value);
        }

        _folders.ForEach(Delete);
        GC.SuppressFinalize(this);
    }

    /// <summary>An empty folder that goes away with the test.</summary>
    private protected string NewFolder(string suffix = "")
    {
        // Not in the system's folder for temporary files, whose name may be a short form or a link.
        var folder = Path.Combine(Repository.Root, "out", "test-data", Guid.NewGuid().ToString("N") + suffix);
        Directory.CreateDirectory(folder);
        _folders.Add(folder);
        return folder;
    }

    private static void Delete(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A journal stays open as long as the process, and Windows holds on to it.
        }
    }
}
