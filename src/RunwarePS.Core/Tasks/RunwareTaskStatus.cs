namespace RunwarePS.Tasks;

/// <summary>The values of <see cref="RunwareTask.Status"/>: text, so that it survives serialization.</summary>
internal static class RunwareTaskStatus
{
    public const string Pending = nameof(Pending);
    public const string Submitted = nameof(Submitted);
    public const string Processing = nameof(Processing);
    public const string Succeeded = nameof(Succeeded);
    public const string PartiallySucceeded = nameof(PartiallySucceeded);
    public const string Failed = nameof(Failed);
    public const string Unknown = nameof(Unknown);

    /// <summary>The statuses as they are written here, whatever their case.</summary>
    public static IReadOnlyCollection<string> Canonical(IEnumerable<string> statuses)
    {
        string[] all = [Pending, Submitted, Processing, Succeeded, PartiallySucceeded, Failed, Unknown];
        return [.. statuses.Select(status => Array.Find(all, known => known.Equals(status, StringComparison.OrdinalIgnoreCase)) ?? status)];
    }
}
