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

Row[] rows =
[
    new ColdRunRow(), new ImportRow(), new HundredRow(), new CsvRow(), new AsyncRow(), new WebhookRow(), new FirstAsyncRow(), new DownloadRow(), new LargeDownloadRow(),
    new Base64Row(), new VideoRow(), new StreamRow(),
    new GrowthRow(), new JournalSizeRow(), new FleetRow("SQLite", arena => new FileJournal(arena)), new FleetRow("PostgreSQL", arena => new PostgreSqlJournal(arena)),
    new WarmCallRow(), new TenThousandRow(), new JournalRow(),
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
        }
    }

    var report = new Report(options, results);
    Console.WriteLine(report.Repetitions);
    Console.WriteLine(report.Tables());
    Console.Write($"Missed bars:\n{report.Misses()}");
    if (options.Row is not null)
    {
        return 0; // a part of the table must not take the place of the whole
    }

    report.Write(Path.Combine(Self.Metadata("RepositoryRoot"), "bench"));
    return 0;
}
