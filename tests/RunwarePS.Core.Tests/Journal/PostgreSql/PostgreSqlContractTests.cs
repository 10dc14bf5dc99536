using RunwarePS.Core.Tests.Execution;

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

    private protected override Task<TestJournal> OpenAsync() => _schema.OpenAsync();

    private protected override void EndLeases() => _schema.Read("UPDATE task SET lease_until = now() - interval '1 s' WHERE lease_until IS NOT NULL");

    private protected override long Count(string table) => _schema.Count(table == "media" ? "medium" : table);

    private protected override (decimal Days, decimal Tasks) Charges() => (Sum("day_spend"), Sum("task"));

    private decimal Sum(string table) => (decimal)_schema.Read($"SELECT COALESCE(sum(charge), 0)::numeric FROM {table}")! / 1_000_000_000m;
}
