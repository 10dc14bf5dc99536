using System.Globalization;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>What a request will cost, as far as the catalog knows. Never a guess: what the data doesn't state is null.</summary>
/// <param name="Exact">USD for the whole task, where the price is stated.</param>
/// <param name="AtMost">USD for the whole task at the highest price known for its size; null where none is.</param>
internal sealed record PriceForecast(decimal? Exact, decimal? AtMost)
{
    /// <summary>The forecast for a task as it stands on the wire.</summary>
    public static PriceForecast Of(JsonObject wire, ModelInfo? model)
    {
        if (model is null || wire.Integer("width") is not { } width || wire.Integer("height") is not { } height)
        {
            return new PriceForecast(Exact: null, AtMost: null);
        }

        var count = wire.Integer("numberResults") ?? 1;
        return new PriceForecast(
            model.Price(width, height, wire.Option(model, "quality")) * count,
            model.HighestPrice(width, height) * count);
    }

    public override string ToString() =>
        Exact is { } exact ? Usd(exact)
        : AtMost is { } most ? $"unknown, at most {Usd(most)}"
        : "unknown";

    private static string Usd(decimal value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
