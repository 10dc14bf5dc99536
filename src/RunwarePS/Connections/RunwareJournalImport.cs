namespace RunwarePS;

/// <summary>What <c>Import-RunwareJournal</c> did.</summary>
public sealed class RunwareJournalImport
{
    /// <summary>The journal file.</summary>
    public string? Path { get; set; }

    /// <summary>How many tasks of this endpoint and key the file has, including those that were removed and cost something.</summary>
    public int Found { get; set; }

    /// <summary>How many of them the database didn't have.</summary>
    public int Added { get; set; }

    /// <summary>The numbers and the file.</summary>
    public override string ToString() => FormattableString.Invariant($"{Added} of {Found} {Path}");
}
