namespace RunwarePS.Media;

/// <summary>How outputs are saved to files.</summary>
internal sealed record SaveOptions
{
    /// <summary>A full path. The folder is created if it doesn't exist.</summary>
    public required string Folder { get; init; }

    public required FileNameTemplate Template { get; init; }

    /// <summary>Overwrites another file of the same name.</summary>
    public bool Force { get; init; }

    /// <summary>Skips an output whose file name exists, without comparing the files.</summary>
    public bool SkipExisting { get; init; }

    /// <summary>Writes the metadata to a <c>.json</c> file beside the file.</summary>
    public bool Sidecar { get; init; }

    /// <summary>Writes the metadata into an image's own file.</summary>
    public bool Metadata { get; init; } = true;
}
