using Microsoft.Data.Sqlite;

namespace RunwarePS.Journal;

/// <summary>Rows of the file as objects.</summary>
internal static class Row
{
    public static JournalTask Task(SqliteDataReader row) => new()
    {
        TaskUuid = Sql.TaskUuid(row.Text("id")!),
        Status = row.Text("status")!,
        TaskType = row.Text("type"),
        Facts = new ImageFacts
        {
            Model = row.Text("model"),
            Prompt = row.Text("prompt"),
            Tag = row.Text("tag"),
            Width = (int?)row.Number("width"),
            Height = (int?)row.Number("height"),
            OutputFormat = row.Text("format"),
            Quality = row.Text("quality"),
            Background = row.Text("background"),
            InputIndex = (int?)row.Number("input_index"),
            RequestHash = row.Text("request_hash"),
        },
        Expected = (int)row.Number("expected")!,
        SubmittedAt = row.Time("submitted")!.Value,
        CompletedAt = row.Time("completed"),
        IsOwned = Owner.IsAlive(row.Text("owner"), row.Time("lease")!.Value),
    };

    public static RunwareImage Image(SqliteDataReader row) => new()
    {
        ImageUuid = row.Guid("uuid"),
        ImageUrl = Uri.TryCreate(row.Text("url"), UriKind.Absolute, out var url) ? url : null,
        Cost = row.Money("cost"),
        Seed = row.Number("seed"),
        NsfwContent = row.Number("nsfw") is { } nsfw ? nsfw != 0 : null,
        Index = (int)row.Number("position")!,
        CreatedAt = row.Time("created")!.Value,
        Path = row.Text("path"),
    };

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
