namespace RunwarePS.Journal;

/// <summary>Where a journal is: a file of this machine.</summary>
/// <param name="Path">The full path of the file.</param>
internal sealed record JournalAddress(string Path)
{
    /// <summary>The journal as people may see it.</summary>
    public override string ToString() => Path;
}
