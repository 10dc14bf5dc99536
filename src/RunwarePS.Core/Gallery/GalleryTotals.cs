using System.Globalization;

namespace RunwarePS.Gallery;

/// <summary>What a gallery adds up. A cost that is not known is counted as such, never as 0.</summary>
internal sealed class GalleryTotals
{
    private readonly HashSet<Guid> _tasks = [];

    public int Results { get; private set; }

    public int Failures { get; private set; }

    public int Waiting { get; private set; }

    /// <summary>All cards.</summary>
    public int Count => Results + Failures + Waiting;

    public int Tasks => _tasks.Count;

    /// <summary>The sum of the known costs, in USD; null where none is known.</summary>
    public decimal? Cost { get; private set; }

    /// <summary>The number of results whose cost is unknown.</summary>
    public int UnknownCosts { get; private set; }

    public void Add(GalleryEntry entry)
    {
        if (entry.Metadata.TaskUuid is { } task)
        {
            _tasks.Add(task);
        }

        switch (entry.State)
        {
            case GalleryState.Result:
                Results++;
                AddCost(entry.Metadata);
                break;
            case GalleryState.Failure:
                Failures++;
                break;
            default:
                Waiting++;
                break;
        }
    }

    /// <summary>An amount as text; "unknown" if it isn't known.</summary>
    public static string Money(decimal? usd) =>
        usd is { } amount ? string.Create(CultureInfo.InvariantCulture, $"${amount:0.00####}") : "unknown";

    private void AddCost(GenerationMetadata metadata)
    {
        if (metadata.Cost is { } cost)
        {
            Cost = (Cost ?? 0) + cost;
        }
        else
        {
            UnknownCosts++;
        }
    }
}
