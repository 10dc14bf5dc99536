using System.Management.Automation;

namespace RunwarePS.Binding;

/// <summary>
/// Outputs of any kind, in any form: live objects, objects from CLIXML, remoting or a job, tasks (for their outputs), and custom objects
/// with a URL, data, or text.
/// </summary>
internal sealed class MediaTransformationAttribute : ValueTransformationAttribute
{
    public override object Read(object? value) => PropertyReader.Each(value).SelectMany(Outputs).ToArray();

    /// <summary>An output from its properties; null if it is none.</summary>
    public static RunwareOutput? Output(object item, bool orFile = false) =>
        ObjectReader.Output(PropertyReader.Lookup(item), PSObject.AsPSObject(item).TypeNames[0].Split('.')[^1], orFile);

    private static IEnumerable<RunwareOutput> Outputs(object? item)
    {
        var plain = PropertyReader.Unwrap(item);
        switch (plain)
        {
            case RunwareOutput output:
                return [output];
            case RunwareTask task:
                return Outputs(task);
            case not null when PromptTransformationAttribute.IsPiece(item):
                return [];
        }

        // Text isn't an object with properties: a file name that is piped in is an error, not a text to save.
        var isObject = plain is not (null or string);
        return isObject && Output(item!) is { } read ? [read]
            : isObject && TasksTransformationAttribute.WithResults(PropertyReader.Lookup(item!)) is { } found ? Outputs(found)
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject",
                Strings.NothingToSave.With(plain?.GetType().Name ?? "null"));
    }

    private static RunwareOutput[] Outputs(RunwareTask task) =>
        task.Output.Length > 0 ? task.Output : task.Image.Length > 0 ? task.Image : throw TaskView.NoResults(task);
}
