using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>Rows of the file as objects.</summary>
internal static class Row
{
    public static JournalTask Task(SqliteDataReader row) => new()
    {
        TaskUuid = Sql.TaskUuid(row.Text("id")!),
        Status = row.Text("status")!,
        TaskType = row.Text("type"),
        Metadata = RowJson.Read(row.Text("metadata")!, GenerationMetadata.FromJson),
        Expected = (int)row.Number("expected")!,
        OutputCount = (int)row.Number("images")!,
        Cost = row.Money("cost"),
        SubmittedAt = row.Time("submitted")!.Value,
        CompletedAt = row.Time("completed"),
        IsOwned = Owner.IsAlive(row.Text("owner"), row.Time("lease")!.Value),
    };

    public static RunwareImage Image(SqliteDataReader row)
    {
        var data = JsonSerializer.Deserialize(row.Text("data")!, RowJson.Default.OutputData)!;
        return new RunwareImage
        {
            ImageUuid = row.Guid("uuid"),
            ImageUrl = Uri.TryCreate(row.Text("url"), UriKind.Absolute, out var url) ? url : null,
            Cost = row.Money("cost"),
            Seed = data.Seed,
            NsfwContent = data.NsfwContent,
            Index = (int)row.Number("position")!,
            CreatedAt = row.Time("created")!.Value,
            Path = row.Text("path"),
        };
    }

    public static RunwareFailure Failure(SqliteDataReader row)
    {
        var failure = new RunwareFailure
        {
            Code = row.Text("code"),
            Category = row.Text("category"),
            Message = row.Text("message"),
            Parameter = row.Text("parameter"),
        };
        FailureDetails.ApplyTo(failure, row.Text("details"));
        return failure;
    }

    public static RunwareSpend Spend(SqliteDataReader row) => new()
    {
        TaskUuid = Sql.TaskUuid(row.Text("id")!),
        At = row.Time("submitted")!.Value,
        Model = row.Text("model"),
        Tag = row.Text("tag"),
        Count = (int)row.Number("images")!,
        Cost = row.Money("cost"),
        Reserved = row.Money("reserved"),
    };
}
