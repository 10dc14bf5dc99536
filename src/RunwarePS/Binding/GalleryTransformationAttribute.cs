namespace RunwarePS.Binding;

/// <summary>
/// What a gallery shows, in any form: images, tasks with their failures, files and their paths; live, or as they came back from CLIXML,
/// remoting or a job, or as property bags. A path stays a text: only the cmdlet knows where it counts from.
/// </summary>
internal sealed class GalleryTransformationAttribute : ValueTransformationAttribute
{
    public override object Read(object? value) => PropertyReader.Each(value).Select(Entry).ToArray();

    private static object Entry(object? item)
    {
        var plain = PropertyReader.Unwrap(item);
        switch (plain)
        {
            case RunwareImage or RunwareTask or string { Length: > 0 }:
                return plain;
            case FileInfo file:
                return new RunwareImage { Path = file.FullName };
        }

        var bag = plain is null or string ? null : PropertyReader.Lookup(item!);
        if (bag is not null && TasksTransformationAttribute.WithResults(bag) is { } task)
        {
            return task;
        }

        if (bag is not null && ObjectReader.Image(bag, orFile: true) is { } image)
        {
            image.CreatedAt = bag("CreatedAt") is null ? null : image.CreatedAt; // now is not when it was made
            return image;
        }

        throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject",
            $"This {plain?.GetType().Name ?? "null"} is no image, task or file: it has no ImageUrl, ImageBase64Data, ImageDataUri or path.");
    }
}
