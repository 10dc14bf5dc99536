using System.Collections;
using System.Management.Automation;
using System.Runtime.CompilerServices;

namespace RunwarePS.Binding;

/// <summary>
/// A prompt is text, or the <c>Prompt</c> or <c>positivePrompt</c> of an object; a list holds several. Anything else has none, and null
/// stands for it: a file or a number is never bought as text.
/// </summary>
internal sealed class PromptTransformationAttribute : ValueTransformationAttribute
{
    private static readonly ConditionalWeakTable<string?[], PSObject> s_rows = [];

    /// <summary>
    /// The record that prompts were read from. The engine hands only the prompts to the cmdlet, not the other properties of the record.
    /// </summary>
    public static PSObject? RowOf(string?[]? prompts) => prompts is not null && s_rows.TryGetValue(prompts, out var row) ? row : null;

    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var prompts = (string?[])Read(PropertyReader.Unwrap(inputData));
        if (inputData is not null)
        {
            s_rows.Add(prompts, PSObject.AsPSObject(inputData));
        }

        return prompts;
    }

    public override object Read(object? value) => Prompts(value).ToArray();

    /// <summary>Whether an object is words: a text, or one that a model wrote.</summary>
    public static bool IsText(object? item) => PropertyReader.Unwrap(item) is string or RunwareText
        || (item is PSObject deserialized && deserialized.TypeNames[0] == "Deserialized.RunwarePS.RunwareText");

    /// <summary>Whether an object is a piece of a text. The whole text follows it, so a piece alone isn't worked on.</summary>
    public static bool IsPiece(object? item) => PropertyReader.Unwrap(item) is RunwareTextDelta
        || (item is PSObject deserialized && deserialized.TypeNames[0] == "Deserialized.RunwarePS.RunwareTextDelta");

    public static IEnumerable<string?> Prompts(object? item) => PropertyReader.Unwrap(item) switch
    {
        string text => [text],
        not null when IsText(item) => [Text(PropertyReader.Lookup(item!)("Text"))],
        null or IDictionary or byte[] => [null],
        IList list => list.Cast<object?>().SelectMany(Prompts),
        _ => PropertyReader.Each(PropertyReader.Lookup(item!)("Prompt", "PositivePrompt")).Select(Text),
    };

    /// <summary>
    /// The type of the first value of a record that can't be a prompt, such as a number; null where there is none, or text is missing.
    /// </summary>
    public static string? TypeOfOther(object? record) => PropertyReader.Each(record).Select(PropertyReader.Unwrap)
        .FirstOrDefault(value => value is ValueType or byte[] or IDictionary or FileSystemInfo)?.GetType().Name;

    private static string? Text(object? value)
    {
        try
        {
            return TextTransformationAttribute.Text(value);
        }
        catch (RunwareException)
        {
            return null; // the error of a record without a prompt is that record's own
        }
    }
}
