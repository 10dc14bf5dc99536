namespace RunwarePS.Bench.Rows;

/// <summary>What a row is about; the report has a table for each.</summary>
internal enum RowGroup
{
    /// <summary>What people do, and what they would use instead.</summary>
    People,

    /// <summary>What becomes slower or larger as tasks, journals and processes become more.</summary>
    Growth,

    /// <summary>What a call consists of. References that keep no record have no bar.</summary>
    Anatomy,
}

/// <summary>One row of the table: a name, what is measured, and how.</summary>
internal abstract class Row(string name, RowGroup group)
{
    public string Name => name;

    public RowGroup Group => group;

    /// <summary>What was measured, in one line for people.</summary>
    public abstract string Measured(Options options);

    /// <summary>Measures. A row that cannot says why.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(Arena arena)
    {
        try
        {
            return await MeasureAsync(arena);
        }
        catch (Exception e)
        {
            return [new Finding(Name, "", Ours: null, Against: "", Reference: null, Bar: null, e.Message)];
        }
    }

    protected abstract Task<IReadOnlyList<Finding>> MeasureAsync(Arena arena);

    /// <summary>A line of two medians.</summary>
    protected Finding Compare(string unit, Series ours, Series reference, Bar? bar, int place = 0) =>
        new($"{Name}: {ours.Name}", unit, ours.Median(place), reference.Name, reference.Median(place), bar, ours.Trouble ?? reference.Trouble)
        {
            Spread = Max(ours.Spread(place), reference.Spread(place)),
        };

    protected static double? Max(double? one, double? other) => one > other ? one : other ?? one;

    /// <summary>A line of a median beside a number that the bar names.</summary>
    protected Finding Compare(string what, string unit, Series ours, int place, string against, double reference, Bar? bar) =>
        new($"{Name}: {what}", unit, ours.Median(place), against, reference, bar, ours.Trouble) { Spread = ours.Spread(place) };
}
