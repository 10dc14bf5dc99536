using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>What a query selects, in which order, and how it streams.</summary>
public sealed class JournalQueryTests : IDisposable
{
    private readonly TemporaryJournal _file = new();
    private readonly TestJournal _journal;

    public JournalQueryTests() => _journal = _file.Open();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Many_tasks_stream_oldest_first_each_once_with_its_images()
    {
        var first = DateTime.UtcNow;
        var tasks = Enumerable.Range(0, 2500).Select(i => Rows.Task(at: first.AddSeconds(-i))).ToArray();
        await Task.WhenAll(tasks.Select(t => _journal.BegunAsync(t)));
        _ = _journal.EndedAsync(tasks[0], Rows.Image(tasks[0]));

        var rows = await _journal.ListAsync(Rows.Mine, null);

        rows.Select(r => r.TaskUuid).ShouldBe(tasks.Reverse().Select(t => t.TaskUuid));
        rows[^1].Images.ShouldHaveSingleItem().ImageUuid.ShouldBe(Rows.Image(tasks[0]).ImageUuid);
    }

    [Fact]
    public async Task What_is_removed_while_a_query_streams_is_left_out()
    {
        var tasks = Enumerable.Range(0, 1001).Select(i => Rows.Task(at: DateTime.UtcNow.AddSeconds(i))).ToArray();
        await Task.WhenAll(tasks.Select(t => _journal.BegunAsync(t)));
        var seen = new List<Guid>();

        await foreach (var row in _journal.QueryAsync(Rows.Mine, TaskQuery.All, CancellationToken.None))
        {
            seen.Add(row.TaskUuid);
            if (seen.Count == 1)
            {
                await _journal.RemoveAsync(Rows.Mine, [tasks[^1].TaskUuid]);
            }
        }

        seen.ShouldBe(tasks[..^1].Select(t => t.TaskUuid));
    }

    [Fact]
    public async Task Tasks_are_selected_by_tag_and_by_whether_they_have_ended()
    {
        var day = await _journal.BegunAsync(Rows.Task(tag: "day"));
        var night = await _journal.BegunAsync(Rows.Task(tag: "night"));
        var ended = await _journal.BegunAsync(Rows.Task(tag: "night"));
        var untagged = await _journal.BegunAsync();
        await _journal.EndedAsync(ended, Rows.Image(ended));

        (await Ids(new TaskQuery { Tags = ["night"] })).ShouldBe([night.TaskUuid, ended.TaskUuid], ignoreOrder: true);
        (await Ids(new TaskQuery { Tags = ["night"], IsPending = true })).ShouldBe([night.TaskUuid]);
        (await Ids(new TaskQuery { Tags = [] })).ShouldBeEmpty();
        (await Ids(new TaskQuery { IsPending = true })).ShouldBe([day.TaskUuid, night.TaskUuid, untagged.TaskUuid], ignoreOrder: true);
        (await _journal.TagsAsync(Rows.Mine, most: null, CancellationToken.None)).Select(t => t.Tag).ShouldBe(["day", "night"], ignoreOrder: true);
    }

    [Fact]
    public async Task Open_is_what_has_not_ended_or_ended_lately_and_is_not_saved()
    {
        var now = DateTime.UtcNow;
        var pending = await _journal.BegunAsync();
        var (saved, unsaved, old) = (await EndedAsync(now), await EndedAsync(now), await EndedAsync(now.AddDays(-8)));
        await _journal.SavedAsync(Rows.Mine, Rows.Image(saved), "/pictures/fox.png");

        (await Ids(new TaskQuery { OpenSince = now.AddDays(-7) })).ShouldBe([pending.TaskUuid, unsaved.TaskUuid], ignoreOrder: true);
        (await Ids(TaskQuery.All)).ShouldContain(old.TaskUuid);
    }

    [Fact]
    public async Task The_newest_come_first_and_ids_can_be_searched_by_their_beginning()
    {
        var tasks = new List<JournalTask>();
        for (var i = 0; i < 5; i++)
        {
            tasks.Add(await _journal.BegunAsync(Rows.Task(new Guid(i % 2 == 0 ? 0xA0000000 : 0xB0000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)i))));
        }

