using Npgsql;
using RunwarePS.Core.Tests.Execution;
using RunwarePS.Journal.PostgreSql;

namespace RunwarePS.Core.Tests.Journal.PostgreSql;

/// <summary>A server that can't be used: one clear error each, which never contains the password.</summary>
public sealed class ServerErrorTests : IDisposable
{
    private const string Password = "hunter2-not-shown";

    private static readonly Options s_hasty = new() { RetryTimeout = TimeSpan.FromSeconds(2) };

    private readonly TestSchema _schema = new();

    public void Dispose() => _schema.Dispose();

    [SkippableFact]
    public async Task A_wrong_password_is_reported_without_it()
    {
        var role = Role("LOGIN PASSWORD 'right'");
        EnsureSecured();

        var error = await FailsAsync(_schema.Address with { Database = "secured", User = null, Credential = new JournalCredential(role, Password) });

        error.Message.ShouldContain("password authentication failed");
        await OpensOrLacksRightsAsync(_schema.Address with { Database = "secured", User = null, Credential = new JournalCredential(role, "right") });
    }

    [SkippableFact]
    public async Task A_server_that_is_not_there_is_reported()
    {
        var error = await FailsAsync(_schema.Address with { Hosts = $"127.0.0.1:{PostgresServer.FreePort()}" });

        error.Message.ShouldContain("refused");
    }

    [SkippableFact]
    public async Task A_database_that_is_not_there_is_reported() =>
        (await FailsAsync(_schema.Address with { Database = "nowhere" })).Message.ShouldContain("\"nowhere\" does not exist");

    [SkippableFact]
    public async Task A_server_without_TLS_is_refused_where_the_certificate_must_be_checked() =>
        (await FailsAsync(_schema.Address with { SslMode = "verify-full" })).Message.ShouldContain("SSL");

    [SkippableFact]
    public async Task None_of_several_servers_is_reported() =>
        await FailsAsync(_schema.Address with { Hosts = $"127.0.0.1:{PostgresServer.FreePort()},127.0.0.1:{PostgresServer.FreePort()}" });

    [SkippableFact]
    public async Task Of_several_servers_the_one_that_can_be_written_is_used()
    {
        var journal = await _schema.OpenAsync(address: _schema.Address with { Hosts = $"127.0.0.1:{PostgresServer.FreePort()},{_schema.Address.Hosts}" });

        await journal.BegunAsync();
    }

    [SkippableFact]
    public async Task A_role_that_may_not_create_the_journal_is_referred_to_the_owner()
    {
        var error = await FailsAsync(As(Role("LOGIN")));

        error.Message.ShouldContain("Initialize-RunwareJournal");
        error.Message.ShouldContain(_schema.Address.ToString());
    }

    [SkippableFact]
    public async Task A_role_without_rights_on_the_journal_is_referred_to_the_owner()
    {
        await _schema.OpenAsync();

        (await FailsAsync(As(Role("LOGIN")))).Message.ShouldContain("Initialize-RunwareJournal");
    }

    [SkippableFact]
    public async Task A_role_that_may_not_upgrade_the_journal_is_referred_to_the_owner()
    {
        await _schema.OpenAsync();
        var role = await WorkerAsync();
        _schema.Read("UPDATE schema_version SET version = 0");

        (await FailsAsync(As(role))).Message.ShouldContain("Initialize-RunwareJournal");
    }

    [SkippableTheory]
    [InlineData(Migrations.Version, true)]
    [InlineData(Migrations.Version + 1, false)]
    public async Task A_journal_of_a_later_version_is_used_as_long_as_it_allows_that(int minClient, bool isAllowed)
    {
        await _schema.OpenAsync();
        _schema.Read($"INSERT INTO schema_version (version, min_client) VALUES ({Migrations.Version + 1}, {minClient})");

        if (isAllowed)
        {
            await (await _schema.OpenAsync()).BegunAsync();
        }
        else
        {
            (await FailsAsync(_schema.Address)).Message.ShouldContain("Update RunwarePS");
        }
    }

