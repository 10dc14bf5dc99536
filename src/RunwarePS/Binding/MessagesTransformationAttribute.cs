using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;

namespace RunwarePS.Binding;

/// <summary>
/// Messages of a conversation as tables with role and content: texts are those of the user, texts that a model wrote are those of the
/// assistant, and tables or custom objects stay as they are.
/// </summary>
internal sealed class MessagesTransformationAttribute : CellTransformationAttribute
{
    public override object? Read(object? value) => Items(value) is { Length: > 0 } messages ? messages : null;

    public static object[] Items(object? value) =>
        [.. PropertyReader.Each(value).Select(Message).SelectMany(m => m as object?[] ?? [m]).OfType<object>()];

    public static IDictionary Of(string role, string? content) =>
        new OrderedDictionary(StringComparer.Ordinal) { ["role"] = role, ["content"] = content };

    private static object? Message(object? item) => PropertyReader.Unwrap(item) switch
    {
        null or "" => null,
        string text when text.TrimStart() is ['{' or '[', ..] => new JsonTransformationAttribute().Read(text),
        string text => Of("user", text),
        _ when PromptTransformationAttribute.IsText(item) =>
            Of("assistant", TextTransformationAttribute.Text(PropertyReader.Lookup(item!)("Text"))),
        IDictionary or PSObject => Keys((Hashtable)DictionaryTransformationAttribute.Plain(item)!),
        var other => throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null,
            Strings.NotAMessage.With(other.GetType().Name)),
    };

    // The API's names are lower case, and custom objects are often not.
    private static Hashtable Keys(Hashtable table)
    {
        foreach (var key in table.Keys.OfType<string>().Where(k => k is "Role" or "Content").ToArray())
        {
            table[key.ToLowerInvariant()] = table[key];
            table.Remove(key);
        }

        return table.ContainsKey("role") ? table
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, parameter: null,
                Strings.MessageWithoutRole);
    }
}
