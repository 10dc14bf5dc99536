using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using RunwarePS.Engine;

namespace RunwarePS.Bench.Children;

/// <summary>
/// A contender: a process of its own, whatever it is written in, that takes jobs over a loopback connection. So all have their own heap,
/// stay warm between repetitions, and are measured in turn.
/// </summary>
internal sealed class Child : IDisposable
{
    private static readonly TimeSpan s_patienceWithStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_patienceWithJob = TimeSpan.FromMinutes(15);

    private readonly Process _process;
    private readonly TcpClient _connection;
    private readonly StreamReader _reader;
    private readonly StreamWriter _writer;

    private Child(string name, Process process, TcpClient connection)
    {
        Name = name;
        _process = process;
        _connection = connection;
        _reader = new StreamReader(connection.GetStream());
        _writer = new StreamWriter(connection.GetStream()) { AutoFlush = true };
    }

    public string Name { get; }

    public bool HasEnded => _process.HasExited;

    /// <summary>Starts a program, which is told in its arguments the port to connect to.</summary>
    public static async Task<Child> StartAsync(string name, string program, Func<string, IEnumerable<string>> arguments)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var process = Process.Start(ChildProcess.Prepare(program, arguments(port)))!;
        process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(s_patienceWithStart);
        var accept = listener.AcceptTcpClientAsync(timeout.Token).AsTask();
        var died = process.WaitForExitAsync(timeout.Token);
        if (await Task.WhenAny(accept, died) != accept || !accept.IsCompletedSuccessfully)
        {
            Kill(process);
            throw new InvalidOperationException($"{name} did not start.");
        }

        return new Child(name, process, await accept);
    }

    /// <exception cref="InvalidOperationException">It failed, died, or made fewer pictures than asked for.</exception>
    public async Task<JobResult> RunAsync(Job job)
    {
        using var timeout = new CancellationTokenSource(s_patienceWithJob);
        using var giveUp = timeout.Token.Register(() => Kill(_process)); // a late answer must not be taken for that of the next job
        await _writer.WriteLineAsync(JsonSerializer.Serialize(job, Job.Json).AsMemory(), timeout.Token);
        var line = await _reader.ReadLineAsync(timeout.Token) ?? throw new InvalidOperationException($"{Name} ended without an answer to '{job.Name}'.");
        var result = JsonSerializer.Deserialize<JobResult>(line, Job.Json)!;
        if (result.Error is not null)
        {
            throw new InvalidOperationException($"{Name}: {result.Error}");
        }

        return job.Name == "connect" || result.Made == job.Count
            ? result
            : throw new InvalidOperationException($"{Name} made {result.Made} of {job.Count} pictures.");
    }

    public void Dispose()
    {
        _connection.Dispose(); // its loop ends with the connection
        if (!_process.WaitForExit(3000))
        {
            Kill(_process);
        }

        _process.Dispose();
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended meanwhile.
        }
    }
}
