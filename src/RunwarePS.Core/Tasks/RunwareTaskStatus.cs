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
}
