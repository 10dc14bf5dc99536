using RunwarePS.Isolation;

namespace RunwarePS.Connections;

/// <summary>
/// Loads on the thread pool what the first request of a process needs, beside what the pipeline's thread does meanwhile: a cold start
/// spends its time in the compiler of the runtime, and much of it can run on a second core. The first use reports what fails.
/// </summary>
internal static class ColdStart
{
    private static readonly byte[] s_response = """{"data":[{"taskUUID":"","imageUUID":"","imageURL":"","cost":0}]}"""u8.ToArray();
    private static int s_hasBegun;

    /// <summary>The HTTP clients and the reading of responses.</summary>
    public static void Begin()
    {
        if (Interlocked.Exchange(ref s_hasBegun, 1) == 0)
        {
            Observe(Task.Run(() => HttpPipeline.Factory.CreateApiClient()));
            Observe(Task.Run(() => ResponseReader.Read(s_response)));
        }
    }

    /// <summary>The journal. A file is created if it doesn't exist.</summary>
    public static void Open(JournalAddress journal)
    {
        if (!JournalStore.IsOpen(journal))
        {
            Observe(JournalStore.OpenAsync(journal));
        }
    }

    private static void Observe(Task work) => _ = work.ContinueWith(
        static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