    [SkippableFact]
    public async Task A_replica_is_refused()
    {
        var role = Role("LOGIN SUPERUSER", "SET default_transaction_read_only = on");

        (await FailsAsync(As(role))).Message.ShouldContain("replica");
    }

    [SkippableFact]
    public async Task A_server_that_confirms_too_early_is_refused_where_the_journal_is_required()
    {
        var role = Role("LOGIN SUPERUSER", "SET synchronous_commit = off");
        var journal = await _schema.OpenAsync(address: As(role));

        await journal.Store.AttachAsync(Rows.Mine, isRequired: false, default);
        var error = await Should.ThrowAsync<RunwareException>(() => journal.Store.AttachAsync(Rows.Mine, isRequired: true, default));

        error.Message.ShouldContain("synchronous_commit");
    }

    [SkippableFact]
    public async Task A_full_disk_is_reported_and_costs_nothing_that_was_recorded()
    {
        var journal = await _schema.OpenAsync(s_hasty);
        await journal.BegunAsync();
        _schema.Read("CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE disk_full USING MESSAGE = 'could not extend file: No space left on device'; END $$; "
            + "CREATE TRIGGER full_disk BEFORE INSERT ON task EXECUTE FUNCTION full_disk(); SELECT 1");

        var error = await Should.ThrowAsync<RunwareException>(() => journal.BegunAsync());

        error.Code.ShouldBe(ErrorCodes.JournalUnavailable);
        error.Message.ShouldContain("No space left on device");
        _schema.Read("DROP TRIGGER full_disk ON task; SELECT 1");
        await journal.BegunAsync();
        _schema.Count("task").ShouldBe(2);
    }

