namespace RunwarePS.Journal;

/// <summary>Money as journals keep it: in billionths of a dollar, which databases add and compare without rounding.</summary>
internal static class StoredMoney
{
    private const decimal Billionth = 1_000_000_000m;

    public static long? Of(decimal? usd) => usd is { } value ? (long)decimal.Round(value * Billionth) : null;

    public static decimal ToUsd(long billionths) => billionths / Billionth;

    public static decimal? ToUsd(long? billionths) => billionths / Billionth;
}
