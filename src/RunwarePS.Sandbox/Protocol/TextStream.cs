using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RunwarePS.Sandbox.Inference;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>
/// The results of a text task as server-sent events: comments, pieces of reasoning and text, the finish reason, usage and cost, and
/// <c>[DONE]</c>. The pieces of several results alternate.
/// </summary>
internal sealed class TextStream(SandboxTask task, SandboxFault? fault, SandboxState state)
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly TimeSpan s_splitPause = TimeSpan.FromMilliseconds(20);
    private static readonly byte[] s_done = "data: [DONE]\n\n"u8.ToArray();

    private readonly List<byte[]> _events = [];

    public HttpResponse ToResponse(Action closedEarly)
    {
        Write();
        return new HttpResponse
        {
            ContentType = "text/event-stream",
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Cache-Control"] = "no-cache" },
            Pieces = PiecesAsync(),
            ClosedEarly = closedEarly,
            Manner = fault?.Kind switch
            {
                SandboxFaultKind.DropAfterAcceptance => HttpManner.Drop,
                SandboxFaultKind.Stall => HttpManner.Stall,
                _ => task.NeverFinishes ? HttpManner.Stall : HttpManner.Whole,
            },
        };
    }

    private void Write()
    {
        var texts = Enumerable.Range(0, task.Count).Select(i => TextInference.Write(task, i)).ToArray();
        Comment("stream started");
        Interleave(texts, t => t.ReasoningPieces, (json, piece) => json.WriteString("reasoningContent", piece));
        Comment("keep-alive");
        Interleave(texts, t => t.Pieces, (json, piece) => json.WriteString("text", piece));
        for (var i = 0; i < task.Successes; i++)
        {
            Data(i, json => json.WriteString("finishReason", texts[i].FinishReason));
        }

        for (var i = 0; i < task.Successes; i++)
        {
            Figures(i, texts[i]);
        }

        if (task.Failure is { } failure)
        {
            Line(json =>
            {
                json.WriteStartArray("errors");
                failure.WriteTo(json);
                json.WriteEndArray();
            });
        }

        if (fault?.Kind != SandboxFaultKind.StreamWithoutDone)
        {
            _events.Add(s_done);
        }
    }

    /// <summary>
    /// The first piece of each result, then the second one of each, and so on. Of a result that fails, only the first half comes.
    /// </summary>
    private void Interleave(
        GeneratedText[] texts, Func<GeneratedText, IReadOnlyList<string>> piecesOf, Action<Utf8JsonWriter, string> write)
    {
        var pieces = texts.Select(piecesOf).Select((p, i) => i < task.Successes ? p : [.. p.Take((p.Count + 1) / 2)]).ToArray();
        for (var n = 0; n < pieces.Max(p => p.Count); n++)
        {
            for (var i = 0; i < pieces.Length; i++)
            {
                if (n < pieces[i].Count)
                {
                    var piece = pieces[i][n];
                    Data(i, json =>
                    {
                        json.WriteStartObject("delta");
                        write(json, piece);
                        json.WriteEndObject();
                        json.WriteNull("finishReason");
                    });
                }
            }
        }
    }

    /// <summary>Usage and cost: a last object without text, after the finish reason.</summary>
    private void Figures(int index, GeneratedText text)
    {
        var price = task.IncludeCost ? task.Price : null;
        if (price is null && !TextInference.IncludesUsage(task))
        {
            return;
        }

        Data(index, json =>
        {
            if (TextInference.IncludesUsage(task))
            {
                text.WriteUsage(json);
            }

            if (price is { } cost)
            {
                json.WriteNumber("cost", cost);
            }
        });
    }

    private void Comment(string text) => _events.Add(Encoding.UTF8.GetBytes($": {text}\n\n"));

    private void Data(int index, Action<Utf8JsonWriter> write) => Line(json =>
    {
        json.WriteString("taskUUID", task.TaskUuid);
        if (task.Count > 1)
        {
            json.WriteNumber("resultIndex", index);
        }

        write(json);
    });

    private void Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        _events.Add([.. "data: "u8, .. buffer.WrittenSpan, .. "\n\n"u8]);
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> PiecesAsync()
    {
        var breaksOff = task.NeverFinishes
            || fault?.Kind is SandboxFaultKind.DropAfterAcceptance or SandboxFaultKind.Stall or SandboxFaultKind.TruncatedJson;
        var count = breaksOff ? _events.Count / 2 : _events.Count;
        var pause = state.Tasks.Latency / _events.Count;
        for (var i = 0; i < count; i++)
        {
            await PauseAsync(pause).ConfigureAwait(false);
            if (SplitAt(_events[i]) is { } middle)
            {
                yield return _events[i].AsMemory(0, middle);
                await PauseAsync(s_splitPause).ConfigureAwait(false);
                yield return _events[i].AsMemory(middle);
            }
            else
            {
                yield return _events[i];
            }
        }

        if (fault?.Kind == SandboxFaultKind.TruncatedJson)
        {
            yield return _events[count].AsMemory(0, _events[count].Length / 2);
        }

        task.IsDone = !breaksOff;
    }

    /// <summary>The middle of the first character that has several bytes, if the stream is to be split there.</summary>
    private int? SplitAt(byte[] line)
    {
        var first = fault?.Kind == SandboxFaultKind.SplitCharacters ? Array.FindIndex(line, b => b >= 0x80) : -1;
        return first < 0 ? null : first + 1;
    }

    private Task PauseAsync(TimeSpan pause) => pause > TimeSpan.Zero ? Task.Delay(pause, state.Time, state.Stopping) : Task.CompletedTask;
}
