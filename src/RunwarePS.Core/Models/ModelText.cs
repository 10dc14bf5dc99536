using System.Globalization;

namespace RunwarePS.Models;

/// <summary>What the views of models show.</summary>
internal static class ModelText
{
    private const int Million = 1_000_000;

    // The engine breaks a line that fills the screen, which has 80 columns or more.
    private const int Width = 79;

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
            "character" => (Million, " per M characters"),
            _ when IsToken(unit.Key) => (Million, " per M tokens"),
            _ => (1, " per " + UnitName(unit.Key)),
        };
        var (least, most) = (unit.Min(r => r.Usd) * factor, unit.Max(r => r.Usd) * factor);
        var range = most > least ? "{0:0.######}-{1:0.######}" : "{0:0.######}";
        return string.Format(CultureInfo.InvariantCulture, range, least, most) + suffix;
    }

    /// <summary>Each price of a model with its date and source.</summary>
    /// <param name="prices">The prices.</param>
    /// <param name="hasRates">Whether the model has rates, so that its price isn't unknown.</param>
    public static string[] PriceList(IEnumerable<RunwareModelPrice>? prices, bool hasRates = false)
    {
        var lines = (prices ?? []).Select(p => $"{p} ({p.Date}: {p.Source})").ToArray();
        return lines.Length == 0 && !hasRates ? [DisplayText.Unknown] : lines;
    }

    /// <summary>What a model charges for a unit: for a million of them where one is too small to read.</summary>
    public static string Rate(string unit, decimal usd)
    {
        var isSmall = unit == "character" || IsToken(unit);
        return string.Create(CultureInfo.InvariantCulture,
            $"{usd * (isSmall ? Million : 1):0.######} per {(isSmall ? $"million {UnitName(unit)}s" : UnitName(unit))}");
    }

    /// <summary>Texts for people: a heading, a paragraph, and labels with what belongs to them; empty ones are omitted.</summary>
    public static IEnumerable<string> Header(string heading, string? paragraph, IEnumerable<(string Label, string[] Items)> fields)
    {
        var width = fields.Max(f => f.Label.Length) + 2;
        return
        [
            .. Wrap("", heading.Split(' ')), .. Wrap("", paragraph?.Split(' ') ?? []), "",
            .. fields.Where(f => f.Items.Length > 0).SelectMany(f => Wrap(f.Label.PadRight(width), Parts(f.Items, Width - width))), "",
        ];
    }

    /// <summary>A list of a model's sizes, cut where it is long.</summary>
    public static string[] Sizes(string[] sizes)
    {
        const int Most = 12;
        const int Shown = 10;
        return sizes.Length <= Most ? sizes : [.. sizes[..Shown], FormattableString.Invariant($"and {sizes.Length - Shown} more in AllowedSize")];
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
    public static string[] ParameterTable(IEnumerable<RunwareModelParameter> parameters)
    {
        var all = parameters.ToArray();

        // The last column is the one that isn't cut: it's needed in full to write a request by hand.
        var width = Math.Clamp(Width - 36 - all.Select(p => Place(p).Length).DefaultIfEmpty().Max(), 10, 18);
        return
        [
            Row("Name", "Type", "Default", "Allowed", "In"),
            Row("----", "----", "-------", "-------", "--"),
            .. all.Select(p => Row(p.Name[(p.Name.LastIndexOf('.') + 1)..] + (p.Required ? " *" : ""), p.Type, p.Default ?? "", Allowed(p),
                Place(p))),
        ];

        string Row(string name, string type, string standard, string allowed, string place) =>
            $"{Cell(name, 18)} {Cell(type, 7)} {Cell(standard, 7)} {Cell(allowed, width)} {place}".TrimEnd();
    }

    private static string Place(RunwareModelParameter parameter) =>
        parameter.Name.LastIndexOf('.') is var dot && dot < 0 ? "" : parameter.Name[..dot];

    private static bool IsToken(string unit) => unit.EndsWith("Token", StringComparison.Ordinal);

    // In the API's words, such as inputImage.
    private static string UnitName(string unit) => unit switch
    {
        "output" => "result",
        "durationSecond" => "second",
        _ => string.Concat(unit.Select(c => char.IsAsciiLetterUpper(c) ? $" {char.ToLowerInvariant(c)}" : c.ToString())),
    };

    // An item stays on one line, unless it is longer than one.
    private static IEnumerable<string> Parts(string[] items, int width) => items.SelectMany((item, i) =>
    {
        var text = i + 1 < items.Length ? item + "," : item;
        return text.Length > width ? text.Split(' ') : [text];
    });

    private static IEnumerable<string> Wrap(string label, IEnumerable<string> parts)
    {
        var line = label;
        foreach (var part in parts)
        {
            if (line.Length > label.Length && line.Length + 1 + part.Length > Width)
            {
                yield return line;
                line = new string(' ', label.Length);
            }

            line += line.Length > label.Length ? " " + part : part;
        }

        if (line.Length > label.Length)
        {
            yield return line;
        }
    }

    private static string Cell(string text, int width) => DisplayText.Column(text, width).PadRight(width);

    private static string Step(RunwareModelParameter parameter) =>
        parameter.MultipleOf is { } step ? string.Create(CultureInfo.InvariantCulture, $", step {step}") : "";
}
