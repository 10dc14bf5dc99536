using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>The <c>{"data":[...],"errors":[...]}</c> of a response, and the HTTP status that goes with it.</summary>
internal sealed class Envelope
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<Action<Utf8JsonWriter>> _data = [];
    private readonly List<Action<Utf8JsonWriter>> _errors = [];
    private int? _failure;

    public int Status => _data.Count > 0 ? 200 : _failure ?? 200;

    public static Envelope Failed(TaskError error)
    {
        var envelope = new Envelope();
        envelope.Add(error);
        return envelope;
    }

    /// <summary>Adds an item that is written when the response is.</summary>
    public void Add(Action<Utf8JsonWriter> item) => _data.Add(item);

    public void Add(TaskError error, bool withStatus = false)
    {
        _failure ??= error.Status;
        _errors.Add(json => error.WriteTo(json, withStatus));
    }

    public ReadOnlyMemory<byte> ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            WriteTo(json);
        }

        return buffer.WrittenMemory;
    }

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteList(json, "data", _data);
        if (_errors.Count > 0)
        {
            WriteList(json, "errors", _errors);
        }

        json.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter json, string name, List<Action<Utf8JsonWriter>> items)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            item(json);
        }

        json.WriteEndArray();
    }
}
