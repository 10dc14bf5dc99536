namespace RunwarePS.Media;

/// <summary>How pictures are put into files.</summary>
internal sealed record ImageSaveOptions
{
    /// <summary>A full path; made where it is absent.</summary>
    public required string Folder { get; init; }

    public required FileNameTemplate Template { get; init; }

    /// <summary>Overwrites another picture of the same name.</summary>
    public bool Force { get; init; }

    /// <summary>Leaves a picture away whose name is taken, whatever lies there.</summary>
    public bool SkipExisting { get; init; }

    /// <summary>Writes the provenance into a <c>.json</c> file beside the picture.</summary>
    public bool Sidecar { get; init; }

    /// <summary>Writes the provenance into the picture's own file.</summary>
    public bool Metadata { get; init; } = true;
}
