using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace RunwarePS.Core.Tests.Journal.PostgreSql;

/// <summary>
/// A PostgreSQL server for tests: the one that RUNWAREPS_TEST_POSTGRES names, as a user that may create roles, or one that is made for
/// this process, listens on loopback, and ends with it. Without either, tests are skipped.
/// </summary>
internal sealed class PostgresServer
{
    private const string Variable = "RUNWAREPS_TEST_POSTGRES";

    private static readonly Lazy<(PostgresServer? Server, string? Missing)> s_shared = new(Find);

    private static Process? s_process; // kept: a collected one closes the pipe

    private PostgresServer(ServerAddress address) => Address = address;

    /// <summary>The server; skips the test if there is none.</summary>
    public static PostgresServer Shared
    {
        get
        {
            Skip.If(s_shared.Value.Missing is not null, s_shared.Value.Missing);
            return s_shared.Value.Server!;
        }
    }

    /// <summary>The server, as the owner of its database.</summary>
    public ServerAddress Address { get; }

    public int Port => int.Parse(Address.Hosts.Split(':')[1], CultureInfo.InvariantCulture);

    public NpgsqlConnection Connect(string? user = null, string? password = null)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = Address.Hosts.Split(':')[0],
            Port = Port,
            Database = Address.Database,
            Username = user ?? Address.User ?? Address.Credential?.User,
            Password = password ?? Address.Credential?.Password,
            Pooling = false,
            Timeout = 30,
            CommandTimeout = 60,
        }.ConnectionString);
        connection.Open();
        return connection;
    }

    public object? Read(string sql)
    {
        using var connection = Connect();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar() is var value and not DBNull ? value : null;
    }

    /// <summary>A port that the system doesn't give to clients: one that reconnects could otherwise connect to itself.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(20_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: another one.
            }
        }
    }

    private static (PostgresServer? Server, string? Missing) Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } url)
        {
            var uri = new Uri(url); // unlike a journal's URL, a test server's may have a password
            var user = uri.UserInfo.Split(':');
            return (new(new ServerAddress($"{uri.Host}:{(uri.Port > 0 ? uri.Port : 5432)}", uri.AbsolutePath[1..])
            {
                Credential = new JournalCredential(user[0], user.Length > 1 ? Uri.UnescapeDataString(user[1]) : ""),
                SslMode = "prefer",
            }), null);
        }

        if (!OperatingSystem.IsLinux())
        {
            return (null, $"a throwaway PostgreSQL server is made on Linux only; set {Variable} to the URL of a server");
        }

        return Directory.Exists("/usr/lib/postgresql")
            && Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).LastOrDefault(b => File.Exists(Path.Combine(b, "initdb"))) is { } bin
            ? (Start(bin), null)
            : (null, $"PostgreSQL isn't installed in /usr/lib/postgresql, and {Variable} isn't set");
    }

    /// <summary>Makes a cluster. Its parent ends it when the pipe to this process breaks, however this process ends.</summary>
    private static PostgresServer Start(string bin)
    {
        var folder = Directory.CreateTempSubdirectory("runware-postgres-").FullName;
        var port = FreePort();
        var script = string.Create(CultureInfo.InvariantCulture, $$"""
            set -e
            cd {{folder}}
            {{bin}}/initdb -D data -U owner -A trust -N --no-locale -E UTF8 >/dev/null
            { echo 'host secured all 127.0.0.1/32 scram-sha-256'; cat data/pg_hba.conf; } >hba && mv hba data/pg_hba.conf
            exec 3<&0
            {{bin}}/postgres -D data -p {{port}} -k {{folder}} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200 >log 2>&1 </dev/null &
            read line <&3 || true
            kill -QUIT $!
            wait || true
            cd /
            rm -rf {{folder}}
            """);
        string[] command = ["sh", "-c", script];
        if (Environment.IsPrivilegedProcess) // initdb refuses to be run by root
        {
            Process.Start("chown", ["postgres", folder]).WaitForExit();
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command];
        }

        s_process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, UseShellExecute = false });
        var server = new PostgresServer(new ServerAddress(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "postgres")
        { User = "owner", SslMode = "disable" });
        var started = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                server.Read("SELECT 1");
                return server;
            }
            catch (NpgsqlException) when (started.Elapsed < TimeSpan.FromSeconds(60))
            {
                Thread.Sleep(100);
            }
        }
    }
}
