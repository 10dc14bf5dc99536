namespace RunwarePS;

/// <summary>The ids of what the module itself finds. They are a contract with scripts: a name here never changes.</summary>
public static class ErrorCodes
{
    public const string ApiKeyMissing = nameof(ApiKeyMissing);
    public const string BudgetExceeded = nameof(BudgetExceeded);
    public const string ConnectionFailed = nameof(ConnectionFailed);
    public const string DownloadFailed = nameof(DownloadFailed);
    public const string EndpointInsecure = nameof(EndpointInsecure);
    public const string FileExists = nameof(FileExists);
    public const string FileNameNotPlain = nameof(FileNameNotPlain);
    public const string HttpStatus = nameof(HttpStatus);
    public const string ImageInfoNotFound = nameof(ImageInfoNotFound);
    public const string ImageNotFound = nameof(ImageNotFound);
    public const string ImageUnreadable = nameof(ImageUnreadable);
    public const string JournalNotLocal = nameof(JournalNotLocal);
    public const string JournalUnavailable = nameof(JournalUnavailable);
    public const string ModelNotFound = nameof(ModelNotFound);
    public const string ParameterConflict = nameof(ParameterConflict);
    public const string ParameterOutOfRange = nameof(ParameterOutOfRange);
    public const string ParameterUnreadable = nameof(ParameterUnreadable);
    public const string PathLooksLikeFile = nameof(PathLooksLikeFile);
    public const string PriceUnknown = nameof(PriceUnknown);
    public const string PromptMissing = nameof(PromptMissing);
    public const string ReferenceImageNotFound = nameof(ReferenceImageNotFound);
    public const string RequestTimeout = nameof(RequestTimeout);
    public const string SaveFailed = nameof(SaveFailed);
    public const string TaskNotFound = nameof(TaskNotFound);
    public const string TaskTimeout = nameof(TaskTimeout);
    public const string TaskUuidReused = nameof(TaskUuidReused);
    public const string TransparencyNeedsAlpha = nameof(TransparencyNeedsAlpha);
    public const string Unexpected = nameof(Unexpected);
    public const string UploadEndpointNeedsSingleResult = nameof(UploadEndpointNeedsSingleResult);
    public const string UnreadableReply = nameof(UnreadableReply);
}
