using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal.PostgreSql;

/// <summary>A SQLite journal is added to one in a database.</summary>
public sealed class ImportTests : IDisposable
{
    private static readonly ConnectionSettings s_settings = ConnectionSettings.Create(new Uri("https://api.example/v1"), ApiKey.From("secret-key"));

    private readonly TestSchema _schema = new();
    private readonly TemporaryJournal _file = new();

    public void Dispose()
    {
        _file.Dispose();
        _schema.Dispose();
    }

    [SkippableFact]
    public async Task Tasks_requests_results_and_costs_arrive_and_a_second_run_adds_nothing()
    {
        using var source = _file.Open();
        var target = await _schema.OpenAsync();
        var (from, to) = (Connected(source), Connected(target));
        var (open, accepted, ended, removed) = (
            (Some.Request("Open") with { ReferenceImages = [new MediaInput(Some.Picture(1))] }).ToTask(), Some.Task("Accepted"), Some.Task("Ended"), Some.Task("Removed"));
        foreach (var task in new[] { open, accepted, ended, removed })
        {
            var lease = (await from.BeginAsync(task, CancellationToken.None)).ShouldBeOfType<BeginOutcome.Booked>().Lease;
            if (task == accepted)
            {
                from.Accepted(lease, isWaitedFor: false);
            }
            else if (task != open)
            {
                from.Ended(task.TaskUuid, new TaskResult { TaskType = "imageInference", IsKnown = true, Outputs = [Rows.Image(Rows.Task(task.TaskUuid))], Failures = [] }, DateTime.UtcNow);
            }

            from.Released(lease);
        }

        await from.RemoveAsync(new TaskQuery { TaskUuids = [removed.TaskUuid] }, 1, CancellationToken.None);
        from.Saved(Rows.Image(Rows.Task(ended.TaskUuid)), "/fox.png");
        await from.FlushAsync(CancellationToken.None);

        (await to.ImportAsync(source.Store, CancellationToken.None)).ShouldBe((4, 4));
        (await to.ImportAsync(source.Store, CancellationToken.None)).ShouldBe((4, 0));

        var rows = await to.QueryAsync(TaskQuery.All, CancellationToken.None).ToListAsync();
        rows.Select(r => (r.TaskUuid, r.Status, r.IsOwned)).ShouldBe(
            [(open.TaskUuid, "Pending", false), (accepted.TaskUuid, "Submitted", false), (ended.TaskUuid, "Succeeded", false)], ignoreOrder: true);
        rows.Single(r => r.HasEnded).Images.ShouldHaveSingleItem().Path.ShouldBe("/fox.png");
        var request = (await to.RequestAsync(rows.Single(r => r.TaskUuid == open.TaskUuid), CancellationToken.None)).ShouldNotBeNull();
        request.Json().ShouldBe(open.Json());
        var spent = await to.SpendAsync(new SpendQuery(), CancellationToken.None).ToListAsync();
        spent.Select(s => (s.TaskUuid, s.Cost)).ShouldBe([(ended.TaskUuid, Some.Price), (removed.TaskUuid, Some.Price)], ignoreOrder: true);
        _schema.Read("SELECT sum(charge)::bigint FROM day_spend").ShouldBe(_file.Read("SELECT SUM(charge) FROM day"));
    }

    [SkippableFact]
    public async Task Uploads_arrive_with_their_times_and_a_second_run_changes_nothing()
    {
        using var source = _file.Open();
        var target = await _schema.OpenAsync();
        var to = Connected(target);
        var (file, server) = (await SessionAsync(source), await SessionAsync(target));
        var (kept, known) = (Medium(), Medium());
        await file.UploadedAsync("KEPT", kept, DateTime.UtcNow.AddDays(-3));
        await file.UploadedAsync("KNOWN", Medium(), DateTime.UtcNow.AddDays(-3));
        await file.UploadedAsync("OLD", Medium(), DateTime.UtcNow.AddDays(-30));
        await server.UploadedAsync("KNOWN", known, DateTime.UtcNow);

        for (var run = 0; run < 2; run++)
        {
            await to.ImportAsync(source.Store, CancellationToken.None);

            var uploads = await server.UploadsAsync(CancellationToken.None);
            uploads.OrderBy(u => u.ContentHash, StringComparer.Ordinal).Select(u => (u.ContentHash, u.Medium)).ShouldBe([("KEPT", kept), ("KNOWN", known)]);
            uploads.Single(u => u.ContentHash == "KEPT").At.ShouldBe(DateTime.UtcNow.AddDays(-3), TimeSpan.FromHours(1));
            (await to.FindUploadAsync("KEPT", CancellationToken.None)).ShouldBe(kept);
        }

        static StoredMedium Medium() => new(Guid.NewGuid(), new Uri("https://im.example/a?b='; DROP TABLE upload; --"));

        static Task<IJournalSession> SessionAsync(TestJournal journal) => journal.SessionAsync(JournalScope.Of(s_settings, journal.Salt));
    }

    [SkippableFact]
    public async Task A_file_that_another_process_works_with_is_refused()
    {
        using var source = _file.Open();
        var (from, to) = (Connected(source), Connected(await _schema.OpenAsync()));
        await from.BeginAsync(Some.Task(), CancellationToken.None);

        (await Should.ThrowAsync<RunwareException>(() => to.ImportAsync(source.Store, CancellationToken.None))).Code.ShouldBe(ErrorCodes.JournalUnavailable);
        _schema.Count("task").ShouldBe(0);
    }

    private static ConnectionJournal Connected(TestJournal journal) => new(_ => Task.FromResult(journal.Store), s_settings, _ => { });
}
