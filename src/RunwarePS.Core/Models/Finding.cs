using System.Text.Json.Nodes;

namespace RunwarePS.Models;

internal enum FindingKind
{
    Unknown,
    Missing,
    WrongType,
    OutOfRange,
    NotAllowed,
    Incompatible,
}

/// <summary>One thing wrong with a request. <see cref="Path"/> is the key's dotted path on the wire.</summary>
internal sealed record Finding(string Path, FindingKind Kind, string Message, JsonNode? Value)
{
    /// <summary>All keys that the finding concerns, <see cref="Path"/> first.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [Path];

    public decimal? Min { get; init; }

    public decimal? Max { get; init; }

    public IReadOnlyList<string>? AllowedValues { get; init; }

    /// <summary>The number of the document's rule, from 1; null where a parameter's own definition is broken.</summary>
    public int? Rule { get; init; }
}
