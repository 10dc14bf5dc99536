using System.Collections;
using System.ComponentModel;
using System.Globalization;
using System.Management.Automation;

namespace RunwarePS.Internal;

/// <summary>
/// The cells of the module's views, for <see cref="Formatting.TypeExtensions"/>. Not for scripts. Each takes the object of a view, live or
/// deserialized, so a property can be absent. Script blocks in the views can't call methods, because ConstrainedLanguage forbids that.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Format
{
    private const int TableDigits = 4;
    private const int ListDigits = 6;
    private const int PromptWidth = 24;
    private const int TaskPromptWidth = 19;
    private const int TextWidth = 66;
    private const int DataWidth = 45;
    private const int GroupWidth = 31;

    private static readonly ScriptBlock s_currentFolder = ScriptBlock.Create("$PWD.ProviderPath");

#pragma warning disable CS1591 // The name of each method is the name of its cell.
    public static string Allowed(PSObject item) => ModelText.Allowed(ModelParameter(item));

    public static string Architecture(PSObject item) => DisplayText.Line(Text(item, "Architecture"));

    public static string At(PSObject item) => DisplayText.Utc(Value<DateTime>(item, "At"));

    public static string AtTime(PSObject item) => DisplayText.Utc(Value<DateTime>(item, "At"), "HH:mm:ss.fff");

    public static string AvgTime(PSObject item) =>
        Value<decimal>(item, "AvgInferenceTime")?.ToString("0.0", CultureInfo.InvariantCulture) ?? "";

    public static string Background(PSObject item) => DisplayText.Line(Text(item, "Background"));

    public static string Balance(PSObject item) => DisplayText.Usd(Value<decimal>(item, "Balance"), ListDigits);

    public static string Capability(PSObject item) => string.Join(", ", DisplayText.Each(List(item, "Capability")));

    public static string Category(PSObject item) => DisplayText.Line(Text(item, "Category"));

    public static string CfgScale(PSObject item) => Value<decimal>(item, "CfgScale")?.ToString(CultureInfo.InvariantCulture) ?? "";

    public static string Code(PSObject item) => DisplayText.Line(Text(item, "Code"));

    public static string CompletedAt(PSObject item) => DisplayText.Utc(Value<DateTime>(item, "CompletedAt"));

    public static string Cost(PSObject item) => DisplayText.Usd(Value<decimal>(item, "Cost"), TableDigits);

    public static string CostInFull(PSObject item) => DisplayText.Usd(Value<decimal>(item, "Cost"), ListDigits);

    public static string CreatedAt(PSObject item) => DisplayText.Utc(Value<DateTime>(item, "CreatedAt"));

    public static string DataInBrief(PSObject item) => DisplayText.Column(
        string.Join(", ", Read(item, "AdditionalData") is IDictionary data
            ? data.Keys.Cast<object?>().Select(key => key?.ToString()).Order(StringComparer.Ordinal)
            : []), DataWidth);

    public static string Description(PSObject item) => DisplayText.Lines(Text(item, "Description"));

    // A model with its parameters: a page of its own.
    public static string Details(PSObject item)
    {
        var parameters = (List(item, "Parameter")?.Cast<object>() ?? []).Select(p => ModelParameter(PSObject.AsPSObject(p)));
        var heading = $"{Text(item, "Model")} ({Name(item)}), {Text(item, "TaskType")}, {Text(item, "Status")}";
        string[] prices = [.. DisplayText.Each(List(item, "Price")), .. Rate(item)];
        var header = ModelText.Header(DisplayText.Line(heading), DisplayText.Line(Text(item, "Lifecycle")),
        [
            ("Sizes", ModelText.Sizes(DisplayText.Each(List(item, "AllowedSize")))),
            ("Price (USD)", prices is [] ? [DisplayText.Unknown] : prices),
            ("Capabilities", DisplayText.Each(List(item, "Capability"))),
        ]);
        return string.Join('\n', header.Concat(ModelText.ParameterTable(parameters)));
    }

    public static string[] Failure(PSObject item) => DisplayText.Each(List(item, "Failure"));

    public static string FinishReason(PSObject item) => DisplayText.Line(Text(item, "FinishReason"));

    public static int Generation(PSObject item) => DisplayText.Count(List(item, "Generation"));

    public static string Group(PSObject item) => DisplayText.Column(GroupInFull(item), GroupWidth);

    public static string GroupInFull(PSObject item) =>
        Value<DateTime>(item, "Date") is { } day
            ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : DisplayText.Line(Text(item, "Model") ?? Text(item, "ApiKeyUuid"));

    public static string[] Image(PSObject item) => DisplayText.Each(List(item, "Image"));

    public static string Key(PSObject item) => DisplayText.KeySource(Value<bool>(item, "IsSandbox") ?? false, Text(item, "KeySource"));

    public static string Kind(PSObject item) => DisplayText.Line(Text(item, "Category"));

    public static string LatencyMs(PSObject item) => Value<double>(item, "LatencyMs")?.ToString("0.0", CultureInfo.InvariantCulture) ?? "";

    public static string MaxCost(PSObject item) => Value<decimal>(item, "MaxCost") is { } cap ? DisplayText.Usd(cap, ListDigits) : "";

    public static string Message(PSObject item) => DisplayText.Line(Text(item, "Message"));

    public static string MessageInFull(PSObject item) => DisplayText.Lines(Text(item, "Message"));

    public static string Model(PSObject item) => DisplayText.Line(Text(item, "Model"));

    public static string Name(PSObject item) => DisplayText.Line(Text(item, "Name"));

    public static string[] Output(PSObject item) => DisplayText.Each(Others(item));

    public static string OutputFormat(PSObject item) => DisplayText.Line(Text(item, "OutputFormat"));

    public static string Parameter(PSObject item) => DisplayText.Line(Text(item, "Parameter"));

    public static string ParameterName(PSObject item) => ModelText.ParameterName(ModelParameter(item));

    public static string Path(PSObject item) => DisplayText.Line(Text(item, "Path"));

    public static string Piece(PSObject item) => DisplayText.Lines(Text(item, "Text") ?? Text(item, "ReasoningContent"));

    public static string Price(PSObject item) =>
        ModelText.Prices(ModelPrices(item)) is var prices && prices != DisplayText.Unknown ? prices
            : ModelText.Rates(ModelRates(item)) ?? DisplayText.Unknown;

    public static string[] PriceInFull(PSObject item) => ModelText.PriceList(ModelPrices(item), ModelRates(item).Any());

    public static string Prompt(PSObject item) => DisplayText.Column(Text(item, "Prompt"), PromptWidth);

    public static string PromptInFull(PSObject item) => DisplayText.Lines(Text(item, "Prompt"));

    public static string PromptOfTask(PSObject item) => DisplayText.Column(Text(item, "Prompt"), TaskPromptWidth);

    public static string Provider(PSObject item) => DisplayText.Line(Text(item, "Provider"));

    public static string Quality(PSObject item) => DisplayText.Line(Text(item, "Quality"));

    public static string[] Rate(PSObject item) => DisplayText.Each(List(item, "Rate"));

    public static string Reasoning(PSObject item) => DisplayText.Lines(Text(item, "ReasoningContent"));

    public static string Record(PSObject item) => (Value<int>(item, "InputIndex") + 1)?.ToString(CultureInfo.InvariantCulture) ?? "";

    public static int Request(PSObject item) => DisplayText.Count(List(item, "Request"));

    public static string RequestHash(PSObject item) => DisplayText.Line(Text(item, "RequestHash"));

    public static string Reserved(PSObject item) => DisplayText.Usd(Value<decimal>(item, "Reserved"), ListDigits);

    public static string Sha256(PSObject item) => DisplayText.Line(Text(item, "Sha256"));

    public static string Size(PSObject item) => DisplayText.Size(Value<int>(item, "Width"), Value<int>(item, "Height"));

    public static string Source(PSObject item) => DisplayText.Line(Text(item, "Source"));

    public static string Spend(PSObject item) => Value<decimal>(item, "Spend") is { } spend ? DisplayText.Usd(spend, TableDigits) : "";

    public static string Status(PSObject item) => DisplayText.Status(Text(item, "Status"), Value<int>(item, "Progress"));

    public static string SubmittedAt(PSObject item) => DisplayText.Utc(Value<DateTime>(item, "SubmittedAt"));

    public static string Tag(PSObject item) => DisplayText.Line(Text(item, "Tag"));

    public static int TaskCount(PSObject item) => DisplayText.Count(List(item, "TaskUuid"));

    public static string TaskType(PSObject item) =>
        DisplayText.Different(List(item, "TaskType")?.Cast<object?>().Select(type => type?.ToString()));

    public static string TaskTypeOfResult(PSObject item) => DisplayText.Line(Text(item, "TaskType"));

    public static string TextInBrief(PSObject item) => DisplayText.Column(Text(item, "Text"), TextWidth);

    public static string TextInFull(PSObject item) => DisplayText.Lines(Text(item, "Text"));

    public static string TriggerWords(PSObject item) => DisplayText.Lines(Text(item, "PositiveTriggerWords"));

    public static string Usd(PSObject item) => DisplayText.Usd(Value<decimal>(item, "Usd"), ListDigits);

    public static string Version(PSObject item) => DisplayText.Line(Text(item, "Version"));

    public static string Webhook(PSObject item) =>
        Uri.TryCreate(Text(item, "Url"), UriKind.Absolute, out var url) ? Redaction.Address(url) : "";

    public static string Where(PSObject item) => DisplayText.Where(
        Text(item, "Path"),
        Uri.TryCreate(Text(item, "Url") ?? Text(item, "ImageUrl"), UriKind.Absolute, out var url) ? url : null,
        Value<Guid>(item, "Uuid") ?? Value<Guid>(item, "ImageUuid") ?? Guid.Empty,
        s_currentFolder.InvokeReturnAsIs()?.ToString());
#pragma warning restore CS1591

    private static RunwareModelParameter ModelParameter(PSObject? item) => new()
    {
        Name = Text(item, "Name") ?? "",
        Type = Text(item, "Type") ?? "",
        Required = Value<bool>(item, "Required") ?? false,
        Default = Text(item, "Default"),
        Min = Value<decimal>(item, "Min"),
        Max = Value<decimal>(item, "Max"),
        MultipleOf = Value<decimal>(item, "MultipleOf"),
        Allowed = [.. from value in List(item, "Allowed")?.Cast<object?>() ?? [] select value?.ToString() ?? ""],
    };

    private static IEnumerable<RunwareModelPrice> ModelPrices(PSObject? item) =>
        from price in List(item, "Price")?.Cast<object>().Select(PSObject.AsPSObject) ?? []
        select new RunwareModelPrice
        {
            Size = Text(price, "Size") ?? "",
            Quality = Text(price, "Quality"),
            Usd = Value<decimal>(price, "Usd") ?? 0,
            Basis = Text(price, "Basis") ?? "",
            Source = Text(price, "Source") ?? "",
            Date = Text(price, "Date") ?? "",
        };

    private static IEnumerable<RunwareModelRate> ModelRates(PSObject? item) =>
        from rate in List(item, "Rate")?.Cast<object>().Select(PSObject.AsPSObject) ?? []
        select new RunwareModelRate { Unit = Text(rate, "Unit") ?? "", Usd = Value<decimal>(rate, "Usd") ?? 0 };

    private static object? Read(PSObject? item, string property) =>
        item?.Properties[property]?.Value is var value && value is PSObject { BaseObject: not PSCustomObject } wrapped
            ? wrapped.BaseObject
            : value;

    private static string? Text(PSObject? item, string property) => Read(item, property) switch
    {
        Uri uri => uri.OriginalString,
        var value => Convert.ToString(value, CultureInfo.InvariantCulture),
    };

    private static T? Value<T>(PSObject? item, string property)
        where T : struct =>
        Read(item, property) is { } value && LanguagePrimitives.TryConvertTo(value, CultureInfo.InvariantCulture, out T converted)
            ? converted
            : null;

    // The images of a task have a line of their own.
    private static IEnumerable<object?> Others(PSObject? item) =>
        from output in List(item, "Output")?.Cast<object?>() ?? []
        where output is not null
            && !PSObject.AsPSObject(output).TypeNames.Any(type => type.EndsWith(".RunwareImage", StringComparison.Ordinal))
        select output;

    private static IEnumerable? List(PSObject? item, string property) => Read(item, property) switch
    {
        null => null,
        IEnumerable list and not string => list,
        var single => new[] { single },
    };
}
