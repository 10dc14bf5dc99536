using RunwarePS.Bench;
using RunwarePS.Bench.Ours;
using RunwarePS.Bench.Peers;
using RunwarePS.Bench.Rows;

// The same program is the bench, its server and those contenders that are written in C#.
if (args is [ServerProcess.Argument])
{
    return BenchServer.RunAsync().GetAwaiter().GetResult();
}

if (args is [Arena.CoreArgument or Arena.RawArgument or Arena.OpenAiArgument, var port])
{
    return JobLoop.Run(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), args[0] switch
    {
        Arena.CoreArgument => new CoreJobs(),
        Arena.RawArgument => new RawHttpJobs(),
        _ => new OpenAiJobs(),
    });
}

if (Options.Parse(args) is not { } options)
{
    Console.Error.WriteLine(Options.Usage);
    return 2;
}

// The long ones come last: what was measured is kept if the run is stopped.
Row[] rows =
[
    new ColdRunRow(), new ImportRow(), new WarmCallRow(), new TenThousandRow(), new JournalRow(), new HundredRow(), new AsyncRow(), new WebhookRow(),
    new FirstAsyncRow(), new StreamRow(), new FleetRow("SQLite", arena => new FileJournal(arena)),
    new FleetRow("PostgreSQL", arena => new PostgreSqlJournal(arena)), new CsvRow(), new DownloadRow(), new Base64Row(), new VideoRow(),
    new LargeDownloadRow(), new JournalSizeRow(), new GrowthRow(),
];
var chosen = rows.Where(r => options.Row is null || r.Name.Contains(options.Row, StringComparison.OrdinalIgnoreCase)).ToArray();
return RunAsync().GetAwaiter().GetResult();

async Task<int> RunAsync()
{
    var results = new List<(Row Row, IReadOnlyList<Finding> Findings)>();
    using (var arena = await Arena.OpenAsync(options))
    {
        foreach (var row in chosen)
        {
            Console.Error.WriteLine($"{row.Name} …");
            results.Add((row, await row.RunAsync(arena)));
            if (options.IsWhole) // a part of the table must not take the place of the whole
            {
                Report().Write(Path.Combine(Self.Metadata("RepositoryRoot"), "bench"));
            }
        }
    }

    Console.WriteLine(Report().Repetitions);
    Console.WriteLine(Report().Tables());
    Console.Write($"Missed bars:\n{Report().Misses()}");
    return 0;

    Report Report() => new(options, results, [.. chosen.Skip(results.Count).Select(row => row.Name)]);
}
