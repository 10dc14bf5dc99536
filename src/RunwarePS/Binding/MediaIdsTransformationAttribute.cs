namespace RunwarePS.Binding;

/// <summary>The UUIDs of media: themselves, their text, or the property of an object, live or deserialized.</summary>
internal sealed class MediaIdsTransformationAttribute : ValueTransformationAttribute
{
    public override object? Read(object? value) =>
        PropertyReader.Each(value).Select(Id).OfType<Guid>().ToArray() is { Length: > 0 } ids ? ids : null;

    private static Guid? Id(object? item) => PropertyReader.Unwrap(item) switch
    {
        null or "" => null,
        Guid or string => ReadValue.Id(PropertyReader.Unwrap(item)),
        _ when ReadValue.Id(PropertyReader.Lookup(item!)("Uuid", "ImageUuid", "MediaUuid")) is { } id && id != Guid.Empty => id,
        var other => throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject",
            Strings.UuidMissing.With(other.GetType().Name)),
    };
}
