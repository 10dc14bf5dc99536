using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>The contract, kept by a SQLite file.</summary>
public sealed class SqliteContractTests : JournalContractTests, IDisposable
{
    private readonly TemporaryJournal _file = new();

    public void Dispose() => _file.Dispose();

    private protected override Task<TestJournal> OpenAsync(TimeProvider? time = null) => Task.FromResult(_file.Open(time));

    private protected override void EndLeases() => _file.Read("UPDATE task SET lease = 0");

    private protected override long Count(string table) => _file.Count(table);

    private protected override (decimal Days, decimal Tasks) Charges() => (Sum("day"), Sum("task"));

    private decimal Sum(string table) => (long)(_file.Read($"SELECT COALESCE(SUM(charge), 0) FROM {table}") ?? 0L) / 1_000_000_000m;
}
