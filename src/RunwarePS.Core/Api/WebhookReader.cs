using System.Security.Cryptography;
using System.Text;

namespace RunwarePS.Api;

/// <summary>
/// Reads the bodies of webhooks, in each form that the API is known to use. A webhook isn't signed, so a body can be forged: of its URLs,
/// only those on the API's own hosts are kept. Each result is returned once, because the API repeats calls.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="endpoint">The endpoint in use, whose host is trusted like the API's own; null if there is none.</param>
internal sealed class WebhookReader(TimeProvider time, Uri? endpoint)
{
    private const string Host = "runware.ai";

    private readonly HashSet<(Guid TaskUuid, string Result)> _seen = [];

    /// <summary>The tasks of a body, each with the results that no body before had.</summary>
    /// <param name="body">The body.</param>
    /// <param name="untrusted">Called for each URL that is left out.</param>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>: the body isn't complete JSON, or doesn't name a task.</exception>
    public IReadOnlyList<RunwareTask> Read(ReadOnlySpan<byte> body, Action<Uri> untrusted)
    {
        var response = ReadAny(body);
        var errors = response.Errors.Select(e => ErrorReader.ToException(e, status: 200, Secrets.None)).ToArray();
        var ids = response.Items.Select(i => i.TaskUuid).Concat(errors.Select(e => e.TaskUuid)).OfType<Guid>().Distinct().ToArray();
        if (ids.Length == 0)
        {
            throw Unreadable(Strings.WebhookNamesNoTask, body);
        }

        var responses = new ResponsesByTask(ids, response.Items, errors, unanswered: null, Secrets.None);
        return [.. from id in ids
                   let task = New(id, ResultReader.Read(responses.Of(id), id, time), untrusted)
                   where task is not null
                   select task];
    }

    private static ApiResponse ReadAny(ReadOnlySpan<byte> body)
    {
        var response = ResponseReader.Read(body);
        if (response.Items.Count + response.Errors.Count == 0)
        {
            response = ResponseReader.Read([(byte)'[', .. body.StartsWith("\uFEFF"u8) ? body[3..] : body, (byte)']']);
        }

        return response.IsReadable ? response : throw Unreadable(Strings.WebhookNotJson, body);
    }

    /// <summary>The task with what is new of it; null if nothing is.</summary>
    private RunwareTask? New(Guid id, TaskResult result, Action<Uri> untrusted)
    {
        var removed = result.Outputs.RemoveAll(o => !_seen.Add((id, Key(o))))
            + result.Failures.RemoveAll(f => !_seen.Add((id, $"{f.Code}\n{f.Message}")));
        if (result.Count == 0 && (removed > 0 || !_seen.Add((id, $"{result.Status} {result.Progress}"))))
        {
            return null;
        }

        foreach (var media in result.Outputs.OfType<RunwareMedia>().Where(m => m.Url is not null && !IsTrusted(m.Url)))
        {
            untrusted(media.Url!);
            media.Url = null;
        }

        return TaskView.Of(id, result);
    }

    private bool IsTrusted(Uri url) =>
        (url.Scheme == Uri.UriSchemeHttps && url.IsDefaultPort && string.IsNullOrEmpty(url.UserInfo)
            && (url.IdnHost == Host || url.IdnHost.EndsWith("." + Host, StringComparison.Ordinal)))
        || (endpoint is not null && Uri.Compare(url, endpoint, UriComponents.SchemeAndServer | UriComponents.UserInfo, UriFormat.UriEscaped,
            StringComparison.OrdinalIgnoreCase) == 0);

    private static string Key(RunwareOutput output) => output switch
    {
        RunwareMedia { Uuid: var id } when id != Guid.Empty => id.ToString("D"),
        RunwareMedia media => $"{media.GetType().Name} {media.Url} {Hash(media.Bytes.Span)}",
        RunwareText text => $"{nameof(RunwareText)} {Hash(text.Text)}",
        _ => $"{output.GetType().Name} {Hash(ValueReader.ToJson(output.AdditionalData).ToJsonString())}",
    };

    private static string Hash(string? content) => Hash(Encoding.UTF8.GetBytes(content ?? ""));

    private static string Hash(ReadOnlySpan<byte> content) => Convert.ToHexString(SHA256.HashData(content));

    private static RunwareException Unreadable(string text, ReadOnlySpan<byte> body) =>
        RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "Body", text.With(Redaction.Snippet(body, Secrets.None)));
}
