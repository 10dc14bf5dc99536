using System.Text.Json;
using Npgsql;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>Rows of the database as objects.</summary>
internal static class Row
{
    public static TaskRow Task(NpgsqlDataReader row)
    {
        using var metadata = JsonDocument.Parse(row.GetString(4), Json.Options);
        var task = new JournalTask
        {
            TaskUuid = row.GetGuid(1),
            Status = row.GetString(2),
            TaskType = Text(row, 3),
            Metadata = GenerationMetadata.FromJson(metadata.RootElement),
            Expected = row.GetInt32(5),
            OutputCount = row.GetInt32(6),
            Cost = Money(row, 7),
            SubmittedAt = row.GetDateTime(8),
            CompletedAt = row.IsDBNull(9) ? null : row.GetDateTime(9),
            IsOwned = Text(row, 10) is { } owner && !HasEnded(owner),
        };
        task.Failures.AddRange(Elements(row, 11).Select(Failure));
        foreach (var output in Elements(row, 12).Select(Output))
        {
            output.TaskUuid = task.TaskUuid;
            task.Metadata.ApplyTo(output);
            task.Outputs.Add(output);
        }

        return new TaskRow(row.GetInt64(0), task);
    }

    public static RunwareSpend Spend(NpgsqlDataReader row) => new()
    {
        TaskUuid = row.GetGuid(0),
        At = row.GetDateTime(1),
        Model = Text(row, 2),
        Tag = Text(row, 3),
        Machine = DisplayText.Line(Text(row, 4)), // of any machine: not trusted to be a name
        Count = row.GetInt32(5),
        Reserved = Money(row, 6),
        Cost = Money(row, 7),
    };

    /// <summary>Whether an owner is known to have ended. Without the ID of the boot, two machines may have the same name.</summary>
    public static bool HasEnded(string owner) => OperatingSystem.IsLinux() && Owner.HasEnded(owner);

    private static RunwareOutput Output(JsonElement columns)
    {
        var output = JournalOutput.Create(columns[1].GetString()!, columns[7].GetRawText());
        output.Cost = StoredMoney.ToUsd(columns[4].ValueKind == JsonValueKind.Null ? null : columns[4].GetInt64());
        output.Index = columns[0].GetInt32();
        output.CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(columns[5].GetInt64()).UtcDateTime;
        if (output is RunwareMedia media)
        {
            media.Uuid = columns[2].ValueKind == JsonValueKind.Null ? Guid.Empty : columns[2].GetGuid();
            media.Url = Uri.TryCreate(columns[3].GetString(), UriKind.Absolute, out var url) ? url : null;
            media.Path = columns[6].GetString();
        }

        return output;
    }

    private static RunwareFailure Failure(JsonElement json)
    {
        var failure = new RunwareFailure
        {
            Code = json.GetProperty("code").GetString(),
            Category = json.GetProperty("category").GetString(),
            Message = json.GetProperty("message").GetString(),
            Parameter = json.GetProperty("parameter").GetString(),
        };
        FailureDetails.ApplyTo(failure, json.GetProperty("details").GetString());
        return failure;
    }

    private static List<JsonElement> Elements(NpgsqlDataReader row, int column)
    {
        if (row.IsDBNull(column))
        {
            return [];
        }

        using var array = JsonDocument.Parse(row.GetString(column), Json.Options);
        return [.. array.RootElement.EnumerateArray().Select(e => e.Clone())];
    }

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static decimal? Money(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : StoredMoney.ToUsd(row.GetInt64(column));
}

/// <param name="Number">The position of the task in the journal.</param>
/// <param name="Task">The task.</param>
internal sealed record TaskRow(long Number, JournalTask Task);
