using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Inference;

/// <summary>A text as a language model returns it. One word counts as one token.</summary>
internal sealed class GeneratedText
{
    private readonly string[] _pieces;
    private readonly int _promptTokens;

    public GeneratedText(string content, string? reasoning, int promptTokens, int? maxTokens)
    {
        _promptTokens = promptTokens;
        Reasoning = reasoning;
        var all = Split(content);
        _pieces = maxTokens < all.Length ? all[..maxTokens.Value] : all;
        FinishReason = _pieces.Length < all.Length ? "length" : "stop";
    }

    public string Content => string.Concat(_pieces);

    public string? Reasoning { get; }

    public string FinishReason { get; }

    /// <summary>The words of the text, each with the space that follows it.</summary>
    public IReadOnlyList<string> Pieces => _pieces;

    public IReadOnlyList<string> ReasoningPieces => Reasoning is null ? [] : Split(Reasoning);

    public static int Tokens(JsonNode? messages) =>
        messages is JsonArray list ? list.OfType<JsonObject>().Sum(m => Split(m.Text("content") ?? "").Length) : 0;

    public void WriteUsage(Utf8JsonWriter json)
    {
        var thinking = ReasoningPieces.Count;
        json.WriteStartObject("usage");
        json.WriteNumber("promptTokens", _promptTokens);
        json.WriteNumber("completionTokens", _pieces.Length + thinking);
        json.WriteNumber("totalTokens", _promptTokens + _pieces.Length + thinking);
        if (thinking > 0)
        {
            json.WriteNumber("thinkingTokens", thinking);
        }

        json.WriteEndObject();
    }

    private static string[] Split(string text)
    {
        var pieces = new List<string>();
        for (var start = 0; start < text.Length;)
        {
            var space = text.IndexOf(' ', start);
            var end = space < 0 ? text.Length : space + 1;
            pieces.Add(text[start..end]);
            start = end;
        }

        return [.. pieces];
    }
}
