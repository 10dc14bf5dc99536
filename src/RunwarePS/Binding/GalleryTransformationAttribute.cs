namespace RunwarePS.Binding;

/// <summary>
/// What a gallery shows, in any form: results, tasks with their failures, files and their paths; live, or as they came back from CLIXML,
/// remoting or a job, or as custom objects. A path stays a text: only the cmdlet knows where it counts from.
/// </summary>
internal sealed class GalleryTransformationAttribute : ValueTransformationAttribute
{
    public override object Read(object? value) => PropertyReader.Each(value).Select(Entry).ToArray();

    private static object Entry(object? item)
    {
        var plain = PropertyReader.Unwrap(item);
        switch (plain)
        {
            case RunwareOutput or RunwareTask or string { Length: > 0 }:
                return plain;
            case FileInfo file:
                return new RunwareFile { Path = file.FullName };
        }

        var lookup = plain is null or string ? null : PropertyReader.Lookup(item!);
        if (lookup is not null && TasksTransformationAttribute.WithResults(lookup) is { } task)
        {
            return task;
        }

        if (lookup is not null && MediaTransformationAttribute.Output(item!, orFile: true) is { } output)
        {
            output.CreatedAt = lookup("CreatedAt") is null ? null : output.CreatedAt; // now isn't when it was generated
            return output;
        }

        throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject",
            Strings.NotForGallery.With(plain?.GetType().Name ?? "null"));
    }
}
