using RunwarePS.Engine;

namespace RunwarePS.Bench.Peers;

/// <summary>A journal that several processes share, and whatever serves it.</summary>
internal interface IJournalSource : IDisposable
{
    /// <summary>A path, or the URL of a database.</summary>
    string Journal { get; }
}

/// <summary>A file of its own.</summary>
internal sealed class FileJournal(Arena arena) : IJournalSource
{
    public string Journal { get; } = arena.NewJournal();

    public void Dispose()
    {
        // The arena removes its folder.
    }
}

/// <summary>A PostgreSQL cluster on loopback that ends with the row, as the campaign of the tests starts it.</summary>
internal sealed class PostgreSqlJournal : IJournalSource
{
    private readonly string _folder;
    private readonly string _port;

    /// <exception cref="InvalidOperationException">PostgreSQL isn't installed, or didn't start.</exception>
    public PostgreSqlJournal(Arena arena)
    {
        _folder = arena.NewFolder();
        _port = Run(
            "if (-not (Find-PostgresTool)) { throw 'PostgreSQL isn''t installed' }; if ((id -u) -eq '0') { Invoke-Expression \"chmod -R a+rx "
            + $"'{Path.GetDirectoryName(_folder)}'\" }}; (New-Cluster '{_folder}/cluster' (Get-ServerPort)).Port").Trim();
    }

    public string Journal => $"postgresql://owner@127.0.0.1:{_port}/postgres";

    public void Dispose() =>
        Run($"Stop-Cluster ([pscustomobject]@{{ Bin = (Find-PostgresTool); Data = '{_folder}/cluster/data' }})");

    private static string Run(string command)
    {
        var module = Path.Combine(Self.Metadata("RepositoryRoot"), "tests", "Campaign", "Cluster.psm1");
        var output = PowerShellEngine.Current.Run(["-Command", $"$ErrorActionPreference = 'Stop'; Import-Module '{module}'; {command}"], out var exitCode);
        return exitCode == 0 ? output : throw new InvalidOperationException("PostgreSQL isn't installed in /usr/lib/postgresql, or didn't start.");
    }
}
