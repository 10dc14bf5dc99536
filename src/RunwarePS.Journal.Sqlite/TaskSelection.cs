using System.Text;
using System.Text.Json;

namespace RunwarePS.Journal.Sqlite;

/// <summary>
/// The numbers of the tasks that a query selects, in pages, each by an index: a page costs what it returns, however many rows there are.
/// </summary>
internal sealed class TaskSelection
{
    private const int MostBranches = 20;

    private readonly List<(string Name, object? Value)> _parameters;
    private readonly string[] _branches;
    private readonly string _conditions;
    private readonly bool _isNewestFirst;
    private readonly bool _isById;

    public TaskSelection(long scope, TaskQuery query)
    {
        _parameters = [("scope", scope)];
        _isNewestFirst = query.Newest is not null;
        _isById = query.TaskUuids is not null || query.IdBeginning is { Length: > 0 };
        var sql = new StringBuilder();
        if (query.TaskUuids is { } ids)
        {
            Where("uuid IN (SELECT value FROM json_each($ids))", "ids", Json(ids.Select(Sql.Id)));
        }

        if (query.IdBeginning is { Length: > 0 } beginning)
        {
            Where("uuid >= $from AND uuid < $from || 'z'", "from", beginning);
        }

        if (query.Statuses is { } statuses)
        {
            Where("status IN (SELECT value FROM json_each($statuses))", "statuses", Json(statuses));
        }

        if (query.Since is { } since)
        {
            Where("submitted >= $since", "since", Sql.Time(since));
        }

        if (query.Until is { } until)
        {
            Where("submitted < $until", "until", Sql.Time(until));
        }

        if (query.IsPending)
        {
            sql.Append(" AND completed IS NULL");
        }

        if (query.IsSettled)
        {
            sql.Append(" AND completed IS NOT NULL AND unsaved = 0");
        }

        if (query.OpenSince is { } open)
        {
            _parameters.Add(("open", Sql.Time(open)));
        }

        // Several branches instead of an OR, so that each is read in order from an index of its own.
        string[] states = query.OpenSince is null ? [""] : [" AND completed IS NULL", " AND unsaved > 0 AND completed > $open"];
        _branches = [.. from tag in TagConditions(query.Tags) from state in states select tag + state];
        _conditions = sql.ToString();

        void Where(string condition, string name, object value)
        {
            sql.Append(" AND ").Append(condition);
            _parameters.Add((name, value));
        }
    }

    // For many tags, all rows are read: they make up a large part of them.
    private IEnumerable<string> TagConditions(IReadOnlyCollection<string>? tags)
    {
        if (tags is null)
        {
            return [""];
        }

        if (tags.Count is 0 or > MostBranches)
        {
            _parameters.Add(("tags", Json(tags)));
            return [" AND tag IN (SELECT value FROM json_each($tags))"];
        }

        return tags.Distinct(StringComparer.Ordinal).Select((tag, i) =>
        {
            _parameters.Add(($"tag{i}", tag));
            return $" AND tag = $tag{i}";
        }).ToArray();
    }

    /// <summary>The next rows after one, in order.</summary>
    public List<RowPosition> Numbers(Database db, RowPosition? after, int most)
    {
        var parameters = new List<(string, object?)>(_parameters) { ("most", most) };
        if (after is not null)
        {
            parameters.AddRange([("at", after.Submitted), ("n", after.Number)]);
        }

        return db.Query(Statement(after is not null), row => new RowPosition(row.GetInt64(0), row.GetInt64(1)), [.. parameters]);
    }

    /// <summary>The statement that selects a page.</summary>
    internal string Statement(bool isContinued)
    {
        var (compare, direction) = _isNewestFirst ? ("<", "DESC") : (">", "ASC");

        // The plus keeps SQLite from reading all rows in order to find a few by their IDs.
        var plus = _isById && _branches.Length == 1 ? "+" : "";
        var position = isContinued ? $" AND ({plus}submitted, n) {compare} ($at, $n)" : "";
        return string.Join(" UNION ALL ", _branches.Select(
                branch => $"SELECT n, submitted FROM task WHERE scope = $scope{_conditions}{branch}{position}"))
            + $" ORDER BY {plus}submitted {direction}, {plus}n {direction} LIMIT $most";
    }

    private static string Json(IEnumerable<string> values) => JsonSerializer.Serialize([.. values], RowJson.Default.StringArray);
}

/// <summary>Where a row is in the order of all rows.</summary>
internal sealed record RowPosition(long Number, long Submitted);
