namespace RunwarePS.Binding;

/// <summary>Media of any kind, in their order. A text is never split; bytes are one medium, however they are wrapped.</summary>
internal sealed class ReferencesTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => Items(value) is { Length: > 0 } items ? items : null;

    /// <summary>The media; an error in place of a nothing among them, which can be a variable that isn't set.</summary>
    public static object[] Items(object? value)
    {
        object?[] given = [.. PropertyReader.Each(value)];
        object[] items = [.. given.SelectMany(References)];
        return items.Length > 0 && given.Any(IsNothing)
            ? [RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null, Strings.NothingAmongMedia)]
            : items;
    }

    private static bool IsNothing(object? item) =>
        PropertyReader.Unwrap(item) is var plain && (plain is null || (plain is string text && string.IsNullOrWhiteSpace(text)));

    /// <summary>The media that a record of the pipeline is, or that the results of a task are; null if it is something else.</summary>
    public static object[]? Media(object record) => PropertyReader.Unwrap(record) switch
    {
        RunwareMedia or RunwareTask or FileInfo => Items(record),
        string => null,
        _ => Items(record) is [RunwareMedia] media ? media : null,
    };

    private static IEnumerable<object> References(object? item)
    {
        var plain = PropertyReader.Unwrap(item);
        switch (plain)
        {
            case null:
            case string when IsNothing(plain):
                return [];
            case byte[] or string or Uri or Guid or FileInfo or RunwareMedia:
                return [plain];
            case RunwareTask task:
                return task.Output.Length > 0 ? task.Output.OfType<RunwareMedia>() : task.Image;
        }

        // A file from a job or another machine is identified by its name. If nothing is known, the record's own error reports that.
        var lookup = PropertyReader.Lookup(item!);
        return [lookup("FullName") as string ?? Result(item!, lookup) ?? lookup("Path") as string ?? plain];
    }

    /// <summary>
    /// A result from CLIXML, remoting, a job, JSON or CSV, or its error, which the record's own error reports, too. A Url alone can be
    /// the user's column: only an object with a task is a result.
    /// </summary>
    private static object? Result(object item, Lookup lookup)
    {
        try
        {
            return MediaTransformationAttribute.Output(item) is RunwareMedia media
                && (media is not RunwareFile || lookup("TaskUuid") is not null)
                ? media
                : DictionaryTransformationAttribute.Plain(item) as RunwareMedia;
        }
        catch (RunwareException e)
        {
            return e;
        }
    }
}

/// <summary>One medium of any of those kinds.</summary>
internal sealed class ReferenceTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => Item(value);

    public static object? Item(object? value) => ReferencesTransformationAttribute.Items(value) switch
    {
        [] => null,
        [var only] => only,
        var several => RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, parameter: null,
            Strings.SeveralImages.With(several.Length)),
    };
}
