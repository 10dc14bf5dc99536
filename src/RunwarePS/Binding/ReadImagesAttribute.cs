using System.Management.Automation;
using RunwarePS.Binding;

namespace RunwarePS.Commands;

/// <summary>
/// Pictures in any form: live objects, those that came back from CLIXML, remoting or a job, tasks (for their pictures), and property bags
/// with an address or data.
/// </summary>
internal sealed class ReadImagesAttribute : ReadAttribute
{
    protected override object Read(object? value)
    {
        var images = new List<RunwareImage>();
        Collect(value, images);
        return images.Count > 0 ? images.ToArray() : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject", NoImages(value));
    }

    // The engine would say of a failed task that an array is empty, which nobody gave.
    private static string NoImages(object? value) => ((value as PSObject)?.BaseObject ?? value) is RunwareTask task
        ? string.Join(' ', [$"Task {task.TaskUuid} has no images: it is {task.Status}.", .. task.Failure.Select(f => f.Message)])
        : "There are no images in this.";

    private static void Collect(object? value, List<RunwareImage> images)
    {
        switch ((value as PSObject)?.BaseObject ?? value)
        {
            case RunwareImage image:
                images.Add(image);
                return;
            case RunwareTask task:
                images.AddRange(task.Image);
                return;
            case System.Collections.IEnumerable list and not string and not System.Collections.IDictionary:
                foreach (var item in list)
                {
                    Collect(item, images);
                }

                return;
        }

        // A text is no bag: a file name that is piped in is an error, not a picture.
        var bag = value is null or string ? null : PropertyBag.Lookup(value);
        if (bag is not null && BagReader.Image(bag) is { } read)
        {
            images.Add(read);
        }
        else if (bag is not null && bag("Status", "TaskType") is not null && PSObject.AsPSObject(value).Properties["Image"] is { } inner)
        {
            Collect(inner.Value, images);
        }
        else
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject",
                $"This {value?.GetType().Name ?? "null"} is no picture: it has no ImageUrl, ImageBase64Data or ImageDataUri.");
        }
    }
}
