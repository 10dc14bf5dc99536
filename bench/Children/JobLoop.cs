using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;

namespace RunwarePS.Bench.Children;

/// <summary>What a contender written in C# can do: jobs by name.</summary>
internal interface IJobs
{
    Task<JobResult> RunAsync(Job job);
}

/// <summary>The contender's side of <see cref="Child"/>.</summary>
internal static class JobLoop
{
    /// <summary>Does jobs until the connection ends; on the calling thread, as a pipeline of PowerShell does, so that none of the pool is held.</summary>
    public static int Run(int port, IJobs jobs)
    {
        using var connection = new TcpClient("127.0.0.1", port);
        using var reader = new StreamReader(connection.GetStream());
        using var writer = new StreamWriter(connection.GetStream()) { AutoFlush = true };
        while (reader.ReadLine() is { } line)
        {
            writer.WriteLine(JsonSerializer.Serialize(Run(JsonSerializer.Deserialize<Job>(line, Job.Json)!, jobs), Job.Json));
        }

        return 0;
    }

    private static JobResult Run(Job job, IJobs jobs)
    {
        try
        {
            GC.Collect();
            var before = Environment.WorkingSet;
            var result = jobs.RunAsync(job).GetAwaiter().GetResult();
            var endedAt = (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;
            using var me = Process.GetCurrentProcess();
            return result with { EndedAt = endedAt, WorkingSet = before, Peak = me.PeakWorkingSet64 };
        }
        catch (Exception e)
        {
            return new JobResult(0, 0) { Error = e.Message };
        }
    }
}
