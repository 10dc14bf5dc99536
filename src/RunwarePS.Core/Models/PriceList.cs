using System.Globalization;
using System.Text.Json;

namespace RunwarePS.Models;

/// <summary>What a model costs, as far as its data states it.</summary>
/// <param name="Entries">Prices of whole results.</param>
/// <param name="Rates">Prices of what a model counts, such as seconds or tokens.</param>
internal sealed record PriceList(PriceEntry[] Entries, PriceRate[] Rates)
{
    private const string Example = "example";
    private const string Source = "Model document, Pricing";

    /// <summary>
    /// The prices of a document: those that this module states itself, else those of the document and of the content service.
    /// </summary>
    public static PriceList? Read(ModelDocument document)
    {
        var (own, pricing, entry) = (document.Own.Member("prices"), document.Info.Member("x-pricing"), document.Entry);
        var date = own.Member("date").AsText() ?? document.AsOf ?? "";
        var isOwn = own.ValueKind == JsonValueKind.Object;
        PriceEntry[] entries = isOwn ? [.. own.Member("entries").Items().Select(e => Stated(e, date))]
            : [.. Results(pricing, "measured", "examples", date).Concat(Results(entry, "pricingMeasured", "pricingExamples", date))
                .Distinct()];
        var rates = isOwn
            ? own.Member("rates")
            : pricing.Member("rates").Items().Any() ? pricing.Member("rates")
            : entry.Member("pricingRates");
        PriceRate[] read = [.. rates.Items().Select(r => Rate(r, date)).OfType<PriceRate>()];
        return entries.Length + read.Length == 0 ? null : new PriceList(entries, read);
    }

    private static PriceEntry Stated(JsonElement entry, string date) => new(
        entry.Member("size").AsText(), entry.Member("quality").AsText(), entry.Member("usd").AsNumber() ?? 0,
        entry.Member("basis").AsText() ?? Example, entry.Member("source").AsText() ?? Source, date);

    // What one result cost once: neither a forecast nor a bound.
    private static IEnumerable<PriceEntry> Results(JsonElement pricing, string measured, string examples, string date) =>
        from list in new[] { measured, examples }
        from item in pricing.Member(list).Items()
        let usd = Usd(item.Member("price"))
        where usd is not null
        select new PriceEntry(Size: null, Quality: null, usd.Value, Example, $"{Source}: {item.Member("configuration").AsText() ?? list}",
            date);

    private static PriceRate? Rate(JsonElement rate, string date) =>
        (rate.Member("amount").AsNumber() ?? rate.Member("usd").AsNumber()) is { } usd && rate.Member("unit").AsText() is { } unit
            ? new PriceRate(usd, unit, rate.Member("label").AsText(), rate.Member("source").AsText() ?? Source, date)
            { After = After(rate.Member("after")) }
            : null;

    // A tier that can't be read makes the rate unusable, not cheap.
    private static decimal? After(JsonElement after) =>
        after.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : Usd(after) ?? decimal.MinusOne;

    private static decimal? Usd(JsonElement price) => price.AsNumber()
        ?? (decimal.TryParse(price.AsText()?.TrimStart('$'), NumberStyles.Float, CultureInfo.InvariantCulture, out var usd) ? usd : null);
}

/// <param name="Size">As <c>1536x1024</c>; null where the source doesn't give it.</param>
/// <param name="Quality">Null where the price holds for any, or the source doesn't give it.</param>
/// <param name="Usd">For one image.</param>
/// <param name="Basis">
/// <c>stated</c> by Runware; <c>inferred</c>: good as a bound, never as a forecast; <c>example</c>: what one result cost or is estimated to
/// cost, neither a forecast nor a bound.
/// </param>
/// <param name="Source">Where it was read.</param>
/// <param name="Date">When it was read, as yyyy-MM-dd.</param>
internal sealed record PriceEntry(string? Size, string? Quality, decimal Usd, string Basis, string Source, string Date)
{
    public bool IsStated => Basis == "stated";

    public bool IsBound => IsStated || Basis == "inferred";

    public bool Covers(int width, int height) => Size == FormattableString.Invariant($"{width}x{height}");
}

/// <param name="Usd">For one unit.</param>
/// <param name="Unit">In the API's words, such as <c>outputToken</c>.</param>
/// <param name="Label">What tells rates of the same unit apart.</param>
/// <param name="Source">Where it was read.</param>
/// <param name="Date">When it was read, as yyyy-MM-dd.</param>
internal sealed record PriceRate(decimal Usd, string Unit, string? Label, string Source, string Date)
{
    /// <summary>How many units cost another rate before this one applies; null for the first.</summary>
    public decimal? After { get; init; }
}
