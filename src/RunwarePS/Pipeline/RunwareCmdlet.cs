using System.Management.Automation;
using System.Runtime.ExceptionServices;
using RunwarePS.Connections;

namespace RunwarePS.Pipeline;

/// <summary>
/// The base of all cmdlets: work runs on the thread pool, output is written on the pipeline's thread, a stop takes effect at once, and
/// failures are reported in one way.
/// </summary>
public abstract class RunwareCmdlet : PSCmdlet, IDisposable
{
    private static readonly TimeSpan s_journalTimeout = TimeSpan.FromSeconds(1);

    private const int NameLength = 40;

    private PipelineWorkQueue? _workQueue;
    private CmdletContext? _context;
    private bool? _showsProgress;
    private bool _hasEnded;
    private object? _partlyWritten;

    /// <summary>The largest number of pieces of work in flight.</summary>
    private protected virtual int MaxInFlight => 1;

    // A stop may come from another thread before the first record.
    private protected PipelineWorkQueue WorkQueue =>
        LazyInitializer.EnsureInitialized(ref _workQueue, () => new PipelineWorkQueue(MaxInFlight));

    /// <summary>The connection, the journal and the clients of this cmdlet.</summary>
    private protected CmdletContext Context => LazyInitializer.EnsureInitialized(ref _context, CreateContext);

    /// <summary>The activity of the progress bar; null for no bar.</summary>
    private protected virtual string? Activity => null;

    /// <summary>The bar of this run, once there is work.</summary>
    private protected RunProgress? Progress { get; private set; }

    /// <summary>Queues work; waits for a slot, and runs what is ready meanwhile. Failures stay with <paramref name="subject"/>.</summary>
    private protected void Queue(object? subject, Func<CancellationToken, Task<Action>> work)
    {
        StartProgress();
        OnPipeline(WorkQueue.WaitForSlot);
        Progress?.Begin();
        OnPipeline(() => WorkQueue.Add(subject, async cancellationToken =>
        {
            try
            {
                return await work(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                return () =>
                {
                    Progress?.Fail();
                    WriteFailure(e, subject);
                };
            }
        }));
    }

    /// <summary>Runs one piece of work to its end and gives its result; its failure is thrown here.</summary>
    private protected T Await<T>(Func<CancellationToken, Task<T>> work)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        OnPipeline(() =>
        {
            WorkQueue.Add(subject: null, async cancellationToken =>
            {
                try
                {
                    var value = await work(cancellationToken).ConfigureAwait(false);
                    return () => result = value;
                }
                catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
                {
                    return () => failure = ExceptionDispatchInfo.Capture(e); // thrown outside the queue, which continues
                }
            });
            WorkQueue.Drain();
        });
        failure?.Throw();
        return result;
    }

    /// <summary>Runs a work item without a result.</summary>
    private protected void Await(Func<CancellationToken, Task> work) => Await(async cancellationToken =>
    {
        await work(cancellationToken).ConfigureAwait(false);
        return true;
    });

