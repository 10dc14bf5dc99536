using System.Text.Json;

namespace RunwarePS.Bench.Children;

/// <summary>What a contender is told to do; one line of JSON.</summary>
internal sealed record Job(string Name)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public int Count { get; init; } = 1;

    public int Throttle { get; init; } = 1;

    public string? Endpoint { get; init; }

    /// <summary>The journal's file; null for none, which only the core can do.</summary>
    public string? Journal { get; init; }

    public string? Folder { get; init; }
}

/// <summary>What it says of it; one line of JSON.</summary>
/// <param name="Ms">What the work took, by its own stopwatch.</param>
/// <param name="Made">How many pictures came of it.</param>
internal sealed record JobResult(double Ms, int Made)
{
    /// <summary>When it was done, in milliseconds since 1970.</summary>
    public double EndedAt { get; init; }

    /// <summary>The working set before it.</summary>
    public long WorkingSet { get; init; }

    /// <summary>The highest working set of the process so far.</summary>
    public long Peak { get; init; }

    /// <summary>Further numbers, of jobs that measure more than a time.</summary>
    public double[] Detail { get; init; } = [];

    public string? Error { get; init; }
}
