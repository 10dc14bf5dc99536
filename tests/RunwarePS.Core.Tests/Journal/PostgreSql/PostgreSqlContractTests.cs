using System.Diagnostics;
using RunwarePS.Core.Tests.Execution;
using RunwarePS.Journal.PostgreSql;

namespace RunwarePS.Core.Tests.Journal.PostgreSql;

/// <summary>The contract, kept by a PostgreSQL database.</summary>
public sealed class PostgreSqlContractTests : JournalContractTests, IDisposable
{
    private readonly TestSchema _schema = new();

    public void Dispose() => _schema.Dispose();

    [SkippableFact]
    public async Task The_ledger_shows_which_machine_sent_a_task()
    {
        var journal = await _schema.OpenAsync();
        var (kept, removed) = (await journal.BegunAsync(), await journal.BegunAsync());
        await journal.EndedAsync(kept, Rows.Image(kept));
        await journal.EndedAsync(removed, Rows.Image(removed));
        await journal.RemoveAsync(Rows.Mine, [removed.TaskUuid]);

        (await journal.SpendAsync(Rows.Mine, null, null)).Select(s => s.Machine).ShouldBe([Environment.MachineName, Environment.MachineName]);
    }

    [SkippableTheory]
    [InlineData(-5)]
    [InlineData(5)]
    public async Task Leases_and_days_follow_the_clock_of_the_database(int hours)
    {
        await _schema.OpenAsync();
        var address = ShiftClock(hours);
        var (mine, other) = (await _schema.OpenAsync(address: address), await _schema.OpenAsync(address: address));
        var task = await mine.BegunAsync();

        (await other.RowAsync(task.TaskUuid)).SubmittedAt.ShouldBe(DateTime.UtcNow.AddHours(hours), TimeSpan.FromHours(1));
        (await other.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();
        (await other.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();
        await ((PostgreSqlJournal)mine.Store).RenewAllAsync();
        (await mine.EnsureOwnedAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
        _schema.Read("SELECT day = (submitted_at AT TIME ZONE 'UTC')::date FROM task").ShouldBe(true);

        _schema.Read($"UPDATE task SET lease_until = {_schema.Name}.clock_timestamp() - interval '1 s'");
        (await other.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
        (await mine.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_task_of_a_process_of_this_machine_that_has_ended_is_free_at_once(bool isClaimed)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux has the ID of a boot");
        var journal = await _schema.OpenAsync();
        var task = await journal.BegunAsync();
        var started = Owner.StartOf(Process.GetCurrentProcess());
        Own(Owner.Of(Environment.ProcessId, started));
        (await journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeFalse();
        (await BeginAsync(journal, Rows.Task(task.TaskUuid))).ShouldBeOfType<BeginOutcome.InProgress>();

        Own(Owner.Of(Environment.ProcessId, started - 1)); // an earlier one of the same number

        (await journal.RowAsync(task.TaskUuid)).IsOwned.ShouldBeFalse();
        if (isClaimed)
        {
            (await journal.ClaimAsync(Rows.Mine, task.TaskUuid)).ShouldBeTrue();
        }
        else
        {
            (await BeginAsync(journal, Rows.Task(task.TaskUuid))).ShouldBeOfType<BeginOutcome.Held>();
        }

        (await journal.RowAsync(task.TaskUuid)).IsOwned.ShouldBeTrue();

        void Own(string owner) => _schema.Read($"UPDATE task SET owner = '{owner}'");
    }

    private protected override Task<TestJournal> OpenAsync(TimeProvider? time = null) => _schema.OpenAsync(time is null ? null : new Options { Time = time });

    private protected override void EndLeases() => _schema.Read("UPDATE task SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL");

    private protected override long Count(string table) => _schema.Count(table == "media" ? "medium" : table);

    private protected override (decimal Days, decimal Tasks) Charges() => (Sum("day_spend"), Sum("task"));

    /// <summary>Lets the clock of the database differ from this machine's: a function of the schema comes before that of the system.</summary>
    private ServerAddress ShiftClock(int hours)
    {
        var path = $"{_schema.Name}, pg_catalog, pg_temp";
        _schema.Read(
            $$"""
            CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS
                $f$ SELECT pg_catalog.clock_timestamp() + interval '{{hours}} hours' $f$;
            ALTER TABLE task ALTER submitted_at SET DEFAULT {{_schema.Name}}.clock_timestamp();
            DO $do$ DECLARE f regprocedure; BEGIN
                FOR f IN SELECT oid FROM pg_proc WHERE pronamespace = '{{_schema.Name}}'::regnamespace AND proname <> 'clock_timestamp' LOOP
                    EXECUTE 'ALTER FUNCTION ' || f || ' SET search_path = {{path}}';
                END LOOP;
            END $do$;
            SELECT 1
            """);
        return _schema.Address with { User = _schema.Role($"LOGIN SUPERUSER", $"SET search_path = {path}"), Credential = null };
    }

    private decimal Sum(string table) => (decimal)_schema.Read($"SELECT COALESCE(sum(charge), 0)::numeric FROM {table}")! / 1_000_000_000m;
}
