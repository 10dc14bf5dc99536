using System.Globalization;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>What a request will cost, as far as the catalog knows. Never a guess: what the data doesn't state is null.</summary>
/// <param name="Exact">USD for the whole task, where the price is stated or follows from the model's rates.</param>
/// <param name="AtMost">USD for the whole task at the highest price known for it; null where none is.</param>
internal sealed record PriceForecast(decimal? Exact, decimal? AtMost)
{
    private static readonly PriceForecast s_unknown = new(Exact: null, AtMost: null);

    /// <summary>What is reserved before the task is sent, in USD: the highest possible cost; null if that isn't known.</summary>
    public decimal? Reserved => Exact ?? AtMost;

    /// <summary>The forecast for the body of a task.</summary>
    public static PriceForecast Of(JsonObject wire, ModelInfo? model)
    {
        if (model?.Prices is not { } prices)
        {
            return s_unknown;
        }

        if (wire.Integer("width") is { } width && wire.Integer("height") is { } height && model.HighestPrice(width, height) is { } highest)
        {
            var count = wire.Integer("numberResults") ?? 1;
            return new PriceForecast(model.Price(width, height, wire.Option(model, "quality")) * count, highest * count);
        }

        return RateCalculator.Of(model, wire, prices.Rates) is var (least, most)
            ? new PriceForecast(least == most ? most : null, most) : s_unknown;
    }

    public override string ToString() =>
        Exact is { } exact ? Usd(exact)
        : AtMost is { } most ? $"unknown, at most {Usd(most)}"
        : "unknown";

    private static string Usd(decimal value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
