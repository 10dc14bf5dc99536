using System.Text;
using System.Text.Json;

namespace RunwarePS.Journal;

/// <summary>
/// What this process has begun and may not stand in the journal's file yet: a line a task, written before its request leaves. A line takes
/// little of the time of a commit, which follows with others, and waits for nobody. Its first line says whose log it is; what a process left
/// that is gone, the next reader of the journal takes over.
/// </summary>
internal sealed class IntentLog(string journal) : IDisposable
{
    private const string Mark = "-intent-";

    /// <summary>Some seven thousand tasks. Where so much waits for a commit, the next begin waits too.</summary>
    private const long MaxBytes = 4 * 1024 * 1024;

    // A path may be spelt in another case where that names the same file.
    private static readonly StringComparison s_names =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    private readonly object _lock = new();
    private readonly List<(JournalScope Scope, JournalTask Task)> _lost = [];
    private FileStream? _file;
    private string? _path;
    private long _head;
    private int _open;
    private bool _isClosed;

    /// <summary>Writes a line; false where that cannot be, and the task must be committed first.</summary>
    public bool TryAdd(JournalScope scope, JournalTask task)
    {
        using var line = Line(scope, task);
        lock (_lock)
        {
            try
            {
                ObjectDisposedException.ThrowIf(_isClosed, this);
                if (_open == 0 && _path is not null && !File.Exists(_path))
                {
                    _file!.Dispose(); // taken away: what stood only in it nobody would find
                    _file = null;
                }

                _file ??= Create();
                if (_file.Position + line.Written.Length > MaxBytes)
                {
                    return false;
                }

                _file.Write(line.Written.Span);
                _open++;
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
            {
                return false; // the journal's own file will tell what is wrong
            }
        }
    }

    /// <summary>A task that was added stands in the journal's file. Once all do, nothing of them is kept here.</summary>
    public void Committed()
    {
        lock (_lock)
        {
            Settle();
        }
    }

    /// <summary>A task that was added could not be committed: of all that is kept here, its line stays.</summary>
    public void Lost(JournalScope scope, JournalTask task)
    {
        lock (_lock)
        {
            _lost.Add((scope, task));
            Settle();
        }
    }

    /// <summary>Goes, unless there is something in it that could not be committed.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            _file?.Dispose();
            if (_path is not null && _open == 0 && _lost.Count == 0)
            {
                TemporaryFile.TryDelete(_path);
            }
        }
    }

    /// <summary>The logs beside a journal whose processes are gone.</summary>
    public static IEnumerable<string> Left(string journal)
    {
        var (folder, name) = (Path.GetDirectoryName(Path.GetFullPath(journal))!, Path.GetFileName(journal) + Mark);
        return Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file).StartsWith(name, s_names) && IsLeft(file));
    }

    /// <summary>What stands in a log, as far as it was written.</summary>
    public static IEnumerable<(string Owner, Intent Intent)> Read(string log)
    {
        if (TryOpen(log) is not { } reader)
        {
            yield break; // taken over by another process just now, which booked what stood in it
        }

        using var lines = reader;
        var owner = lines.ReadLine();
        while (owner is not null && lines.ReadLine() is { } line && Parse(line) is { } intent)
        {
            yield return (owner, intent);
        }
    }

    private static PooledBuffer Line(JournalScope scope, JournalTask task)
    {
        var line = new PooledBuffer();
        using (var writer = new Utf8JsonWriter(line))
        {
            JsonSerializer.Serialize(writer, Intent.Of(scope, task), IntentJson.Default.Intent);
        }

        line.GetSpan(1)[0] = (byte)'\n';
        line.Advance(1);
        return line;
    }

    // One less is open. Once none is, the lines of those that stand in the journal's file go.
    private void Settle()
    {
        if (--_open > 0 || _isClosed)
        {
            return;
        }

        try
        {
            _file!.SetLength(_head);
            foreach (var (scope, task) in _lost)
            {
                using var line = Line(scope, task);
                _file.Write(line.Written.Span);
            }
        }
        catch (IOException)
        {
            // Its lines stay: a row that is there already is not made again.
        }
    }

    private static bool IsLeft(string log)
    {
        try
        {
            using var lines = Open(log);
            var owner = lines.ReadLine();
            return owner != Owner.Me && !Owner.IsAlive(owner, File.GetLastWriteTimeUtc(log) + Owner.Lease);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // taken over by another process just now, or not ours to read
        }
    }

    // A process that died while it wrote a line had not sent its task.
    private static Intent? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, IntentJson.Default.Intent) is { Endpoint: not null, Account: not null, Facts: not null } intent ? intent : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static StreamReader? TryOpen(string log)
    {
        try
        {
            return Open(log);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static StreamReader Open(string log) => new(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

    // It takes its name once it says whose it is, or another reader could take it for one that was left.
    private FileStream Create()
    {
        var id = Guid.NewGuid().ToString("N");
        var unnamed = $"{journal}-{id}";
        var file = new FileStream(unnamed, JournalFile.Private(FileMode.CreateNew, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        file.Write(Encoding.UTF8.GetBytes(Owner.Me + "\n"));
        _head = file.Position;
        _path = journal + Mark + id;
        File.Move(unnamed, _path);
        return file;
    }
}
