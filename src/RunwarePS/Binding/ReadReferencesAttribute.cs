using System.Collections;
using System.Management.Automation;
using RunwarePS.Binding;

namespace RunwarePS.Commands;

/// <summary>Reference images of any kind, in their order. A text is never split; bytes are one picture, however they are wrapped.</summary>
internal sealed class ReadReferencesAttribute : ReadAttribute
{
    protected override object? Read(object? value) => Items(value) is { Length: > 0 } items ? items : null;

    public static object[] Items(object? value)
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
            case null or "":
                return;
            case byte[] or string or Uri or Guid or FileInfo or RunwareImage:
                items.Add(plain);
                return;
            case object[] bytes when bytes.Length > 0 && Array.TrueForAll(bytes, b => b is byte or PSObject { BaseObject: byte }):
                items.Add(Array.ConvertAll(bytes, b => (byte)(b is PSObject wrapped ? wrapped.BaseObject : b)));
                return;
            case RunwareTask task:
                items.AddRange(task.Image);
                return;
            case IEnumerable list and not IDictionary:
                foreach (var item in list)
                {
                    Collect(item, items);
                }

                return;
        }

        var bag = PropertyBag.Lookup(value!);
        if (bag("FullName") is string file)
        {
            items.Add(file); // a file that came back from a job or another machine
        }
        else if (BagReader.Image(bag) is { } image)
        {
            items.Add(image);
        }
        else
        {
            items.Add(plain!); // the record's own error says what it is not
        }
    }
}
