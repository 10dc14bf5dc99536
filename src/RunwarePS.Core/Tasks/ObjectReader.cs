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
    /// <param name="bag">The dictionary.</param>
    /// <param name="orFile">Whether a file counts as well: the path of a saved image, or what files are known by.</param>
    public static RunwareImage? Image(Lookup bag, bool orFile = false) =>
        (RunwareImage?)Media(bag, "Image", () => new RunwareImage(), orFile);

    /// <summary>An output of any kind; null if the dictionary doesn't contain one.</summary>
    /// <param name="bag">The dictionary.</param>
    /// <param name="type">The name of the type that the object had before it was serialized; other names are ignored.</param>
    /// <param name="orFile">Whether a file counts as well.</param>
    public static RunwareOutput? Output(Lookup bag, string? type, bool orFile = false)
    {
        foreach (var (prefix, create) in s_media)
        {
            if (Media(bag, prefix, create, orFile: false) is { } media)
            {
                return media;
            }
        }

        Func<RunwareMedia> ofType = type switch
        {
            nameof(RunwareImage) => () => new RunwareImage(),
            nameof(RunwareVideo) => () => new RunwareVideo(),
            nameof(RunwareAudio) => () => new RunwareAudio(),
            nameof(RunwareMediaReference) => () => new RunwareMediaReference { Sha256 = ReadValue.Text(bag("Sha256")) },
            _ => () => new RunwareFile(),
        };
        return (RunwareOutput?)Media(bag, "", ofType, orFile) ?? Text(bag, type);
    }

    private static RunwareMedia? Media(Lookup bag, string prefix, Func<RunwareMedia> create, bool orFile)
    {
        var path = ReadValue.Text(orFile ? bag("Path", "FullName", "PSPath") : bag("Path"));
        var url = ReadValue.Text(bag(prefix + "Url"));
        var base64 = ReadValue.Text(bag(prefix + "Base64Data"));
        var dataUri = ReadValue.Text(bag(prefix + "DataUri"));
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
        Fill(media, bag);
        media.Metadata.ImageUuid = media.Metadata.Uuid = null;
        media.Uuid = ReadValue.Id(bag(prefix + "Uuid", "Uuid")) ?? Guid.Empty;
        if (media is RunwareImage image)
        {
            image.NsfwContent = ReadValue.Flag(bag("NsfwContent"));
        }
        else if (media is RunwareVideo video)
        {
            video.NsfwContent = ReadValue.Flag(bag("NsfwContent"));
        }

        return media;
    }

    // Any object may have a text: only one with a task is one that the API wrote.
    private static RunwareText? Text(Lookup bag, string? type)
    {
        var data = ReadValue.IsNothing(bag("Data")) ? null : bag("Data");
        if ((type != nameof(RunwareText) && bag("TaskUuid") is null) || (bag("Text") is null && data is null))
        {
            return null;
        }

        var text = new RunwareText
        {
            Text = ReadValue.Text(bag("Text")),
            Data = data,
            ReasoningContent = ReadValue.Text(bag("ReasoningContent")),
            FinishReason = ReadValue.Text(bag("FinishReason")),
            Usage = bag("Usage") is IDictionary ? Table(bag("Usage")) : null,
        };
        Fill(text, bag);
        return text;
    }

    private static void Fill(RunwareOutput output, Lookup bag)
    {
        foreach (var field in GenerationMetadata.Fields)
        {
            field.ReadObject(output.Metadata, field.Alias is { } alias ? bag(field.Name, alias) : bag(field.Name));
        }

        output.CreatedAt = bag("CreatedAt") is null ? DateTime.UtcNow : output.CreatedAt;
        output.AdditionalData = Table(bag("AdditionalData"));
    }

    /// <summary>A task; null if the dictionary doesn't contain an ID.</summary>
    public static RunwareTask? Task(Lookup bag) => ReadValue.Id(bag("TaskUuid")) is not { } id ? null : new RunwareTask
    {
        TaskUuid = id,
        TaskType = ReadValue.Text(bag("TaskType")),
        Status = ReadValue.Text(bag("Status")) ?? RunwareTaskStatus.Unknown,
        Expected = ReadValue.Integer(bag("Expected")),
        Model = ReadValue.Text(bag("Model")),
        Prompt = ReadValue.Text(bag("Prompt", "PositivePrompt")),
        Tag = ReadValue.Text(bag("Tag")),
        SubmittedAt = ReadValue.Time(bag("SubmittedAt")),
        CompletedAt = ReadValue.Time(bag("CompletedAt")),
    };

    /// <summary>The failure of one result.</summary>
    public static RunwareFailure Failure(Lookup bag) => new()
    {
        Code = ReadValue.Text(bag("Code")),
        Category = ReadValue.Text(bag("Category")),
        Message = ReadValue.Text(bag("Message")),
        Parameter = ReadValue.Text(bag("Parameter")),
        StatusCode = ReadValue.Integer(bag("StatusCode")),
        Documentation = Uri.TryCreate(ReadValue.Text(bag("Documentation")), UriKind.Absolute, out var page) ? page : null,
        IsFromServer = ReadValue.Flag(bag("IsFromServer")) ?? ErrorCodes.IsFromServer(ReadValue.Text(bag("Code"))),
        AdditionalData = Table(bag("AdditionalData")),
    };

    private static Hashtable Table(object? value) =>
        value is IDictionary table ? new Hashtable(table, StringComparer.OrdinalIgnoreCase) : [];
}
