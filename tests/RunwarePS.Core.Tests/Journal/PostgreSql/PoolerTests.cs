using System.Diagnostics;
using System.Globalization;
using RunwarePS.Core.Tests.Execution;
using RunwarePS.Journal.PostgreSql;

namespace RunwarePS.Core.Tests.Journal.PostgreSql;

/// <summary>A pooler that gives each transaction another connection.</summary>
public sealed class PoolerTests : IDisposable
{
    private const string Program = "/usr/sbin/pgbouncer";

    private readonly TestSchema _schema = new();
    private readonly TempFolder _folder = new();
    private readonly int _port = PostgresServer.FreePort();
    private readonly Process? _pooler;

    public PoolerTests()
    {
        Skip.IfNot(File.Exists(Program), "PgBouncer isn't installed");
        Skip.IfNot(_schema.Address.Credential is null, "the server that the environment names has a password");
        _pooler = Start();
    }

    public void Dispose()
    {
        _pooler?.Kill();
        _pooler?.WaitForExit();
        _pooler?.Dispose();
        _schema.Dispose();
        _folder.Dispose();
    }

    [SkippableFact]
    public async Task Every_call_works_through_a_pooler_of_transactions()
    {
        TestJournal[] journals = [await OpenAsync(isPooled: true), await OpenAsync(isPooled: true)];
        var media = new Dictionary<string, Func<byte[]>>(StringComparer.Ordinal) { ["a"] = () => Some.Picture() };

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
        {
            var (journal, task) = (journals[i % 2], Rows.Task(reserved: 1));
            (await journal.BeginAsync(Rows.Mine, task, media, dailyCap: 1000)).ShouldBeOfType<BeginOutcome.Booked>();
            await journal.AcceptedAsync(Rows.Mine, task.TaskUuid, isWaitedFor: true);
            (await journal.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();
            await journal.EndedAsync(task, Rows.Image(task));
        })));
        await ((PostgreSqlJournal)journals[0].Store).RenewAllAsync();

        (await journals[0].SpendAsync(Rows.Mine, null, null)).Count.ShouldBe(200);
        (await journals[1].BookedAsync(Rows.Mine)).ShouldBe(200 * Some.Price);
    }

    [SkippableFact]
    public async Task Without_the_option_the_error_names_it()
    {
        var error = await Should.ThrowAsync<RunwareException>(async () =>
        {
            var journal = await OpenAsync(isPooled: false);
            await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(async () =>
            {
                await journal.RowAsync((await journal.BegunAsync()).TaskUuid);
            })));
        });

        error.Message.ShouldContain("pooler=transaction");
    }

    private Task<TestJournal> OpenAsync(bool isPooled) => _schema.OpenAsync(
        address: _schema.Address with { Hosts = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}"), IsPooled = isPooled });

    private Process Start()
    {
        var settings = _folder.Of("pgbouncer.ini");
        File.WriteAllText(settings, string.Create(CultureInfo.InvariantCulture, $"""
            [databases]
            * = host=127.0.0.1 port={_schema.Server.Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {_port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {_folder.Of("users")}
            pool_mode = transaction
            default_pool_size = 3
            logfile = /dev/null
            """));
        File.WriteAllText(_folder.Of("users"), $"\"{_schema.Address.User}\" \"\"\n");
        string[] command = [Program, "-q", settings];
        if (Environment.IsPrivilegedProcess) // it refuses to be run by root
        {
            Process.Start("chown", ["-R", "postgres", _folder.Root]).WaitForExit();
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command];
        }

        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { UseShellExecute = false, RedirectStandardError = true })!;
    }
}
