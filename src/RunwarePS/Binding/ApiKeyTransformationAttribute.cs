namespace RunwarePS.Binding;

/// <summary>Reports how to specify a key if it's plain text, because the engine's own error doesn't contain that.</summary>
internal sealed class ApiKeyTransformationAttribute : ValueTransformationAttribute
{
    public override object? Read(object? value) => value is string
        ? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "ApiKey",
            Strings.ApiKeyIsText)
        : value;
}
