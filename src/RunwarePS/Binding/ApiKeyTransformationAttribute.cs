namespace RunwarePS.Binding;

/// <summary>A key as plain text is the likeliest first try, and the engine's own refusal does not say how to go on.</summary>
internal sealed class ApiKeyTransformationAttribute : ValueTransformationAttribute
{
    public override object? Read(object? value) => value is string
        ? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "ApiKey",
            Strings.ApiKeyIsText)
        : value;
}
