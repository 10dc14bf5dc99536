namespace RunwarePS;

/// <summary>For whom a connection is made.</summary>
public enum ConnectionScope
{
    /// <summary>For every runspace of this process, those of <c>ForEach-Object -Parallel</c> and thread jobs included.</summary>
    Process,

    /// <summary>For this runspace alone.</summary>
    Runspace,
}
