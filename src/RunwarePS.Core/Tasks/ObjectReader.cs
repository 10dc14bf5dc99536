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
    /// <summary>An image, or null where the bag holds neither picture data nor an address.</summary>
    /// <param name="bag">The bag.</param>
    /// <param name="orFile">Whether a file counts as well: the path of a saved picture, or what files are known by.</param>
    public static RunwareImage? Image(Lookup bag, bool orFile = false)
    {
        var path = ReadValue.Text(orFile ? bag("Path", "FullName", "PSPath") : bag("Path"));
        var url = ReadValue.Text(bag("ImageUrl"));
        var base64 = ReadValue.Text(bag("ImageBase64Data"));
        var dataUri = ReadValue.Text(bag("ImageDataUri"));
        if (url is null && base64 is null && dataUri is null && (path is null || !orFile))
        {
            return null;
        }

        if (url is not null && !Uri.TryCreate(url, UriKind.Absolute, out _))
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "ImageUrl", $"'{url}' is no absolute address.");
        }

        var image = new RunwareImage
        {
            ImageUrl = url is null ? null : new Uri(url),
            ImageBase64Data = base64,
            ImageDataUri = dataUri,
            NsfwContent = ReadValue.Flag(bag("NsfwContent")),
            Path = path,
            AdditionalData = Table(bag("AdditionalData")),
        };
        foreach (var field in GenerationMetadata.Fields)
        {
            field.ReadObject(image.Metadata, field.Alias is { } alias ? bag(field.Name, alias) : bag(field.Name));
        }

        image.Metadata.Uuid = null; // an image has its ID under its own name
        image.CreatedAt = bag("CreatedAt") is null ? DateTime.UtcNow : image.CreatedAt;
        return image;
    }

    /// <summary>A task, or null where the bag has no id.</summary>
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

    private static Hashtable Table(object? value) => value is IDictionary table ? new Hashtable(table, StringComparer.OrdinalIgnoreCase) : [];
}
