using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Journal;

/// <summary>What a journal keeps of a failure beside its code, category, message and parameter, as one JSON object.</summary>
internal static class FailureDetails
{
    private const string FromServer = "fromServer";
    private const string Status = "status";
    private const string Documentation = "documentation";
    private const string Data = "data";

    // Responses are read up to a depth of 64; here they are inside another object.
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 128 };

    public static string ToJson(RunwareFailure failure) => new JsonObject
    {
        [FromServer] = failure.IsFromServer,
        [Status] = failure.StatusCode,
        [Documentation] = failure.Documentation?.OriginalString,
        [Data] = ValueReader.ToJson(failure.AdditionalData),
    }.ToJsonString();

    /// <summary>Adds the details to a failure. Without any, from a journal of an earlier version, the code shows who reported it.</summary>
    public static void ApplyTo(RunwareFailure failure, string? json)
    {
        if (json is null)
        {
            failure.IsFromServer = ErrorCodes.IsFromServer(failure.Code);
            return;
        }

        using var details = JsonDocument.Parse(json, s_options);
        var root = details.RootElement;
        failure.IsFromServer = root.GetProperty(FromServer).GetBoolean();
        failure.StatusCode = root.GetProperty(Status) is { ValueKind: JsonValueKind.Number } status ? status.GetInt32() : null;
        failure.Documentation = Uri.TryCreate(root.GetProperty(Documentation).GetString(), UriKind.Absolute, out var page) ? page : null;
        failure.AdditionalData = ValueReader.ToHashtable(root.GetProperty(Data));
    }
}