    /// <summary>The tags of this connection that match a wildcard pattern, whatever the case; null for no pattern.</summary>
    private protected IReadOnlyCollection<string>? MatchingTags(string? pattern)
    {
        if (pattern is null)
        {
            return null;
        }

        var wildcard = WildcardPattern.Get(pattern, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        return [.. Await(Context.Journal.TagsAsync).Where(wildcard.IsMatch)];
    }

    /// <summary>Streams rows onto the pipeline's thread: the next are read only when these were used.</summary>
    private protected IEnumerable<T> Stream<T>(Func<CancellationToken, IAsyncEnumerable<T>> read)
    {
        var rows = read(WorkQueue.Token).GetAsyncEnumerator(WorkQueue.Token);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next = rows.MoveNextAsync().AsTask();
                if (!WaitFor(next))
                {
                    yield break;
                }

                yield return rows.Current;
            }
        }
        finally
        {
            // A read that was stopped ends by its token, and releases what it holds by itself.
            if (next is null or { IsCompleted: true })
            {
                rows.DisposeAsync().AsTask().Wait(s_journalTimeout);
            }
        }
    }

    /// <summary>Waits for everything queued.</summary>
    private protected void Drain()
    {
        try
        {
            OnPipeline(WorkQueue.Drain);
        }
        finally
        {
            if (!Stopping)
            {
                Progress?.Complete();
            }
        }
    }

    private protected void WriteFailure(Exception e, object? target) =>
        WriteError(ErrorRecords.From(e, target, HasManyRecords && NameOf(target) is { Length: > 0 } name ? name : null));

    /// <summary>Whether errors must name the record that they concern.</summary>
    private protected virtual bool HasManyRecords => MyInvocation.ExpectingInput;

    /// <summary>The record that an error concerns, in few words, to tell it from the others. Empty if there are no words for it.</summary>
    private protected virtual string NameOf(object? target) => DisplayText.Line(
        target switch
        {
            RunwareErrorTarget request => request.Prompt,
            RunwareTask task => task.Prompt,
            RunwareOutput output => output.Prompt,
            _ => null,
        },
        NameLength);

    private protected void ThrowFailure(Exception e, object? target) => ThrowTerminatingError(ErrorRecords.From(e, target));

    /// <summary>Runs an action; what it throws of the module's own is a non-terminating error of this record.</summary>
    private protected void PerRecord(object? target, Action action)
    {
        try
        {
            action();
        }
        catch (RunwareException e)
        {
            StartProgress();
            Progress?.Refuse();
            WriteFailure(e, target);
        }
    }

    /// <summary>
    /// Requires a value for each specified parameter that selects: an empty value selects nothing, and never everything, so it is an error.
    /// </summary>
    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>.</exception>
    private protected void RequireValues(params string[] parameters)
    {
        var given = MyInvocation.BoundParameters;
        if (Array.Find(parameters, p => given.TryGetValue(p, out var value) && ReadValue.IsNothing(value)) is { } empty)
        {
            throw RowReader.Empty(empty);
        }
    }

    private void StartProgress()
    {
        if (Progress is null && (_showsProgress ??= Activity is not null && RunProgress.IsWanted(this)))
        {
            Progress = new RunProgress(this, WorkQueue, Activity!);
        }
    }

    /// <summary>
    /// Writes the outcome of one subject. If the pipeline ends before that is complete, the subject counts as unfinished.
    /// </summary>
    private protected void WriteAll<T>(object subject, IReadOnlyList<T> results)
    {
        for (var i = 0; i < results.Count; i++)
        {
            _partlyWritten = i < results.Count - 1 ? subject : null;
            WriteObject(results[i]);
        }
    }

    /// <summary>Called when the pipeline ends early, for work whose results won't be returned.</summary>
    private protected virtual void OnEndedEarly(IReadOnlyCollection<object?> unfinished)
    {
    }

    /// <summary>Without what is made here no record can be served: what it throws of the module's own ends the cmdlet.</summary>
    private protected virtual void Begin()
    {
    }

    /// <summary>One record; what it throws of the module's own is an error of that record.</summary>
    private protected virtual void Process()
    {
    }

    /// <summary>After the last record, before the last work is waited for.</summary>
    private protected virtual void End()
    {
    }

    /// <summary>Releases resources when the cmdlet ends, also after a stop.</summary>
    private protected virtual void Release()
    {
    }

    /// <inheritdoc/>
    protected sealed override void BeginProcessing() => OrEndEarly(() =>
    {
        try
        {
            Begin();
        }
        catch (RunwareException e)
        {
            ThrowFailure(e, target: null);
        }
    });

    /// <inheritdoc/>
    protected sealed override void ProcessRecord() => OrEndEarly(() => PerRecord(target: null, Process));

    /// <inheritdoc/>
    protected sealed override void EndProcessing() => OrEndEarly(() =>
    {
        PerRecord(target: null, End);
        Progress?.Close();
        if (_workQueue is not null)
        {
            _context?.CommitAtOnce();
            Drain();
        }

        // The next session must find it. Most of it is written already.
        if (_context?.FlushJournalAsync(WorkQueue.Token) is { IsCompleted: false } flush)
        {
            WaitFor(flush);
        }

        if (_workQueue is not null)
        {
            OnPipeline(WorkQueue.DrainReady); // the warning of a commit that failed
        }

        _hasEnded = true;
    });

    /// <summary>Called on another thread: it only cancels.</summary>
    protected sealed override void StopProcessing() => WorkQueue.Cancel();

    /// <summary>Reports how to get what is in progress or completed and was not returned. Every other stream throws on a stop.</summary>
    private protected void ReportIds(IEnumerable<Guid> taskUuids)
    {
        var ids = string.Join(", ", taskUuids.Where(id => id != Guid.Empty).Distinct());
        if (ids.Length > 0)
        {
            WriteInformation(new HostInformationMessage { Message = Strings.PipelineEndedEarly.With(ids) }, ["PSHOST"]);
        }
    }

    // However it ends: by the reader downstream, by an error that is to stop it, by an exception, or by the user.
    private void OrEndEarly(Action action)
    {
        try
        {
            action();
        }
        catch
        {
            EndEarly();
            throw;
        }
    }

    private void EndEarly()
    {
        if (!_hasEnded && _workQueue is not null)
        {
            _hasEnded = true;
            WorkQueue.End();
            OnEndedEarly([.. WorkQueue.Unfinished, _partlyWritten]);
        }
    }

    private CmdletContext CreateContext()
    {
        var queue = WorkQueue;
        return new CmdletContext(() => StreamTrace.Of(this, queue), message => queue.Post(() => WriteWarning(message)));
    }

    // What runs already needs no thread of its own to be waited for.
    private T WaitFor<T>(Task<T> task)
    {
        WaitFor((Task)task);
        return task.Result;
    }

    private void WaitFor(Task task) => OnPipeline(() =>
    {
        WorkQueue.WaitFor(task);
        task.GetAwaiter().GetResult();
    });

    private void OnPipeline(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (Stopping && (e is OperationCanceledException or PipelineStoppedException))
        {
            throw new PipelineStoppedException();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Progress?.Dispose();
        EndEarly(); // where another command of the pipeline ended it, nothing else is called
        _workQueue?.Dispose();
        Release();
        // the next session must find what an early end left unfinished
        _context?.FlushJournalAsync(CancellationToken.None).Wait(s_journalTimeout);
        GC.SuppressFinalize(this);
    }
}
