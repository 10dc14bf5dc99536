using System.Globalization;

namespace RunwarePS.Models;

/// <summary>What the views of models show.</summary>
internal static class ModelText
{
    /// <summary>The name of a key of a model's requests, with a star where it has to be there.</summary>
    public static string ParameterName(RunwareModelParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return parameter.Required ? parameter.Name + " *" : parameter.Name;
    }

    /// <summary>The different prices of a model's images, lowest first, without those that are only examples.</summary>
    public static string Prices(IEnumerable<RunwareModelPrice>? prices)
    {
        var amounts = (prices ?? []).Where(p => p.Basis != "example").Select(p => p.Usd).Distinct().Order()
            .Select(usd => usd.ToString(CultureInfo.InvariantCulture)).ToArray();
        return amounts.Length == 0 ? DisplayText.Unknown : string.Join(" / ", amounts);
    }

    /// <summary>
    /// The range of what a model charges for the first unit that isn't an input, such as a second; null if it has no rates.
    /// </summary>
    public static string? Rates(IEnumerable<RunwareModelRate> rates)
    {
        var unit = rates.Where(r => !r.Unit.Contains("input", StringComparison.OrdinalIgnoreCase))
            .GroupBy(r => r.Unit, StringComparer.Ordinal).FirstOrDefault();
        if (unit is null)
        {
            return null;
        }

        var (factor, suffix) = unit.Key switch
        {
            "output" => (1, ""),
            "durationSecond" => (1, " a second"),
            "character" => (1_000_000, " per M characters"),
            _ when unit.Key.EndsWith("Token", StringComparison.Ordinal) => (1_000_000, " per M tokens"),
            _ => (1, $" per {unit.Key}"),
        };
        var (least, most) = (unit.Min(r => r.Usd) * factor, unit.Max(r => r.Usd) * factor);
        var range = most > least ? "{0:0.######}-{1:0.######}" : "{0:0.######}";
        return string.Format(CultureInfo.InvariantCulture, range, least, most) + suffix;
    }

    /// <summary>Each price of a model with its date and source.</summary>
    public static string[] PriceList(IEnumerable<RunwareModelPrice>? prices)
    {
        var lines = (prices ?? []).Select(p => $"{p} ({p.Date}: {p.Source})").ToArray();
        return lines.Length == 0 ? [DisplayText.Unknown] : lines;
    }

    /// <summary>What a key of a model's requests can hold: a range, values, or both.</summary>
    public static string Allowed(RunwareModelParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        var range = parameter.Min is null && parameter.Max is null ? null
            : string.Create(CultureInfo.InvariantCulture, $"{parameter.Min}..{parameter.Max}") + Step(parameter);
        return string.Join(' ', parameter.Allowed.Prepend(range).OfType<string>());
    }

    /// <summary>
    /// The parameters of a model as a table of 80 columns: name, type, default, what is allowed, and where the value goes in a request.
    /// </summary>
    public static string[] ParameterTable(IEnumerable<RunwareModelParameter> parameters) =>
    [
        Row("Name", "Type", "Default", "Allowed", "In"),
        Row("----", "----", "-------", "-------", "--"),
        .. parameters.Select(p =>
        {
            var dot = p.Name.LastIndexOf('.');
            return Row(p.Name[(dot + 1)..] + (p.Required ? " *" : ""), p.Type, p.Default ?? "", Allowed(p), dot < 0 ? "" : p.Name[..dot]);
        }),
    ];

    // The last column is the one that isn't cut: it's needed in full to write a request by hand.
    private static string Row(string name, string type, string standard, string allowed, string place) =>
        $"{Cell(name, 18)} {Cell(type, 7)} {Cell(standard, 7)} {Cell(allowed, 18)} {place}".TrimEnd();

    private static string Cell(string text, int width) => DisplayText.Column(text, width).PadRight(width);

    private static string Step(RunwareModelParameter parameter) =>
        parameter.MultipleOf is { } step ? string.Create(CultureInfo.InvariantCulture, $", step {step}") : "";
}
