using System.Reflection;

namespace RunwarePS;

/// <summary>The ids of what the module itself finds. They are a contract with scripts: a name here never changes.</summary>
public static class ErrorCodes
{
    /// <summary>No key was given, and the endpoint is not on this machine. Nothing was sent.</summary>
    public const string ApiKeyMissing = nameof(ApiKeyMissing);
    /// <summary>What the task could cost would pass a cap. Found before sending.</summary>
    public const string BudgetExceeded = nameof(BudgetExceeded);
    /// <summary>
    /// The endpoint could not be reached, or the connection broke. Of a submit it is unclear whether it was accepted.
    /// Also a sandbox's port that is taken.
    /// </summary>
    public const string ConnectionFailed = nameof(ConnectionFailed);
    /// <summary>A result can't be downloaded from its URL, or isn't a media file. It stays available until its time-to-live ends.</summary>
    public const string DownloadFailed = nameof(DownloadFailed);
    /// <summary>Plain http to anything but loopback: the key would travel in clear text.</summary>
    public const string EndpointInsecure = nameof(EndpointInsecure);
    /// <summary>Another image has this name already, and <c>-Force</c> was not given.</summary>
    public const string FileExists = nameof(FileExists);
    /// <summary>A name template with a root, a drive, <c>..</c> or an empty part: it would lead out of <c>-Path</c>.</summary>
    public const string FileNameNotPlain = nameof(FileNameNotPlain);
    /// <summary>An HTTP status other than success, without an error in the body. Also a redirect, which a request never follows.</summary>
    public const string HttpStatus = nameof(HttpStatus);
    /// <summary>A file that holds no metadata of this module.</summary>
    public const string ImageInfoNotFound = nameof(ImageInfoNotFound);
    /// <summary>A path that was given as an image names no file.</summary>
    public const string ImageNotFound = nameof(ImageNotFound);
    /// <summary>A file that was given as an image is none, or cannot be opened.</summary>
    public const string ImageUnreadable = nameof(ImageUnreadable);
    /// <summary>A journal on a network share, where SQLite's WAL does not work.</summary>
    public const string JournalNotLocal = nameof(JournalNotLocal);
    /// <summary>The URL of a journal has a password in it.</summary>
    public const string JournalPasswordInUrl = nameof(JournalPasswordInUrl);
    /// <summary>The journal cannot be opened or written, and <c>-JournalRequired</c> or a cap for the day needs it.</summary>
    public const string JournalUnavailable = nameof(JournalUnavailable);
    /// <summary>The URL of a journal can't be read, or has an option that doesn't exist.</summary>
    public const string JournalUrlInvalid = nameof(JournalUrlInvalid);
    /// <summary>The catalog does not know the model. Requests may still name it; they go out unchecked.</summary>
    public const string ModelNotFound = nameof(ModelNotFound);
    /// <summary>One thing was given twice: by two parameters, or by a parameter and an additional key.</summary>
    public const string ParameterConflict = nameof(ParameterConflict);
    /// <summary>A value that isn't allowed; the message contains the allowed values.</summary>
    public const string ParameterOutOfRange = nameof(ParameterOutOfRange);
    /// <summary>A value that cannot be read as the kind that its parameter takes.</summary>
    public const string ParameterUnreadable = nameof(ParameterUnreadable);
    /// <summary>A folder was expected, and its name ends like an image's.</summary>
    public const string PathLooksLikeFile = nameof(PathLooksLikeFile);
    /// <summary>A cap was specified, and the catalog doesn't contain a price for the model and size.</summary>
    public const string PriceUnknown = nameof(PriceUnknown);
    /// <summary>A record without a prompt, or with an empty one.</summary>
    public const string PromptMissing = nameof(PromptMissing);
    /// <summary>A reference that isn't a file, URL, data URI, media UUID, bytes or image. It is never sent as text.</summary>
    public const string ReferenceImageNotFound = nameof(ReferenceImageNotFound);
    /// <summary>
    /// No response within the timeout of one request or the time limit of the call. Unless the message states that it wasn't sent, a task
    /// may have been accepted.
    /// </summary>
    public const string RequestTimeout = nameof(RequestTimeout);
    /// <summary>A file can't be written. An incomplete file is removed.</summary>
    public const string SaveFailed = nameof(SaveFailed);
    /// <summary>Neither the API nor the journal knows the task.</summary>
    public const string TaskNotFound = nameof(TaskNotFound);
    /// <summary>The task didn't end within the timeout. It's still running under its ID.</summary>
    public const string TaskTimeout = nameof(TaskTimeout);
    /// <summary>An id for more than one record, or one that the journal holds for another request.</summary>
    public const string TaskUuidReused = nameof(TaskUuidReused);
    /// <summary>A transparent background in a format without alpha; JPG, the default, has none.</summary>
    public const string TransparencyNeedsAlpha = nameof(TransparencyNeedsAlpha);
    /// <summary>A fault of this module: an exception without a code of its own.</summary>
    public const string Unexpected = nameof(Unexpected);
    /// <summary>One upload URL for several results: each would overwrite the last.</summary>
    public const string UploadEndpointNeedsSingleResult = nameof(UploadEndpointNeedsSingleResult);
    /// <summary>A success status without a readable response, or without all results. What is missing may have been charged.</summary>
    public const string UnreadableReply = nameof(UnreadableReply);

    private static readonly HashSet<string> s_all = new(
        typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!), StringComparer.Ordinal);

    /// <summary>Whether the API reported a code. Only for failures that were stored before the module stored who reported them.</summary>
    internal static bool IsFromServer(string? code) => !string.IsNullOrEmpty(code) && !s_all.Contains(code);
}
