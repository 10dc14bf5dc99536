using System.Collections;

namespace RunwarePS;

/// <summary>What kind of thing went wrong, and so what helps.</summary>
public enum RunwareErrorCategory
{
    /// <summary>A code and status that aren't known.</summary>
    Unknown,
    /// <summary>A value or a combination was refused. Nothing was made.</summary>
    Validation,
    /// <summary>The key is missing, wrong or without the right.</summary>
    Authentication,
    /// <summary>The account's credit, or a cap, does not reach.</summary>
    Quota,
    /// <summary>Too much at a time. Nothing was made; the same request may be sent later.</summary>
    RateLimit,
    /// <summary>The content was refused. It will be refused again, so it is never repeated.</summary>
    Safety,
    /// <summary>No such model, task or file, or no longer.</summary>
    NotFound,
    /// <summary>The model's provider failed; later it may not.</summary>
    Provider,
    /// <summary>The API failed; later it may not.</summary>
    Server,
    /// <summary>Too slow: the API, the model, or the time that was given.</summary>
    Timeout,
    /// <summary>The network between here and the API.</summary>
    Connection,
}

/// <summary>The exception of this module: an error that the API returned, or one that the module found.</summary>
public sealed class RunwareException : Exception
{
    /// <param name="code">The API's code, or one of <see cref="ErrorCodes"/>.</param>
    /// <param name="category">What kind of failure it is.</param>
    /// <param name="message">What happened, without any secret.</param>
    /// <param name="inner">What caused it, where something did.</param>
    public RunwareException(string code, RunwareErrorCategory category, string message, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        Category = category;
    }

    /// <summary>Creates the same failure for one task.</summary>
    internal RunwareException(RunwareException said, Guid taskUuid)
        : this(said.Code, said.Category, said.Message, said.InnerException)
    {
        IsFromServer = said.IsFromServer;
        Parameter = said.Parameter;
        TaskUuid = taskUuid == Guid.Empty ? null : taskUuid;
        StatusCode = said.StatusCode;
        Documentation = said.Documentation;
        RetryAfter = said.RetryAfter;
        NamesTask = said.NamesTask;
        AdditionalData = said.AdditionalData;
    }

    /// <summary>The API's own code (<c>invalidApiKey</c>), or the name of what the module found (<c>ApiKeyMissing</c>).</summary>
    public string Code { get; }

    /// <summary>What kind of failure it is; PowerShell's category and the recommended action follow it.</summary>
    public RunwareErrorCategory Category { get; }

    /// <summary>The PowerShell parameter for the module's own findings, the API's name for the server's.</summary>
    public string? Parameter { get; init; }

    /// <summary>The task this concerns. A task whose submission was unclear may have been accepted and charged under this id.</summary>
    public Guid? TaskUuid { get; init; }

    /// <summary>The HTTP status of the response, where there was one.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The API's own page about this, where it named one.</summary>
    public Uri? Documentation { get; init; }

    /// <summary>True where the same request may succeed later.</summary>
    public bool IsTransient => ErrorCatalog.IsTransient(Category);

    /// <summary>True if the response named the task beside the error; false if the error may concern the request as a whole.</summary>
    internal bool NamesTask { get; init; }

    /// <summary>How long the server asked to wait; null if it didn't ask.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Further fields of the API's error: <c>min</c>, <c>max</c>, <c>allowedValues</c>, <c>responseContent</c> and any others.
    /// </summary>
    public Hashtable AdditionalData { get; init; } = [];

    /// <summary>True if the API returned the error, false if the module found it.</summary>
    public bool IsFromServer { get; init; }

    /// <summary>
    /// The stable id of the error record: <c>Runware.</c> and the code for an error of the API, the plain code otherwise.
    /// </summary>
    public string ErrorId => IsFromServer ? "Runware." + Code : Code;

    /// <summary>What the user can do about it.</summary>
    public string RecommendedAction => ErrorCatalog.Action(this);

    /// <summary>A finding of the module about one parameter, made before anything was sent.</summary>
    internal static RunwareException Invalid(string code, string? parameter, string message, Exception? inner = null) =>
        new(code, RunwareErrorCategory.Validation, message, inner) { Parameter = parameter };
}