    [SkippableFact]
    public async Task One_task_that_cannot_be_written_costs_no_other()
    {
        var journal = await _schema.OpenAsync();
        await journal.BegunAsync();
        _schema.Read("ALTER TABLE task ADD CHECK (tag <> 'bad'); SELECT 1");

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                return await journal.BegunAsync(Rows.Task(tag: i == 7 ? "bad" : "good"));
            }
            catch (RunwareException e) when (e.Code == ErrorCodes.JournalUnavailable)
            {
                return null;
            }
        }));

        outcomes.Count(o => o is null).ShouldBe(1);
        _schema.Count("task").ShouldBe(20);
    }

    [SkippableFact]
    public async Task A_worker_can_do_its_work_and_nothing_else()
    {
        await _schema.OpenAsync();
        var role = await WorkerAsync();
        var journal = await _schema.OpenAsync(address: As(role));

        var task = await journal.BegunAsync();
        await journal.EndedAsync(task, Rows.Image(task));
        (await journal.ListAsync(Rows.Mine, null)).Count.ShouldBe(1);
        await journal.RemoveAsync(Rows.Mine, [task.TaskUuid]);
        (await journal.Store.InfoAsync(default)).Role.ShouldBe(role);
        foreach (var sql in new[]
        {
            "DELETE FROM task", "TRUNCATE day_spend", "UPDATE day_spend SET charge = 0", "INSERT INTO scope (endpoint, account) VALUES ('a', 'b')",
            "UPDATE meta SET value = ''", "DROP TABLE task CASCADE", "ALTER TABLE task ADD x int", "CREATE TABLE x ()",
            "CREATE OR REPLACE FUNCTION renew_leases(int[], uuid[], bigint[], interval) RETURNS TABLE (of_scope int, of_task uuid) LANGUAGE sql AS 'SELECT 1, gen_random_uuid()'",
        })
        {
            using var connection = _schema.Server.Connect(role);
            using var command = new NpgsqlCommand($"SET search_path = {_schema.Name}; {sql}", connection);
            Should.Throw<PostgresException>(() => command.ExecuteNonQuery(), sql).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege, sql);
        }
    }

    [SkippableFact]
    public async Task A_worker_cannot_read_the_requests_of_another_account()
    {
        var journal = await _schema.OpenAsync();
        var (theirs, mine) = (Settings("their-key"), Settings("my-key"));
        var task = (Some.Request("A plan of theirs") with { ReferenceImages = [new MediaInput(Some.Picture(7))] }).ToTask();
        await Connected(journal, theirs).BeginAsync(task, CancellationToken.None);
        var role = await WorkerAsync();

        using var connection = _schema.Server.Connect(role);
        using var command = new NpgsqlCommand($"SELECT request, bytes FROM {_schema.Name}.task, {_schema.Name}.medium", connection);
        using var row = command.ExecuteReader();
        row.Read().ShouldBeTrue();
        var (request, medium) = (row.GetFieldValue<byte[]>(0), row.GetFieldValue<byte[]>(1));

        request.AsSpan().IndexOf("theirs"u8).ShouldBe(-1);
        medium.AsSpan().IndexOf(Some.Picture(7)).ShouldBe(-1);
        var (scope, name) = (JournalScope.Of(theirs, journal.Salt), task.TaskUuid.ToString("D"));
        new JournalSeal(mine.Key, journal.Salt, scope).Open(request, name).ShouldBeNull();
        new JournalSeal(theirs.Key, journal.Salt, scope).Open(request, name).ShouldNotBeNull();
        (await Connected(await _schema.OpenAsync(address: As(role)), mine).ListAsync()).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Another_role_cannot_even_begin()
    {
        await _schema.OpenAsync();
        using var connection = _schema.Server.Connect(Role("LOGIN"));
        using var command = new NpgsqlCommand($"SELECT {_schema.Name}.attach_scope('a', 'b')", connection);

        Should.Throw<PostgresException>(() => command.ExecuteScalar()).SqlState.ShouldBe(PostgresErrorCodes.InsufficientPrivilege);
    }

    [SkippableFact]
    public async Task The_script_does_what_the_command_does()
    {
        var role = Role("LOGIN");
        var provider = new PostgreSqlJournalProvider();

        var script = await provider.ScriptAsync(_schema.Address, [role], default);
        _schema.Server.Read("SELECT count(*) FROM pg_namespace WHERE nspname = '" + _schema.Name + "'").ShouldBe(0L);
        using (var connection = _schema.Server.Connect())
        {
            using var command = new NpgsqlCommand(script, connection);
            command.ExecuteNonQuery();
        }

        await (await _schema.OpenAsync(address: As(role))).BegunAsync();
        (await provider.ScriptAsync(_schema.Address, [], default)).ShouldBe("BEGIN;\nCOMMIT;");
    }

    private async Task<RunwareException> FailsAsync(ServerAddress address)
    {
        var error = await Should.ThrowAsync<RunwareException>(() => new PostgreSqlJournalProvider(s_hasty).OpenAsync(address, default));
        error.Code.ShouldBe(ErrorCodes.JournalUnavailable);
        error.ToString().ShouldNotContain(Password);
        error.InnerException.ShouldBeNull();
        error.Message.ShouldContain($"postgresql://{address.Hosts}/{address.Database}");
        return error;
    }

    private static async Task OpensOrLacksRightsAsync(ServerAddress address)
    {
        var error = await Should.ThrowAsync<RunwareException>(() => new PostgreSqlJournalProvider(s_hasty).OpenAsync(address, default));
        error.Message.ShouldContain("Initialize-RunwareJournal");
    }

    private static ConnectionSettings Settings(string key) => ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From(key));

    private static ConnectionJournal Connected(TestJournal journal, ConnectionSettings settings) =>
        new(_ => Task.FromResult(journal.Store), settings, _ => { });

    private async Task<string> WorkerAsync()
    {
        var role = Role("LOGIN");
        await new PostgreSqlJournalProvider().ApplyAsync(_schema.Address, [role], default);
        return role;
    }

    private string Role(string attributes, string? setting = null) => _schema.Role(attributes, setting);

    private void EnsureSecured()
    {
        try
        {
            _schema.Server.Read("CREATE DATABASE secured");
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            // By an earlier run.
        }
    }

    private ServerAddress As(string role) => _schema.Address with { User = role, Credential = null };
}
