using System.Collections;

namespace RunwarePS;

/// <summary>One failed result of a task: all that is known of the error, in plain types that survive CLIXML, remoting and jobs.</summary>
public sealed class RunwareFailure
{
    /// <summary>The API's code, or one of <see cref="ErrorCodes"/>.</summary>
    public string? Code { get; set; }

    /// <summary>The name of a <see cref="RunwareErrorCategory"/>.</summary>
    public string? Category { get; set; }

    /// <summary>What happened, without any secret.</summary>
    public string? Message { get; set; }

    /// <summary>The API's name of the parameter that it refused; null if it named none.</summary>
    public string? Parameter { get; set; }

    /// <summary>The HTTP status of the response; null if there was none.</summary>
    public int? StatusCode { get; set; }

    /// <summary>The API's own page about this error; null if it named none.</summary>
    public Uri? Documentation { get; set; }

    /// <summary>True if the API reported the error, false if the module found it.</summary>
    public bool IsFromServer { get; set; }

    /// <summary>
    /// What else the API reported: <c>min</c>, <c>max</c>, <c>allowedValues</c>, <c>responseContent</c> and keys that it may add.
    /// </summary>
    public Hashtable AdditionalData { get; set; } = [];

    /// <summary>The code and the message.</summary>
    public override string ToString() => $"{Code}: {Message}";

    internal static RunwareFailure From(RunwareException error) => new()
    {
        Code = error.Code,
        Category = error.Category.ToString(),
        Message = error.Message,
        Parameter = error.Parameter,
        StatusCode = error.StatusCode,
        Documentation = error.Documentation,
        IsFromServer = error.IsFromServer,
        AdditionalData = error.AdditionalData,
    };

    /// <summary>The error that the failure was created from, also after it was stored in a file or the journal.</summary>
    internal RunwareException ToException(Guid taskUuid)
    {
        var code = Code is { Length: > 0 } known ? known : ErrorCodes.Unexpected;
        var category = Enum.TryParse<RunwareErrorCategory>(Category, ignoreCase: true, out var parsed)
            ? parsed
            : RunwareErrorCategory.Unknown;
        return new RunwareException(code, category, Message ?? code)
        {
            IsFromServer = IsFromServer,
            Parameter = Parameter,
            TaskUuid = taskUuid,
            StatusCode = StatusCode,
            Documentation = Documentation,
            AdditionalData = AdditionalData,
        };
    }
}
