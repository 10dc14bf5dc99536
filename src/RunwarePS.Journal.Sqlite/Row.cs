using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal.Sqlite;

/// <summary>Rows of the file as objects.</summary>
internal static class Row
{
    public static JournalTask Task(SqliteDataReader row) => new()
    {
        TaskUuid = row.Guid("uuid"),
        Status = row.Text("status")!,
        TaskType = row.Text("type"),
        Metadata = RowJson.Read(row.Text("metadata")!, GenerationMetadata.FromJson),
        Expected = (int)row.Number("expected")!,
        OutputCount = (int)row.Number("outputs")!,
        Cost = row.Money("cost"),
        Reserved = row.Money("reserved"),
        SubmittedAt = row.Time("submitted")!.Value,
        CompletedAt = row.Time("completed"),
        IsOwned = Owner.IsAlive(row.Text("owner"), row.Time("lease")!.Value),
    };

    public static RunwareOutput Output(SqliteDataReader row)
    {
        var output = JournalOutput.Create(row.Text("kind")!, row.Text("data")!);
        output.Cost = row.Money("cost");
        output.Index = (int)row.Number("position")!;
        output.CreatedAt = row.Time("created")!.Value;
        if (output is RunwareMedia media)
        {
            media.Uuid = row.Guid("uuid");
            media.Url = Uri.TryCreate(row.Text("url"), UriKind.Absolute, out var url) ? url : null;
            media.Path = row.Text("path");
        }

        return output;
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
        TaskUuid = row.Guid("uuid"),
        At = row.Time("submitted")!.Value,
        Model = row.Text("model"),
        Tag = row.Text("tag"),
        Count = (int)row.Number("outputs")!,
        Cost = row.Money("cost"),
        Reserved = row.Money("reserved"),
    };
}
