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
        var amounts = (prices ?? []).Where(p => p.Basis != "example").Select(p => p.Usd).Distinct().Order().Select(usd => usd.ToString(CultureInfo.InvariantCulture)).ToArray();
        return amounts.Length == 0 ? DisplayText.Unknown : string.Join(" / ", amounts);
    }

    /// <summary>Each price of a model with its date and source.</summary>
    public static string[] PriceList(IEnumerable<RunwareModelPrice>? prices)
    {
        var lines = (prices ?? []).Select(p => $"{p} ({p.Date}: {p.Source})").ToArray();
        return lines.Length == 0 ? [DisplayText.Unknown] : lines;
    }

    /// <summary>What a key of a model's requests may hold.</summary>
    public static string Allowed(RunwareModelParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return parameter.Allowed.Length > 0 ? string.Join(' ', parameter.Allowed)
            : parameter.Min is null && parameter.Max is null ? ""
            : string.Create(CultureInfo.InvariantCulture, $"{parameter.Min}..{parameter.Max}") + Step(parameter);
    }

    private static string Step(RunwareModelParameter parameter) =>
        parameter.MultipleOf is { } step ? string.Create(CultureInfo.InvariantCulture, $", step {step}") : "";
}
