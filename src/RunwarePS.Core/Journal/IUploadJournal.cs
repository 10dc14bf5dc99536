namespace RunwarePS.Journal;

/// <summary>Records what the API stores, by the hash of its content, so that the same content isn't uploaded again.</summary>
internal interface IUploadJournal
{
    /// <summary>A content that was uploaded in the last weeks; null if there is none.</summary>
    Task<StoredMedium?> FindUploadAsync(string contentHash, CancellationToken cancellationToken);

    /// <summary>All contents that were uploaded in the last weeks.</summary>
    Task<IReadOnlyList<Upload>> UploadsAsync(CancellationToken cancellationToken);

    /// <summary>Fact: the API stores a content.</summary>
    Task UploadedAsync(string contentHash, StoredMedium medium, DateTime at);

    /// <summary>Fact: the API no longer stores a medium.</summary>
    Task UploadRemovedAsync(Guid id);
}
