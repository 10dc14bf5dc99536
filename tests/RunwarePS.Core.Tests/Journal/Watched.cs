using System.Reflection;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>An interface that reports each call and passes it on. The sessions of a store are watched, too.</summary>
public class Watched : DispatchProxy
{
    private object _target = null!;
    private Action<string> _report = null!;

    public static T Create<T>(T target, Action<string> report)
        where T : class
    {
        var proxy = Create<T, Watched>();
        ((Watched)(object)proxy)._target = target;
        ((Watched)(object)proxy)._report = report;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _report(targetMethod!.Name);
        var result = targetMethod.Invoke(_target, args);
        return result is Task<IJournalSession> session ? WatchAsync(session) : result;
    }

    private async Task<IJournalSession> WatchAsync(Task<IJournalSession> session) => Create(await session, _report);
}
