namespace RunwarePS.Binding;

/// <summary>Reference images of any kind, in their order. A text is never split; bytes are one picture, however they are wrapped.</summary>
internal sealed class ReadReferencesAttribute : ReadAttribute
{
    protected override object? Read(object? value) => Items(value) is { Length: > 0 } items ? items : null;

    public static object[] Items(object? value) => [.. PropertyBag.Each(value).SelectMany(References)];

    private static IEnumerable<object> References(object? item)
    {
        var plain = PropertyBag.Unwrap(item);
        switch (plain)
        {
            case null or "":
                return [];
            case byte[] or string or Uri or Guid or FileInfo or RunwareImage:
                return [plain];
            case RunwareTask task:
                return task.Image;
        }

        // A file that came back from a job or another machine is known by its name. Of what is nothing known, the record's own error says so.
        var bag = PropertyBag.Lookup(item!);
        return [bag("FullName") as string ?? BagReader.Image(bag) ?? plain];
    }
}
