namespace RunwarePS.Binding;

/// <summary>
/// Images in any form: live objects, objects from CLIXML, remoting or a job, tasks (for their images), and custom objects
/// with a URL or data.
/// </summary>
internal sealed class ImagesTransformationAttribute : ValueTransformationAttribute
{
    public override object Read(object? value) => PropertyReader.Each(value).SelectMany(Images).ToArray();

    private static IEnumerable<RunwareImage> Images(object? item)
    {
        var plain = PropertyReader.Unwrap(item);
        switch (plain)
        {
            case RunwareImage image:
                return [image];
            case RunwareTask task:
                return Images(task);
        }

        // Text isn't an object with properties: a file name that is piped in is an error, not an image.
        var lookup = plain is null or string ? null : PropertyReader.Lookup(item!);
        return lookup is not null && ObjectReader.Image(lookup) is { } read ? [read]
            : lookup is not null && TasksTransformationAttribute.WithResults(lookup) is { } found ? Images(found)
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject",
                (IsOutput(item) ? Strings.NotAnImageButOutput : Strings.NotAnImage).With(plain?.GetType().Name ?? "null"));
    }

    // Of another kind than an image.
    private static bool IsOutput(object? item) => item is not null && PropertyReader.Unwrap(item) is not string
        && MediaTransformationAttribute.Output(item) is not null;

    private static RunwareImage[] Images(RunwareTask task) => task.Image.Length > 0 ? task.Image : throw TaskView.NoImages(task);
}
