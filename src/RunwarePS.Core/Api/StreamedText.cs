using System.Collections;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace RunwarePS.Api;

/// <summary>What has arrived of a stream: the texts of one task, by their index, and what the API reports beside them.</summary>
internal sealed class StreamedText(Guid taskUuid, int expected, Secrets secrets)
{
    /// <summary>Fields that are read here or belong to the event, not to the result.</summary>
    private static readonly HashSet<string> s_read = new(StringComparer.Ordinal) { "delta", "resultIndex", "errors" };

    private readonly SortedDictionary<int, Part> _parts = [];
    private readonly List<RunwareException> _errors = [];

    /// <summary>Whether anything of the task has arrived. From then on, the API has it.</summary>
    public bool HasStarted => _parts.Count > 0 || _errors.Count > 0;

    /// <summary>Whether the API reported that the task failed: nothing useful follows.</summary>
    public bool HasFailed => _errors.Count > 0;

    /// <summary>Whether each text is complete. Other fields may follow.</summary>
    private bool IsFinished => _parts.Count >= expected && _parts.Values.All(p => p.IsFinished);

    /// <summary>Adds one event, and returns the pieces of text that it brings.</summary>
    /// <exception cref="JsonException">It isn't JSON.</exception>
    public List<RunwareTextDelta> Add(ReadOnlyMemory<byte> json)
    {
        var deltas = new List<RunwareTextDelta>();
        using var document = JsonDocument.Parse(
            Utf8.IsValid(json.Span) ? json : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json.Span)));
        foreach (var item in Unwrap(document.RootElement))
        {
            try
            {
                Add(item, deltas);
            }
            catch (InvalidOperationException e)
            {
                throw new JsonException(e.Message, e); // half a character outside of the text
            }
        }

        return deltas;
    }

    /// <summary>What was held back of the texts because more could have followed.</summary>
    public IEnumerable<RunwareTextDelta> Rest() =>
        from part in _parts
        let rest = part.Value.Rest()
        where (rest.Text ?? rest.ReasoningContent) is not null
        select Named(rest, part.Key);

    /// <summary>All that arrived as a response.</summary>
    /// <param name="isDone">Whether the API reported the end.</param>
    /// <param name="reason">Why the stream ended; null if the connection was closed.</param>
    public TaskResponse ToResponse(bool isDone, RunwareException? reason)
    {
        var isWhole = isDone || HasFailed || IsFinished;
        var response = new TaskResponse { Secrets = secrets, Neighbors = 0, HasStreamed = HasStarted, IsTorn = !isWhole };
        response.Items.AddRange(from part in _parts where isDone || part.Value.IsFinished select part.Value.ToItem(taskUuid));
        response.Errors.AddRange(_errors);
        if (!isWhole || reason is { Code: ErrorCodes.UnreadableReply })
        {
            response.Errors.Add(BrokenOff(reason));
        }

        foreach (var error in response.Errors)
        {
            KeepReceived(error.AdditionalData);
        }

        return response;
    }

    private static IEnumerable<JsonElement> Unwrap(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object when !json.TryGetProperty("delta", out _) && json.TryGetProperty("data", out var data) && !HasErrors(json) =>
            Unwrap(data),
        JsonValueKind.Object => [json],
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Unwrap),
        _ => [],
    };

    private static bool HasErrors(JsonElement json) => IsThere(json, "errors") || IsThere(json, "error");

    private static bool IsThere(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind switch
    {
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Null or JsonValueKind.False => false,
        _ => true,
    };

    private void Add(JsonElement json, List<RunwareTextDelta> deltas)
    {
        if (HasErrors(json))
        {
            _errors.AddRange(from error in ResponseReader.Read(Encoding.UTF8.GetBytes(json.GetRawText())).Errors
                             let read = ErrorReader.ToException(error, status: 200, secrets)
                             where ResponsesByTask.Concerns(read, [taskUuid])
                             select new RunwareException(read, taskUuid));
            return;
        }

        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json.GetRawText()));
        reader.Read();
        var item = ResultItem.Read(ref reader);
        if (item.TaskUuid is { } other && other != taskUuid)
        {
            return;
        }

        var fields = item.Unknown ?? [];
        var index = fields.TryGetValue("resultIndex", out var number) && number.ValueKind == JsonValueKind.Number
            && number.TryGetInt32(out var i)
            ? Math.Max(i, 0)
            : 0;
        var part = PartOf(index);
        part.Add(item.Cost);
        part.Add(fields.Where(f => !s_read.Contains(f.Key)));
        if (fields.TryGetValue("delta", out var delta) && delta.ValueKind == JsonValueKind.Object
            && part.Add(delta) is { } piece && (piece.Text ?? piece.ReasoningContent) is not null)
        {
            deltas.Add(Named(piece, index));
        }
    }

    private RunwareTextDelta Named(RunwareTextDelta piece, int index)
    {
        (piece.TaskUuid, piece.ResultIndex) = (taskUuid, index);
        return piece;
    }

    private Part PartOf(int index)
    {
        if (!_parts.TryGetValue(index, out var part))
        {
            _parts.Add(index, part = new Part(secrets));
        }

        return part;
    }

    private RunwareException BrokenOff(RunwareException? reason)
    {
        var why = reason?.Message ?? Strings.ConnectionClosed;
        var message = Strings.TextIncomplete.With(taskUuid, why);
        return new RunwareException(
            reason?.Code ?? ErrorCodes.ConnectionFailed, reason?.Category ?? RunwareErrorCategory.Connection, message, reason)
        {
            TaskUuid = taskUuid,
        };
    }

    private void KeepReceived(Hashtable data)
    {
        Part[] open = [.. _parts.Values.Where(p => !p.IsFinished)];
        data["text"] = Received(open, p => p.Text);
        if (Array.Exists(open, p => p.Reasoning.Length > 0))
        {
            data["reasoningContent"] = Received(open, p => p.Reasoning);
        }
    }

    private object Received(Part[] parts, Func<Part, StringBuilder> select)
    {
        return parts.Length > 1 ? Array.ConvertAll(parts, Text) : parts.Length == 1 ? Text(parts[0]) : "";

        string Text(Part part)
        {
            var text = secrets.Hide(select(part).ToString());
            return text.Length > 0 && char.IsHighSurrogate(text[^1]) ? text[..^1] : text;
        }
    }

    /// <summary>One of the texts.</summary>
    private sealed class Part(Secrets secrets)
    {
        private readonly Dictionary<string, JsonElement> _fields = new(StringComparer.Ordinal);
        private readonly VisibleText _visibleText = new(secrets);
        private readonly VisibleText _visibleReasoning = new(secrets);
        private decimal? _cost;

        public StringBuilder Text { get; } = new();

        public StringBuilder Reasoning { get; } = new();

        public bool IsFinished => _fields.ContainsKey("finishReason");

        // The cost can come twice, and then the second can be 0.
        public void Add(decimal? cost) => _cost = cost is > 0 || _cost is null ? cost ?? _cost : _cost;

        public void Add(IEnumerable<KeyValuePair<string, JsonElement>> fields)
        {
            foreach (var (name, value) in fields.Where(f => f.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)))
            {
                _fields[name] = value.ValueKind == JsonValueKind.Array && _fields.TryGetValue(name, out var before)
                    && before.ValueKind == JsonValueKind.Array
                    ? Json([.. before.EnumerateArray(), .. value.EnumerateArray()])
                    : Repaired(value);
            }
        }

        public RunwareTextDelta Add(JsonElement delta)
        {
            Add(from field in delta.EnumerateObject()
                where field.Name is not ("text" or "reasoningContent")
                select KeyValuePair.Create(field.Name, field.Value));
            var (text, reasoning) = (Read(delta, "text"), Read(delta, "reasoningContent"));
            Text.Append(text);
            Reasoning.Append(reasoning);
            return new RunwareTextDelta { Text = _visibleText.Next(text), ReasoningContent = _visibleReasoning.Next(reasoning) };
        }

        public RunwareTextDelta Rest() => new() { Text = _visibleText.Rest(), ReasoningContent = _visibleReasoning.Rest() };

        /// <summary>The result in the form of a response without a stream.</summary>
        public ResultItem ToItem(Guid taskUuid)
        {
            var fields = new Dictionary<string, JsonElement>(_fields, StringComparer.Ordinal) { ["text"] = Json(Text.ToString()) };
            if (Reasoning.Length > 0)
            {
                fields["reasoningContent"] = Json(Reasoning.ToString());
            }

            return new ResultItem { TaskType = TaskTypes.TextInference, TaskUuid = taskUuid, Cost = _cost, Unknown = fields };
        }

        private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text, StreamJson.Default.String);

        private static JsonElement Json(JsonElement[] list) => JsonSerializer.SerializeToElement(list, StreamJson.Default.JsonElementArray);

        private static JsonElement Repaired(JsonElement value) =>
            JsonSerializer.Deserialize(Utf8Repair.Repair(Encoding.UTF8.GetBytes(value.GetRawText())), StreamJson.Default.JsonElement);

        private static string? Read(JsonElement delta, string name)
        {
            if (!delta.TryGetProperty(name, out var value))
            {
                return null;
            }

            return value.ValueKind == JsonValueKind.Array ? string.Concat(value.EnumerateArray().Select(Read)) : Read(value);
        }

        private static string? Read(JsonElement value)
        {
            if (value.ValueKind != JsonValueKind.String)
            {
                return null;
            }

            try
            {
                return value.GetString();
            }
            catch (InvalidOperationException)
            {
                return Regex.Unescape(value.GetRawText()[1..^1]); // an escape of half a character; its other half is in another piece
            }
        }
    }

    /// <summary>
    /// What of a growing text is shown. The end of a piece goes with the next piece if it's half of a character or can be the beginning of
    /// a secret.
    /// </summary>
    private sealed class VisibleText(Secrets secrets)
    {
        private string _held = "";

        public string? Next(string? piece)
        {
            if (string.IsNullOrEmpty(piece))
            {
                return piece is null || _held.Length > 0 ? null : piece;
            }

            var text = _held + piece;
            var length = char.IsHighSurrogate(text[^1]) ? text.Length - 1 : secrets.VisibleLength(text);
            _held = text[length..];
            return length > 0 ? secrets.Hide(text[..length]) : null;
        }

        public string? Rest()
        {
            var rest = _held.Length > 0 && char.IsHighSurrogate(_held[^1]) ? _held[..^1] : _held;
            _held = "";
            return rest.Length > 0 ? secrets.Hide(rest) : null;
        }
    }
}

[JsonSerializable(typeof(JsonElement[]))]
[JsonSerializable(typeof(string))]
internal sealed partial class StreamJson : JsonSerializerContext;
