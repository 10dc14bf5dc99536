using System.Management.Automation.Runspaces;
using RunwarePS.Isolation;

namespace RunwarePS.Connections;

/// <summary>The connection in force for a cmdlet, its journal, and the clients for it. Each is created at its first use.</summary>
/// <param name="createTrace">Creates the trace of requests; null for none.</param>
/// <param name="warn">Shows a warning. It is called on any thread.</param>
/// <param name="connection">The connection; null for the one in force.</param>
internal sealed class CmdletContext(Func<IRequestTrace?> createTrace, Action<string> warn, ConnectionEntry? connection = null)
{
    /// <summary>The number of requests in flight by default.</summary>
    private const int DefaultSlots = 5;

    private ConnectionEntry? _connection = connection;
    private ConnectionJournal? _journal;
    private TaskExecutor? _delivery;
    private IRequestTrace? _trace;

    /// <summary>
    /// The connection in force at the first use. The first use must be on the pipeline's thread: only that thread knows its runspace.
    /// </summary>
    /// <exception cref="InvalidOperationException">The first use is on another thread.</exception>
    public ConnectionEntry Connection => _connection ??= Find();

    /// <summary>The journal of the connection in force.</summary>
    public ConnectionJournal Journal => LazyInitializer.EnsureInitialized(ref _journal, OpenJournal);

    /// <summary>Sends and polls tasks with the defaults of the connection. All work shares it, so that polls share requests.</summary>
    public TaskExecutor Delivery =>
        LazyInitializer.EnsureInitialized(ref _delivery, () => CreateDelivery(timeout: null, DefaultSlots, budget: null));

    /// <summary>The webhook that tasks get by default; null if no receiver listens.</summary>
    public Uri? WebhookUrl => WebhookRegistry.Running().Length > 0 && FindConnection() is { } settings
        ? WebhookRegistry.Find(settings)?.DefaultUrl
        : null;

    public TaskReceiver Receiver => new(Delivery, Journal, TimeProvider.System);

    private IRequestTrace? Trace => _trace ??= createTrace();

    public RunwareClient CreateClient(bool keepsRaw = false) =>
        new(HttpPipeline.Factory.CreateApiClient(), Connection.Settings, Trace) { KeepsRaw = keepsRaw };

    public TaskExecutor CreateDelivery(TimeSpan? timeout, int slots, Budget? budget, bool keepsRaw = false) =>
        new(CreateClient(keepsRaw), new DeliveryOptions(Connection.Settings.MaxRetryCount, timeout, slots), Journal, TimeProvider.System,
            budget, WebhookRegistry.Find(Connection.Settings));

    /// <summary>Downloads media, with the timeout and retries of a connection, or with the defaults if there is none.</summary>
    public MediaSource CreateMediaSource(ConnectionSettings? connection) => new(
        HttpPipeline.Factory.CreateDownloadClient,
        connection?.Timeout ?? TimeSpan.FromSeconds(ConnectionSettings.DefaultTimeoutSeconds),
        connection?.MaxRetryCount ?? ConnectionSettings.DefaultMaxRetryCount,
        TimeProvider.System,
        Trace);

    /// <summary>
    /// The connection in force; null if there is none. Media can be downloaded without a connection, and then there is no journal.
    /// </summary>
    public ConnectionSettings? FindConnection()
    {
        try
        {
            return Connection.Settings;
        }
        catch (RunwareException)
        {
            return null;
        }
    }

    /// <summary>Begins to load what the first task needs, while its parameters are read and validated.</summary>
    public void Prepare()
    {
        if (FindConnection() is not null)
        {
            ColdStart.Begin();
            ColdStart.Open(Connection.Journal);
        }
    }

    /// <inheritdoc cref="ConnectionJournal.CommitAtOnce"/>
    public void CommitAtOnce() => _journal?.CommitAtOnce();

    /// <summary>Writes the pending changes of the journal, if it was used.</summary>
    public Task FlushJournalAsync(CancellationToken cancellationToken) => _journal?.FlushAsync(cancellationToken) ?? Task.CompletedTask;

    // On another thread, the connection of this runspace wouldn't be seen, and another account would pay.
    private static ConnectionEntry Find() => Runspace.DefaultRunspace is null
        ? throw new InvalidOperationException("The connection is first used outside the thread of the pipeline.")
        : ConnectionStore.Current ?? ConnectionDefaults.FromEnvironment();

    private ConnectionJournal OpenJournal()
    {
        var inForce = Connection;
        return new ConnectionJournal(_ => JournalStore.OpenAsync(inForce.Journal), inForce.Settings, warn);
    }
}
