using FsCheck;
using FsCheck.Fluent;
using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>Whatever happens to tasks, and in whatever order: a day has booked what a naive count of the same steps gives, and so has the ledger.</summary>
public sealed class LedgerPropertyTests
{
    private const decimal Cap = 1m;

    private static readonly DateTime s_midnight = new(2026, 3, 2, 0, 0, 0, DateTimeKind.Utc);
    private static readonly Guid[] s_ids = [.. Enumerable.Range(1, 3).Select(i => new Guid(i, 0, 0, new byte[8]))];

    [Fact]
    public async Task Days_and_ledger_are_what_a_naive_count_gives() =>
        await Task.Run(() =>
        {
            // One file for all cases, each with rows of a scope of its own: opening files is most of what a case would cost.
            using var file = new TemporaryJournal();
            TestJournal[] sessions = [file.Open(), file.Open()];
            var cases = 0;
            var steps = Arb.From(Steps().ListOf(), l => l.Select((_, i) => l.Where((_, j) => j != i).ToList()));
            Prop.ForAll(steps, s => Holds(file, sessions, new JournalScope(Rows.Mine.Endpoint, FormattableString.Invariant($"case {cases++}")), s))
                .Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithEndSize(30));
        });

    private static Gen<Step> Steps() =>
        from id in Gen.Elements(s_ids)
        from kind in Gen.Frequency((4, Gen.Constant("begin")), (2, Gen.Constant("accept")), (4, Gen.Constant("end")), (2, Gen.Constant("fail")), (1, Gen.Constant("remove")), (1, Gen.Constant("release")), (1, Gen.Constant("claim")))
        from late in Gen.Elements(true, false)
        from reserved in Gen.Elements<decimal?>(null, 0.1m, 0.4m, 0.7m)
        from capped in Gen.Elements(true, true, false)
        from costs in Gen.Elements<decimal?>(null, 0.1m, 0.05m, 0.3m).NonEmptyListOf()
        select new Step(id, kind, s_midnight.AddSeconds(late ? 1 : -1), reserved, capped, [.. costs.Take(3)]);

    private static void Holds(TemporaryJournal file, TestJournal[] sessions, JournalScope scope, IList<Step> steps)
    {
        var naive = new Naive();
        for (var i = 0; i < steps.Count; i++)
        {
            var step = steps[i];
            var journal = sessions[i % 2];
            Take(journal, scope, step, naive).GetAwaiter().GetResult();
            journal.FlushAsync().GetAwaiter().GetResult();
        }

        foreach (var day in new[] { s_midnight.AddDays(-1), s_midnight })
        {
            var sql = FormattableString.Invariant($"SELECT charge FROM day JOIN scope ON scope.n = day.scope WHERE account = '{scope.Account}' AND day = {(day - DateTime.UnixEpoch).Days}");
            ((long?)file.Read(sql) ?? 0).ShouldBe((long)(naive.Booked(day) * 1_000_000_000), string.Join('\n', steps));
        }

        var ledger = sessions[0].SpendAsync(scope, null, null).GetAwaiter().GetResult();
        ledger.Select(s => (s.TaskUuid, s.At.Date, s.Cost)).Order().ShouldBe(naive.Charged().Order(), string.Join('\n', steps));
    }

    private static async Task Take(TestJournal journal, JournalScope scope, Step step, Naive naive)
    {
        switch (step.Kind)
        {
            case "begin":
                var outcome = await journal.BeginAsync(scope, Rows.Task(step.Id, step.Reserved, step.At), Rows.NoPictures, step.Capped ? Cap : null);
                (outcome switch
                {
                    BeginOutcome.Booked => "booked",
                    BeginOutcome.OverBudget => "over",
                    BeginOutcome.DifferentRequest => "different",
                    _ => "exists",
                }).ShouldBe(naive.Begin(step), step.ToString());
                break;
            case "accept":
                await journal.AcceptedAsync(scope, step.Id, isWaitedFor: true);
                break;
            case "end":
                RunwareImage[] images = [.. step.Costs.Select((cost, i) => Rows.Image(Rows.Task(step.Id), i, cost))];
                await journal.EndedAsync(scope, step.Id, RunwareTaskStatus.Succeeded, images, [], DateTime.UtcNow);
                naive.End(step);
                break;
            case "fail":
                await journal.EndedAsync(scope, step.Id, RunwareTaskStatus.Failed, [], [new RunwareFailure { Code = "x" }], step.At);
                naive.Fail(step);
                break;
            case "remove":
                await journal.RemoveAsync(scope, [step.Id]);
                naive.Remove(step);
                break;
            case "release":
                await journal.ReleasedAsync(scope, step.Id);
                break;
            default:
                await journal.ClaimAsync(scope, step.Id);
                break;
        }
    }

    private sealed record Step(Guid Id, string Kind, DateTime At, decimal? Reserved, bool Capped, decimal?[] Costs)
    {
        public override string ToString() => FormattableString.Invariant($"{Kind} {Id.ToString()[7]} {At:dd} {Reserved} {Capped} [{string.Join(' ', Costs)}]");
    }

    /// <summary>The same in memory, without a thought for speed.</summary>
    private sealed class Naive
    {
        private readonly List<Life> _lives = [];

        public string Begin(Step step)
        {
            if (Open(step) is { HasFailed: false })
            {
                return "exists";
            }

            Remove(step);
            if (step.Capped && Booked(step.At) + (step.Reserved ?? 0) > Cap)
            {
                return "over";
            }

            _lives.Add(new Life { Id = step.Id, Day = step.At.Date, Reserved = step.Reserved });
            return "booked";
        }

        public void End(Step step)
        {
            // Fewer images than were told before, or a cost left out this time, take nothing back of what was charged.
            if (Open(step) is { } life && step.Costs.Length >= life.Pictures)
            {
                decimal? cost = Array.TrueForAll(step.Costs, c => c is not null) ? step.Costs.Sum() : null;
                life.Cost = step.Costs.Length > life.Pictures ? cost : cost ?? life.Cost;
                life.Pictures = step.Costs.Length;
                life.HasFailed = false;
            }
        }

        public void Fail(Step step)
        {
            if (Open(step) is { Pictures: 0 } life)
            {
                life.HasFailed = true;
            }
        }

        public void Remove(Step step)
        {
            if (Open(step) is { } life)
            {
                life.IsRemoved = true;
            }
        }

        public decimal Booked(DateTime at) => _lives.Where(l => l.Day == at.Date).Sum(l => l.Pictures > 0 ? l.Cost ?? l.Reserved ?? 0 : l.HasFailed ? 0 : l.Reserved ?? 0);

        /// <summary>An id is bought once: found again after its row was removed, it is the same purchase.</summary>
        public IEnumerable<(Guid Id, DateTime Day, decimal? Cost)> Charged() =>
            _lives.Where(l => l.Pictures > 0).GroupBy(l => l.Id).Select(g => (g.Key, g.Min(l => l.Day), g.Max(l => l.Cost)));

        private Life? Open(Step step) => _lives.Find(l => l.Id == step.Id && !l.IsRemoved);

        private sealed class Life
        {
            public required Guid Id { get; init; }

            public required DateTime Day { get; init; }

            public required decimal? Reserved { get; init; }

            public int Pictures { get; set; }

            public decimal? Cost { get; set; }

            public bool HasFailed { get; set; }

            public bool IsRemoved { get; set; }
        }
    }
}
