namespace RunwarePS.Journal;

/// <summary>A content that the API stores.</summary>
/// <param name="Uuid">The ID that tasks take it by.</param>
/// <param name="Url">Where it can be downloaded, if that is known.</param>
internal sealed record StoredMedium(Guid Uuid, Uri? Url);

/// <summary>An upload.</summary>
/// <param name="ContentHash">The hash of the content.</param>
/// <param name="Medium">Where the API stores it.</param>
/// <param name="At">When it was uploaded, in UTC.</param>
internal sealed record Upload(string ContentHash, StoredMedium Medium, DateTime At)
{
    /// <summary>How long an upload is used again. How long the API stores it isn't published: older ones are uploaded again.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);
}
