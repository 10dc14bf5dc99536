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
    /// <summary>A result could not be fetched from its address, or is no picture. It stays there until its time-to-live ends.</summary>
    public const string DownloadFailed = nameof(DownloadFailed);
    /// <summary>Plain http to anything but loopback: the key would travel in clear text.</summary>
    public const string EndpointInsecure = nameof(EndpointInsecure);
    /// <summary>Another picture has this name already, and <c>-Force</c> was not given.</summary>
    public const string FileExists = nameof(FileExists);
    /// <summary>A name template with a root, a drive, <c>..</c> or an empty part: it would lead out of <c>-Path</c>.</summary>
    public const string FileNameNotPlain = nameof(FileNameNotPlain);
    /// <summary>A status that is no success, and no body that says more. So too a redirect, which a request never follows.</summary>
    public const string HttpStatus = nameof(HttpStatus);
    /// <summary>A file that holds no metadata of this module.</summary>
    public const string ImageInfoNotFound = nameof(ImageInfoNotFound);
    /// <summary>A path that was given as a picture names no file.</summary>
    public const string ImageNotFound = nameof(ImageNotFound);
    /// <summary>A file that was given as a picture is none, or cannot be opened.</summary>
    public const string ImageUnreadable = nameof(ImageUnreadable);
    /// <summary>A journal on a network share, where SQLite's WAL does not work.</summary>
    public const string JournalNotLocal = nameof(JournalNotLocal);
    /// <summary>The journal cannot be opened or written, and <c>-JournalRequired</c> or a cap for the day needs it.</summary>
    public const string JournalUnavailable = nameof(JournalUnavailable);
    /// <summary>The catalog does not know the model. Requests may still name it; they go out unchecked.</summary>
    public const string ModelNotFound = nameof(ModelNotFound);
    /// <summary>One thing was given twice: by two parameters, or by a parameter and an additional key.</summary>
    public const string ParameterConflict = nameof(ParameterConflict);
    /// <summary>A value that the model does not take; the message says what it takes.</summary>
    public const string ParameterOutOfRange = nameof(ParameterOutOfRange);
    /// <summary>A value that cannot be read as the kind that its parameter takes.</summary>
    public const string ParameterUnreadable = nameof(ParameterUnreadable);
    /// <summary>A folder was expected, and its name ends like a picture's.</summary>
    public const string PathLooksLikeFile = nameof(PathLooksLikeFile);
    /// <summary>A cap was given, and the catalog has no price for the model and size that could be held against it.</summary>
    public const string PriceUnknown = nameof(PriceUnknown);
    /// <summary>A record without a prompt, or with an empty one.</summary>
    public const string PromptMissing = nameof(PromptMissing);
    /// <summary>A reference that is no file, address, data URI, media UUID, bytes or image. It is never sent as text.</summary>
    public const string ReferenceImageNotFound = nameof(ReferenceImageNotFound);
    /// <summary>
    /// No response within the timeout of one request or the time limit of the call. Unless the message says that it wasn't sent, a task may
    /// have been accepted.
    /// </summary>
    public const string RequestTimeout = nameof(RequestTimeout);
    /// <summary>A file could not be written. No part of it is left behind.</summary>
    public const string SaveFailed = nameof(SaveFailed);
    /// <summary>Neither the API nor the journal knows the task.</summary>
    public const string TaskNotFound = nameof(TaskNotFound);
    /// <summary>The task had not ended when timeout was over. It lives on under its id.</summary>
    public const string TaskTimeout = nameof(TaskTimeout);
    /// <summary>An id for more than one record, or one that the journal holds for another request.</summary>
    public const string TaskUuidReused = nameof(TaskUuidReused);
    /// <summary>A transparent background in a format without alpha; JPG, the default, has none.</summary>
    public const string TransparencyNeedsAlpha = nameof(TransparencyNeedsAlpha);
    /// <summary>A fault of this module: an exception that no code above stands for.</summary>
    public const string Unexpected = nameof(Unexpected);
    /// <summary>One upload address for several results: each would overwrite the last.</summary>
    public const string UploadEndpointNeedsSingleResult = nameof(UploadEndpointNeedsSingleResult);
    /// <summary>Success by its status, but no reply, or not all results. What is missing may have been charged.</summary>
    public const string UnreadableReply = nameof(UnreadableReply);

    private static readonly HashSet<string> s_all = new(
        typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!), StringComparer.Ordinal);

    /// <summary>Whether the API reported a code. Only for failures that were stored before the module stored who reported them.</summary>
    internal static bool IsFromServer(string? code) => !string.IsNullOrEmpty(code) && !s_all.Contains(code);
}
