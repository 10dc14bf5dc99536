using System.Collections;
using RunwarePS.Sandbox.Faults;

namespace RunwarePS.Sandbox;

/// <summary>The ways in which a sandbox can fail.</summary>
public enum SandboxFaultKind
{
    /// <summary>The connection is reset, and nothing was accepted.</summary>
    DropBeforeAcceptance,

    /// <summary>
    /// The tasks are accepted and generated, then the connection is reset without a response. A stream and a download are cut in the
    /// middle.
    /// </summary>
    DropAfterAcceptance,

    /// <summary>The response is an HTTP status without results, and the tasks aren't accepted.</summary>
    Status,

    /// <summary>The tasks are accepted, and the response is incomplete although its length is right.</summary>
    TruncatedJson,

    /// <summary>The tasks are accepted, and the server doesn't respond.</summary>
    Stall,

    /// <summary>The tasks are accepted, and the response comes one byte every 200 ms.</summary>
    Trickle,

    /// <summary>
    /// The last of a task's results fails; of a single result, that one. A stream reports it after the first half of the text.
    /// </summary>
    PartialFailure,

    /// <summary>The task is refused and costs nothing.</summary>
    Refusal,

    /// <summary>The task is accepted and stays in processing for ever; a sync call stalls.</summary>
    NeverFinishes,

    /// <summary>A stream ends without <c>[DONE]</c>.</summary>
    StreamWithoutDone,

    /// <summary>A stream is sent in pieces that end inside a character.</summary>
    SplitCharacters,

    /// <summary>The files of a task have at least <see cref="SandboxFault.Size"/> bytes.</summary>
    LargeFile,

    /// <summary>The webhook of the task isn't called.</summary>
    WebhookLost,

    /// <summary>Each call of the task's webhook is made twice.</summary>
    WebhookTwice,

    /// <summary>The task is finished at once, and its webhook is called before the response to the request.</summary>
    WebhookEarly,

    /// <summary>The webhook is called later than the results are ready, by <see cref="SandboxFault.RetryAfter"/>.</summary>
    WebhookLate,

    /// <summary>The webhook gets the bare object of a result or failure, without <c>data</c> or <c>errors</c> around it.</summary>
    WebhookFlat,

    /// <summary>Before the results, the webhook gets the progress of the task.</summary>
    WebhookProgress,
}

/// <summary>One thing that goes wrong, and for which requests.</summary>
public sealed class SandboxFault
{
    /// <summary>The task type by which a fault applies to the download of a file.</summary>
    public const string Download = "download";

    /// <summary>The task type by which a fault applies to the GET of a model document or of the catalog.</summary>
    public const string Document = "document";

    /// <summary>What goes wrong.</summary>
    public required SandboxFaultKind Kind { get; init; }

    /// <summary>How often; null is always.</summary>
    public int? Times { get; init; }

    /// <summary>How many requests that it would apply to pass first.</summary>
    public int Skip { get; init; }

    /// <summary>
    /// The task type it applies to; null is any task, <c>download</c> the GET of a file, and <c>document</c> that of a model document.
    /// </summary>
    public string? TaskType { get; init; }

    /// <summary>Only requests whose prompt contains this text, in any case.</summary>
    public string? Match { get; init; }

    /// <summary>
    /// The HTTP status of <see cref="SandboxFaultKind.Status"/> (503 when null) and <see cref="SandboxFaultKind.Refusal"/> (400 when null).
    /// </summary>
    public int? StatusCode { get; init; }

    /// <summary>
    /// The Retry-After header of <see cref="SandboxFaultKind.Status"/>, and the delay of <see cref="SandboxFaultKind.WebhookLate"/>, which
    /// is two seconds when null.
    /// </summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The body of <see cref="SandboxFaultKind.Status"/>, sent as it is.</summary>
    public string? Body { get; init; }

    /// <summary>
    /// The error code; <c>invalidProviderContent</c> when null. A <see cref="SandboxFaultKind.Status"/> without a body sends it as an error
    /// of the API.
    /// </summary>
    public string? Code { get; init; }

    /// <summary>The error message.</summary>
    public string? Message { get; init; }

    /// <summary>The bytes of a <see cref="SandboxFaultKind.LargeFile"/>.</summary>
    public long? Size { get; init; }

    /// <summary>Reads a fault from a table such as <c>@{ Kind = 'Status'; StatusCode = 429; Times = 2 }</c>.</summary>
    /// <exception cref="ArgumentException">A key or a value is not one of those allowed.</exception>
    public static SandboxFault FromHashtable(IDictionary table) => FaultReader.Read(table);

    /// <summary>The kind and what limits it.</summary>
    public override string ToString() =>
        Kind + (TaskType is null ? "" : " " + TaskType) + (Times is { } times ? FormattableString.Invariant($" x{times}") : "");
}
