using System.Globalization;
using RunwarePS.Sandbox.Faults;
using RunwarePS.Sandbox.Files;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>Serves the files of results and uploads, in whole or from the end of an incomplete download.</summary>
internal sealed class MediaDownload(SandboxState state)
{
    private static readonly string[] s_folders = ["/image/", "/video/", "/audio/", "/model/", "/application/"];

    public static bool Serves(string path) => Array.Exists(s_folders, f => path.StartsWith(f, StringComparison.Ordinal));

    /// <summary>The prompt of the task whose file this is.</summary>
    public FaultSubject Subject(string path) => new(SandboxFault.Download, FindResult(Name(path)).Task?.Prompt);

    /// <summary>The file; null if there is none, or none yet.</summary>
    public HttpResponse? Find(HttpRequest request, string path)
    {
        var name = Name(path);
        if (FindUpload(name) is { Content: { } bytes } upload)
        {
            return Respond(request, new FileContent(bytes, upload.Format.MediaType), name);
        }

        var (task, index) = FindResult(name);
        if (task is null || state.Media.IsDeleted(task.ResultIds[index]))
        {
            return null;
        }

        var file = task.Render(index);
        var mediaType = task.Format!.MediaType;
        var content = task.FileSize is { } size ? FileContent.Enlarged(file, size, mediaType) : new FileContent(file, mediaType);
        return Respond(request, content, name);
    }

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    private StoredMedium? FindUpload(string name) =>
        Guid.TryParseExact(Path.GetFileNameWithoutExtension(name), "D", out var id) ? state.Media.Find(id) : null;

    /// <summary>The result behind {taskUUID}-{index}.{ext}, once it's there.</summary>
    private (SandboxTask? Task, int Index) FindResult(string name)
    {
        var (dash, dot) = (name.LastIndexOf('-'), name.LastIndexOf('.'));
        return dash > 0 && dot > dash
            && state.Tasks.Find(name[..dash]) is { } task
            && int.TryParse(name[(dash + 1)..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < task.Successes
            && name[(dot + 1)..] == task.Format?.Extension
            && state.Tasks.IsDone(task, index)
            ? (task, index)
            : (null, 0);
    }

    private static HttpResponse Respond(HttpRequest request, FileContent file, string name)
    {
        // A name always has the same content.
        var tag = $"\"{name}\"";
        var headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Accept-Ranges"] = "bytes", ["ETag"] = tag };
        var applies = !request.Headers.TryGetValue("If-Range", out var condition) || condition == tag;
        if (!applies || !request.Headers.TryGetValue("Range", out var text) || Range(text, file.Length) is not { } range)
        {
            return Send(200, 0, file.Length);
        }

        if (range.From >= file.Length)
        {
            headers["Content-Range"] = FormattableString.Invariant($"bytes */{file.Length}");
            return new HttpResponse { Status = 416, Headers = headers };
        }

        headers["Content-Range"] = FormattableString.Invariant($"bytes {range.From}-{range.To - 1}/{file.Length}");
        return Send(206, range.From, range.To);

        HttpResponse Send(int status, long from, long to) => new()
        {
            Status = status,
            ContentType = file.MediaType,
            Headers = headers,
            Body = file.IsSmall ? file.Read(from, to) : default,
            Pieces = file.IsSmall ? null : file.ReadAsync(from, to),
            Length = to - from,
        };
    }

    /// <summary>One range of bytes, with an exclusive end; null if the header is something else, and then it's ignored.</summary>
    private static (long From, long To)? Range(string header, long length)
    {
        const string Unit = "bytes=";
        var parts = header.StartsWith(Unit, StringComparison.Ordinal) ? header[Unit.Length..].Split('-') : [];
        if (parts.Length != 2)
        {
            return null;
        }

        var hasStart = long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var start);
        var hasEnd = long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var end);
        return (hasStart, hasEnd) switch
        {
            (true, true) when end >= start => (start, Math.Min(end + 1, length)),
            (true, false) when parts[1].Length == 0 => (start, length),
            (false, true) when parts[0].Length == 0 => (Math.Max(0, length - end), length),
            _ => null,
        };
    }
}
