namespace RunwarePS.Journal;

/// <summary>A content that the API stores.</summary>
/// <param name="Uuid">The ID that tasks take it by.</param>
/// <param name="Url">Where it can be downloaded, if that is known.</param>
internal sealed record StoredMedium(Guid Uuid, Uri? Url);
