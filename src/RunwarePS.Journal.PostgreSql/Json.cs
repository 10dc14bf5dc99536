using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>The JSON that goes to the database and returns from it.</summary>
internal static class Json
{
    // Responses are read up to a depth of 64; here they are inside other objects.
    public static readonly JsonDocumentOptions Options = new() { MaxDepth = 256 };

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256 };

    /// <summary>An object with the properties that are written.</summary>
    public static string Write(Action<Utf8JsonWriter> properties) => WriteAll(json =>
    {
        json.WriteStartObject();
        properties(json);
        json.WriteEndObject();
    });

    /// <summary>Operations as an array, numbered from 1.</summary>
    public static string Write(IReadOnlyList<Operation> operations) => WriteAll(json =>
    {
        json.WriteStartArray();
        for (var i = 0; i < operations.Count; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("i", i + 1);
            json.WriteNumber("scope", operations[i].Key.Scope);
            json.WriteString("id", operations[i].Key.TaskUuid);
            operations[i].WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>Tasks of another journal, and what removed ones cost.</summary>
    public static string WriteImport(IReadOnlyList<(JournalTask Task, KeptRequest? Request)> tasks, IReadOnlyList<RunwareSpend> removed) =>
        WriteAll(json =>
        {
            json.WriteStartArray();
            for (var i = 0; i < tasks.Count; i++)
            {
                json.WriteStartObject();
                json.WriteNumber("i", i + 1);
                WriteTask(json, tasks[i].Task, tasks[i].Request);
                json.WriteEndObject();
            }

            foreach (var spend in removed)
            {
                json.WriteStartObject();
                json.WriteBoolean("removed", true);
                json.WriteString("id", spend.TaskUuid);
                json.WriteString("model", Sql.Text(spend.Model));
                json.WriteString("tag", Sql.Text(spend.Tag));
                json.WriteString("machine", Sql.Text(Environment.MachineName));
                json.WriteNumber("count", spend.Count);
                json.WriteString("submitted", spend.At);
                WriteMoney(json, "reserved", spend.Reserved);
                WriteMoney(json, "cost", spend.Cost);
                WriteMoney(json, "charge", spend.Cost ?? spend.Reserved ?? 0);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });

    private static void WriteTask(Utf8JsonWriter json, JournalTask task, KeptRequest? request)
    {
        json.WriteString("id", task.TaskUuid);
        json.WriteString("machine", Sql.Text(Environment.MachineName));
        json.WriteString("type", Sql.Text(task.TaskType));
        json.WriteString("model", Sql.Text(task.Metadata.Model));
        json.WriteString("tag", Sql.Text(task.Metadata.Tag));
        json.WriteNumber("expected", task.Expected);
        json.WriteString("hash", Sql.Text(task.Metadata.RequestHash));
        WriteMoney(json, "reserved", task.Reserved);
        WriteMoney(json, "charge", task.HasEnded && task.OutputCount == 0 ? 0 : task.Cost ?? task.Reserved ?? 0);
        json.WriteString("metadata", Write(inner => task.Metadata.WriteTo(inner)));
        json.WriteString("submitted", task.SubmittedAt);
        if (task.CompletedAt is { } at)
        {
            json.WriteString("completed", at);
        }

        WriteEnd(json, new TaskEnd(task.Status, task.Outputs, task.Failures, task.CompletedAt ?? task.SubmittedAt));
        WriteMoney(json, "cost", task.Cost);
        json.WriteStartArray("media");
        foreach (var name in request?.Media.Keys ?? [])
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }

    public static void WriteMoney(Utf8JsonWriter json, string name, decimal? usd)
    {
        if (StoredMoney.Of(usd) is { } billionths)
        {
            json.WriteNumber(name, billionths);
        }
    }

    /// <summary>How a task ended.</summary>
    public static void WriteEnd(Utf8JsonWriter json, TaskEnd end)
    {
        json.WriteString("status", end.Status);
        json.WriteNumber("count", end.Outputs.Count);
        WriteMoney(json, "cost", end.Cost);
        json.WriteStartArray("outputs");
        foreach (var output in end.Outputs)
        {
            WriteOutput(json, output, end.At);
        }

        json.WriteEndArray();
        if (end.Failures.Count > 0)
        {
            json.WriteString("failures", WriteAll(inner => WriteFailures(inner, end.Failures)));
        }
    }

    private static void WriteOutput(Utf8JsonWriter json, RunwareOutput output, DateTime at)
    {
        json.WriteStartObject();
        json.WriteString("name", JournalOutput.NameOf(output));
        json.WriteNumber("position", output.Index);
        json.WriteString("kind", JournalOutput.KindOf(output));
        if (output is RunwareMedia media)
        {
            json.WriteString("uuid", media.Uuid);
            json.WriteString("url", Sql.Text(media.Url?.OriginalString));
            json.WriteString("path", Sql.Text(media.Path));
        }

        WriteMoney(json, "cost", output.Cost);
        json.WriteString("created", output.CreatedAt ?? at);
        json.WriteString("data", JournalOutput.ToJson(output));
        json.WriteEndObject();
    }

    private static void WriteFailures(Utf8JsonWriter json, IReadOnlyList<RunwareFailure> failures)
    {
        json.WriteStartArray();
        foreach (var failure in failures)
        {
            json.WriteStartObject();
            json.WriteString("code", failure.Code);
            json.WriteString("category", failure.Category);
            json.WriteString("message", failure.Message);
            json.WriteString("parameter", failure.Parameter);
            json.WriteString("details", FailureDetails.ToJson(failure));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string WriteAll(Action<Utf8JsonWriter> write)
    {
        using var text = new PooledBuffer();
        using (var json = new Utf8JsonWriter(text, s_options))
        {
            write(json);
        }

        return Encoding.UTF8.GetString(text.Written.Span);
    }
}
