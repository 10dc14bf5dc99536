using System.Text.Json;

namespace RunwarePS.Journal.PostgreSql;

/// <summary>Something to write. It is finished once, by the writer, unless its caller gave it up before.</summary>
internal abstract class Operation
{
    private const int Waits = 0;
    private const int Finished = 1;
    private const int Abandoned = 2;

    private int _state;

    /// <summary>What is written of one task is written in the order of the requests.</summary>
    public abstract (int Scope, Guid TaskUuid) Key { get; }

    /// <summary>Identifies an attempt to become the holder of a task, which is undone if its caller gave up; null for a fact.</summary>
    public Guid? Token { get; protected init; }

    /// <summary>When it was last sent, by the clock of the leases. Until then nothing of it can be in the database.</summary>
    public long? SentAt { get; set; }

    public bool IsWaiting => Volatile.Read(ref _state) == Waits;

    public bool IsAbandoned => Volatile.Read(ref _state) == Abandoned;

    /// <summary>Gives it up.</summary>
    /// <returns>False if it is finished.</returns>
    public bool TryAbandon() => Interlocked.CompareExchange(ref _state, Abandoned, Waits) == Waits;

    public void Fail(RunwareException failure)
    {
        if (TryFinish())
        {
            SetException(failure);
        }
    }

    public abstract void WriteTo(Utf8JsonWriter json);

    protected abstract void SetException(RunwareException failure);

    protected bool TryFinish() => Interlocked.CompareExchange(ref _state, Finished, Waits) == Waits;
}

/// <summary>An operation with a result.</summary>
internal abstract class Operation<T> : Operation
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Done => _done.Task;

    /// <returns>False if its caller gave it up before.</returns>
    public bool TryFinish(T result)
    {
        if (!TryFinish())
        {
            return false;
        }

        _done.TrySetResult(result);
        return true;
    }

    protected override void SetException(RunwareException failure) => _done.TrySetException(failure);
}

/// <summary>A task that is to be recorded before it is sent.</summary>
internal sealed class Begin : Operation<BeginOutcome>
{
    private readonly int _scope;
    private readonly JournalTask _task;
    private readonly decimal? _dailyCap;

    public Begin(int scope, JournalTask task, IReadOnlyDictionary<string, Func<byte[]>> media, decimal? dailyCap)
    {
        (_scope, _task, Media, _dailyCap) = (scope, task, media, dailyCap);
        Token = Guid.NewGuid();
    }

    public override (int Scope, Guid TaskUuid) Key => (_scope, _task.TaskUuid);

    public byte[]? Request => _task.Request;

    public IReadOnlyDictionary<string, Func<byte[]>> Media { get; }

    public override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("token", Token!.Value);
        json.WriteString("type", Sql.Text(_task.TaskType));
        json.WriteString("model", Sql.Text(_task.Metadata.Model));
        json.WriteString("tag", Sql.Text(_task.Metadata.Tag));
        json.WriteNumber("expected", _task.Expected);
        json.WriteString("hash", Sql.Text(_task.Metadata.RequestHash));
        Json.WriteMoney(json, "reserved", _task.Reserved);
        Json.WriteMoney(json, "cap", _dailyCap);
        json.WriteString("metadata", Json.Write(inner => _task.Metadata.WriteTo(inner)));
        json.WriteStartArray("media");
        foreach (var name in Media.Keys)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
    }
}

/// <summary>What became of a task, or who works on it. The result depends on the kind.</summary>
internal sealed class Fact : Operation<long?>
{
    private readonly string _kind;
    private readonly string? _properties;

    /// <param name="kind">One of the kinds that the function in the database knows.</param>
    /// <param name="key">The task; an empty ID for what isn't about a task.</param>
    /// <param name="write">Writes more properties. It is called at once: the objects are their user's.</param>
    /// <param name="token">Identifies the attempt to hold the task.</param>
    public Fact(string kind, (int Scope, Guid TaskUuid) key, Action<Utf8JsonWriter>? write = null, Guid? token = null)
    {
        (_kind, Key, _properties) = (kind, key, write is null ? null : Json.Write(write));
        Token = token;
    }

    public override (int Scope, Guid TaskUuid) Key { get; }

    /// <summary>Undoes an attempt to hold a task, if it came through.</summary>
    public static Fact Undo(Operation operation) => new("undo", operation.Key, json => json.WriteString("token", operation.Token!.Value));

    public override void WriteTo(Utf8JsonWriter json)
    {
        json.WriteString("kind", _kind);
        if (Token is { } token)
        {
            json.WriteString("token", token);
        }

        if (_properties is not null)
        {
            using var properties = JsonDocument.Parse(_properties, Json.Options);
            foreach (var property in properties.RootElement.EnumerateObject())
            {
                property.WriteTo(json);
            }
        }
    }
}

/// <summary>Nothing to write: finished when everything before it is.</summary>
internal sealed class Barrier : Operation<bool>
{
    public override (int Scope, Guid TaskUuid) Key => default;

    public override void WriteTo(Utf8JsonWriter json)
    {
    }
}
