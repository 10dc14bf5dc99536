namespace RunwarePS.Bench.Rows;

/// <summary>Someone who takes part in a row, and how a repetition is read: one number or several.</summary>
internal sealed record Entrant(string Name, Func<Task<double[]>> Measure)
{
    public Entrant(string name, Func<Task<double>> measure)
        : this(name, async () => [await measure()])
    {
    }
}

/// <summary>What an entrant's repetitions gave.</summary>
internal sealed class Series(string name)
{
    private readonly List<double[]> _readings = [];

    public string Name => name;

    /// <summary>Why it dropped out.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The median of the readings at a place; null where the entrant dropped out.</summary>
    public double? Median(int place = 0)
    {
        if (Trouble is not null)
        {
            return null;
        }

        var sorted = _readings.Select(r => r[place]).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>How far apart the repetitions lie: largest less smallest, as a share of the median.</summary>
    public double? Spread(int place = 0) =>
        Median(place) is { } median and not 0 ? (_readings.Max(r => r[place]) - _readings.Min(r => r[place])) / Math.Abs(median) : null;

    /// <summary>Has all take turns, so that the noise of the machine hits everyone. The first rounds may warm up and not count.</summary>
    public static async Task<IReadOnlyList<Series>> RunAsync(int repetitions, int warmUps, params Entrant[] entrants)
    {
        var all = entrants.Select(e => (Entrant: e, Series: new Series(e.Name))).ToArray();
        for (var round = -warmUps; round < repetitions; round++)
        {
            // In changing order, so that no tool always runs after the same one.
            foreach (var (entrant, series) in round % 2 == 0 ? all : all.Reverse())
            {
                await series.AddAsync(entrant, counts: round >= 0);
            }
        }

        return [.. all.Select(a => a.Series)];
    }

    /// <summary>Readings that something else took.</summary>
    public static Series Of(string name, IEnumerable<double[]> readings)
    {
        var series = new Series(name);
        series._readings.AddRange(readings);
        return series;
    }

    private async Task AddAsync(Entrant entrant, bool counts)
    {
        if (Trouble is not null)
        {
            return;
        }

        try
        {
            var reading = await entrant.Measure();
            if (counts)
            {
                _readings.Add(reading);
            }
        }
        catch (Exception e)
        {
            Trouble = e.Message; // one that fails costs its own line and no other
        }
    }
}
