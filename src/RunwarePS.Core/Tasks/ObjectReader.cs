using System.Collections;

namespace RunwarePS.Tasks;

/// <summary>Looks a property up by one of its names, without case; null where the object has none of them.</summary>
internal delegate object? Lookup(params string[] names);

/// <summary>
/// Makes the module's objects from what came back from CLIXML, remoting, a job, or a row of JSON or CSV. What the objects are made of
/// reaches this class through a <see cref="Lookup"/>, so that it needs no engine.
/// </summary>
internal static class ObjectReader
{
    /// <summary>The prefixes of Url, Base64Data, and DataUri, in the API's names and in the module's, and the kinds of output.</summary>
    private static readonly (string Prefix, Func<RunwareMedia> Create)[] s_media =
    [
        ("Image", () => new RunwareImage()), ("Video", () => new RunwareVideo()), ("Audio", () => new RunwareAudio()),
        ("MaskImage", () => new RunwareImage()), ("GuideImage", () => new RunwareImage()),
        ("Media", () => new RunwareFile()), ("File", () => new RunwareFile()),
    ];

    /// <summary>An image; null if the dictionary contains neither image data nor a URL.</summary>
    /// <param name="lookup">The dictionary.</param>
    /// <param name="orFile">Whether a file counts as well: the path of a saved image, or what files are known by.</param>
    public static RunwareImage? Image(Lookup lookup, bool orFile = false) =>
        (RunwareImage?)Media(lookup, "Image", () => new RunwareImage(), orFile);

    /// <summary>An output of any kind; null if the dictionary doesn't contain one.</summary>
    /// <param name="lookup">The dictionary.</param>
    /// <param name="type">The name of the type that the object had before it was serialized; other names are ignored.</param>
    /// <param name="orFile">Whether a file counts as well.</param>
    public static RunwareOutput? Output(Lookup lookup, string? type, bool orFile = false)
    {
        foreach (var (prefix, create) in s_media)
        {
            if (Media(lookup, prefix, create, orFile: false) is { } media)
            {
                return media;
            }
        }

        Func<RunwareMedia> ofType = type switch
        {
            nameof(RunwareImage) => () => new RunwareImage(),
            nameof(RunwareVideo) => () => new RunwareVideo(),
            nameof(RunwareAudio) => () => new RunwareAudio(),
            nameof(RunwareMediaReference) => () => new RunwareMediaReference { Sha256 = ReadValue.Text(lookup("Sha256")) },
            _ => () => new RunwareFile(),
        };
        return (RunwareOutput?)Media(lookup, "", ofType, orFile) ?? Text(lookup, type);
    }

    private static RunwareMedia? Media(Lookup lookup, string prefix, Func<RunwareMedia> create, bool orFile)
    {
        var path = ReadValue.Text(orFile ? lookup("Path", "FullName", "PSPath") : lookup("Path"));
        var url = ReadValue.Text(lookup(prefix + "Url"));
        var base64 = ReadValue.Text(lookup(prefix + "Base64Data"));
        var dataUri = ReadValue.Text(lookup(prefix + "DataUri"));
        if (url is null && base64 is null && dataUri is null && (path is null || !orFile))
        {
            return null;
        }

        if (url is not null && !Uri.TryCreate(url, UriKind.Absolute, out _))
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, prefix + "Url", Strings.UrlNotAbsolute.With(url));
        }

        var media = create();
        (media.Url, media.Base64, media.DataText, media.Path) = (url is null ? null : new Uri(url), base64, dataUri, path);
        Fill(media, lookup);
        media.Metadata.ImageUuid = media.Metadata.Uuid = null;
        media.Uuid = ReadValue.Id(lookup(prefix + "Uuid", "Uuid")) ?? Guid.Empty;
        if (media is RunwareImage image)
        {
            image.NsfwContent = ReadValue.Flag(lookup("NsfwContent"));
        }
        else if (media is RunwareVideo video)
        {
            video.NsfwContent = ReadValue.Flag(lookup("NsfwContent"));
        }

        return media;
    }

    // Any object may have a text: only one with a task is one that the API wrote.
    private static RunwareText? Text(Lookup lookup, string? type)
    {
        var data = ReadValue.IsNothing(lookup("Data")) ? null : lookup("Data");
        if ((type != nameof(RunwareText) && lookup("TaskUuid") is null) || (lookup("Text") is null && data is null))
        {
            return null;
        }

        var text = new RunwareText
        {
            Text = ReadValue.Text(lookup("Text")),
            Data = data,
            ReasoningContent = ReadValue.Text(lookup("ReasoningContent")),
            FinishReason = ReadValue.Text(lookup("FinishReason")),
            Usage = lookup("Usage") is IDictionary ? Table(lookup("Usage")) : null,
        };
        Fill(text, lookup);
        return text;
    }

    private static void Fill(RunwareOutput output, Lookup lookup)
    {
        foreach (var field in GenerationMetadata.Fields)
        {
            field.ReadObject(output.Metadata, field.Alias is { } alias ? lookup(field.Name, alias) : lookup(field.Name));
        }

        output.CreatedAt = lookup("CreatedAt") is null ? DateTime.UtcNow : output.CreatedAt;
        output.AdditionalData = Table(lookup("AdditionalData"));
    }

    /// <summary>A task; null if the dictionary doesn't contain an ID.</summary>
    public static RunwareTask? Task(Lookup lookup) => ReadValue.Id(lookup("TaskUuid")) is not { } id ? null : new RunwareTask
    {
        TaskUuid = id,
        TaskType = ReadValue.Text(lookup("TaskType")),
        Status = ReadValue.Text(lookup("Status")) ?? RunwareTaskStatus.Unknown,
        Expected = ReadValue.Integer(lookup("Expected")),
        Model = ReadValue.Text(lookup("Model")),
        Prompt = ReadValue.Text(lookup("Prompt", "PositivePrompt")),
        Tag = ReadValue.Text(lookup("Tag")),
        SubmittedAt = ReadValue.Time(lookup("SubmittedAt")),
        CompletedAt = ReadValue.Time(lookup("CompletedAt")),
    };

    /// <summary>The failure of one result.</summary>
    public static RunwareFailure Failure(Lookup lookup) => new()
    {
        Code = ReadValue.Text(lookup("Code")),
        Category = ReadValue.Text(lookup("Category")),
        Message = ReadValue.Text(lookup("Message")),
        Parameter = ReadValue.Text(lookup("Parameter")),
        StatusCode = ReadValue.Integer(lookup("StatusCode")),
        Documentation = Uri.TryCreate(ReadValue.Text(lookup("Documentation")), UriKind.Absolute, out var page) ? page : null,
        IsFromServer = ReadValue.Flag(lookup("IsFromServer")) ?? ErrorCodes.IsFromServer(ReadValue.Text(lookup("Code"))),
        AdditionalData = Table(lookup("AdditionalData")),
    };

    private static Hashtable Table(object? value) =>
        value is IDictionary table ? new Hashtable(table, StringComparer.OrdinalIgnoreCase) : [];
}
