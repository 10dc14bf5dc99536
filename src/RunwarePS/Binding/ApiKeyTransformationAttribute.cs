namespace RunwarePS.Binding;

/// <summary>A key as plain text is the likeliest first try, and the engine's own refusal does not say how to go on.</summary>
internal sealed class ApiKeyTransformationAttribute : ValueTransformationAttribute
{
    public override object? Read(object? value) => value is string
        ? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "ApiKey",
            "ApiKey is a SecureString, no plain text. Read-Host -AsSecureString asks for one; ConvertTo-SecureString $text -AsPlainText makes one.")
        : value;
}
