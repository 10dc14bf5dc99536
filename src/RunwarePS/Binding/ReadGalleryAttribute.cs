using System.Collections;
using RunwarePS.Binding;

namespace RunwarePS.Commands;

/// <summary>
/// What a gallery shows, in any form: images, tasks with their failures, files and their paths; live, or as they came back from CLIXML,
/// remoting or a job, or as property bags. A path stays a text: only the cmdlet knows where it counts from.
/// </summary>
internal sealed class ReadGalleryAttribute : ReadAttribute
{
    protected override object Read(object? value)
    {
        var items = new List<object>();
        Collect(value, items);
        return items.ToArray();
    }

    private static void Collect(object? value, List<object> items)
    {
        var plain = PropertyBag.Unwrap(value);
        switch (plain)
        {
            case RunwareImage or RunwareTask:
            case string { Length: > 0 }:
                items.Add(plain);
                return;
            case FileInfo file:
                items.Add(new RunwareImage { Path = file.FullName });
                return;
            case IEnumerable list and not string and not IDictionary:
                foreach (var item in list)
                {
                    Collect(item, items);
                }

                return;
        }

        var bag = plain is null or string ? null : PropertyBag.Lookup(value!);
        if (bag is not null && bag("Status", "TaskType") is not null && BagReader.Task(bag) is { } task)
        {
            task.Image = [.. Items(bag("Image")).OfType<RunwareImage>()];
            task.Failure = [.. Failures(bag("Failure"))];
            items.Add(task);
        }
        else if (bag is not null && BagReader.Image(bag, orFile: true) is { } image)
        {
            image.CreatedAt = bag("CreatedAt") is null ? default : image.CreatedAt; // now is not when it was made
            items.Add(image);
        }
        else
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject",
                $"This {plain?.GetType().Name ?? "null"} is no image, task or file: it has no ImageUrl, ImageBase64Data, ImageDataUri or path.");
        }
    }

    private static List<object> Items(object? value)
    {
        var items = new List<object>();
        if (value is not null)
        {
            Collect(value, items);
        }

        return items;
    }

    private static IEnumerable<RunwareFailure> Failures(object? value) => value switch
    {
        null => [],
        RunwareFailure failure => [failure],
        IEnumerable list and not string and not IDictionary => list.Cast<object?>().SelectMany(item => Failures(PropertyBag.Unwrap(item))),
        _ => [BagReader.Failure(PropertyBag.Lookup(value))],
    };
}
