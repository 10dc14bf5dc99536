namespace RunwarePS.Sandbox;

/// <summary>A list that many add to and anyone may look at.</summary>
internal sealed class Log<T>
{
    private readonly List<T> _items = [];

    public void Add(T item)
    {
        lock (_items)
        {
            _items.Add(item);
        }
    }

    public T[] Snapshot()
    {
        lock (_items)
        {
            return [.. _items];
        }
    }
}