        (await Ids(new TaskQuery { Newest = 2 })).ShouldBe([tasks[4].TaskUuid, tasks[3].TaskUuid]);
        (await Ids(new TaskQuery { Newest = 2, IdBeginning = "a" })).ShouldBe([tasks[4].TaskUuid, tasks[2].TaskUuid]);
        (await Ids(new TaskQuery { IdBeginning = "c" })).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(30)]
    public async Task Tags_statuses_times_and_what_is_settled_select_together(int tags)
    {
        var first = new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);
        var all = Enumerable.Range(0, tags * 4).Select(i => Rows.Task(tag: $"tag {i % tags}", at: first.AddMinutes(i))).ToArray();
        foreach (var (task, i) in all.Select((t, i) => (t, i)))
        {
            await _journal.BegunAsync(task);
            if (i % 2 == 0)
            {
                await _journal.EndedAsync(task, Rows.Image(task));
            }

            if (i % 4 == 0)
            {
                await _journal.SavedAsync(Rows.Mine, Rows.Image(task), "/pictures/fox.png");
            }
        }

        string[] wanted = [.. Enumerable.Range(0, tags).Select(i => $"tag {i}")];
        await SelectsAsync(new TaskQuery { Tags = wanted }, _ => true);
        await SelectsAsync(new TaskQuery { Tags = wanted[..1] }, i => i % tags == 0);
        await SelectsAsync(new TaskQuery { Tags = wanted, Statuses = ["Succeeded"] }, i => i % 2 == 0);
        await SelectsAsync(new TaskQuery { Tags = wanted, IsSettled = true }, i => i % 4 == 0);
        await SelectsAsync(new TaskQuery { IsSettled = true, Until = first.AddMinutes(4) }, i => i % 4 == 0 && i < 4);
        await SelectsAsync(new TaskQuery { Since = first.AddMinutes(2), Until = first.AddMinutes(3) }, i => i == 2);
        await SelectsAsync(new TaskQuery { Tags = wanted, OpenSince = DateTime.UtcNow.AddDays(-1) }, i => i % 4 != 0);
        await SelectsAsync(new TaskQuery { Statuses = [] }, _ => false);

        async Task SelectsAsync(TaskQuery query, Func<int, bool> where) =>
            (await Ids(query)).ShouldBe(all.Where((_, i) => where(i)).Select(t => t.TaskUuid));
    }

    [Fact]
    public async Task Removal_takes_what_a_query_selects_in_batches_and_gives_space_back()
    {
        var text = new string('x', 2000);
        var tasks = Enumerable.Range(0, 600).Select(i => Rows.Task(tag: i < 500 ? "old " + text : "new")).ToArray();
        await Task.WhenAll(tasks.Select(t => _journal.BegunAsync(t)));
        await Task.WhenAll(tasks.Select(t => _journal.EndedAsync(Rows.Mine, t.TaskUuid, RunwareTaskStatus.Failed, [], [], DateTime.UtcNow)));
        var session = await _journal.SessionAsync(Rows.Mine);
        var query = new TaskQuery { Tags = ["old " + text], IsSettled = true };
        var pages = (long)_file.Read("PRAGMA page_count")!;

        (await session.RemoveAsync(query, 400, CancellationToken.None)).ShouldBe(400);
        (await session.RemoveAsync(query, 400, CancellationToken.None)).ShouldBe(100);
        (await session.RemoveAsync(query, 400, CancellationToken.None)).ShouldBe(0);

        (await _journal.ListAsync(Rows.Mine, null)).Count.ShouldBe(100);
        ((long)_file.Read("PRAGMA page_count")!).ShouldBeLessThan(pages / 2);
        _file.Read("PRAGMA freelist_count").ShouldBe(0L);
    }

    [Theory]
    [InlineData("all", "task_time")]
    [InlineData("newest", "task_time")]
    [InlineData("id", "sqlite_autoindex_task_1")]
    [InlineData("beginning", "sqlite_autoindex_task_1")]
    [InlineData("pending", "task_pending")]
    [InlineData("open", "task_unsaved")]
    [InlineData("tag", "task_tag")]
    [InlineData("tags", "task_tag")]
    public void A_page_is_read_from_the_index_that_fits(string query, string index)
    {
        var selection = new RunwarePS.Journal.Sqlite.TaskSelection(1, query switch
        {
            "newest" => new TaskQuery { Newest = 10 },
            "id" => new TaskQuery { TaskUuids = [Guid.NewGuid()] },
            "beginning" => new TaskQuery { IdBeginning = "a", Newest = 10 },
            "pending" => new TaskQuery { IsPending = true },
            "open" => new TaskQuery { OpenSince = DateTime.UtcNow },
            "tag" => new TaskQuery { Tags = ["a"] },
            "tags" => new TaskQuery { Tags = ["a", "b"], Newest = 10 },
            _ => TaskQuery.All,
        });

        foreach (var isContinued in new[] { false, true })
        {
            var plan = _file.ReadAll("EXPLAIN QUERY PLAN " + selection.Statement(isContinued));

            plan.ShouldContain($"INDEX {index} (", Case.Sensitive);
            plan.ShouldNotContain("SCAN task", Case.Sensitive);
        }
    }

    [Fact]
    public async Task The_ledger_is_selected_by_tag()
    {
        var (day, night) = (await _journal.BegunAsync(Rows.Task(tag: "day")), await _journal.BegunAsync(Rows.Task(tag: "night")));
        await _journal.EndedAsync(day, Rows.Image(day));
        await _journal.EndedAsync(night, Rows.Image(night));
        await _journal.RemoveAsync(Rows.Mine, [night.TaskUuid]);

        var spent = _journal.SpendAsync(Rows.Mine, new SpendQuery(Tags: ["night"]), CancellationToken.None);

        (await spent.ToListAsync()).ShouldHaveSingleItem().TaskUuid.ShouldBe(night.TaskUuid);
    }

    [Fact]
    public async Task A_reader_makes_no_file_and_changes_none()
    {
        var task = await _journal.BegunAsync();
        var provider = new RunwarePS.Journal.Sqlite.SqliteJournalProvider();
        var absent = Path.Combine(_file.Folder, "absent.db");

        provider.OpenForReading(new FileAddress(absent)).ShouldBeNull();
        using var reader = provider.OpenForReading(new FileAddress(_file.Path)).ShouldNotBeNull();

        File.Exists(absent).ShouldBeFalse();
        reader.Salt.ShouldBe(_journal.Salt);
        var rows = (await reader.ReadAsync(Rows.Mine, CancellationToken.None)).ShouldNotBeNull();
        (await rows.QueryAsync(TaskQuery.All, CancellationToken.None).ToListAsync()).ShouldHaveSingleItem().TaskUuid.ShouldBe(task.TaskUuid);
    }

    private async Task<JournalTask> EndedAsync(DateTime at)
    {
        var task = await _journal.BegunAsync();
        await _journal.EndedAsync(Rows.Mine, task.TaskUuid, RunwareTaskStatus.Succeeded, [Rows.Image(task)], [], at);
        return task;
    }

    private async Task<IEnumerable<Guid>> Ids(TaskQuery query) =>
        (await _journal.QueryAsync(Rows.Mine, query, CancellationToken.None).ToListAsync()).Select(r => r.TaskUuid);
}
