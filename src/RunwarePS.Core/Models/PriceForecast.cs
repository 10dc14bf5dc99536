using System.Globalization;

namespace RunwarePS.Models;

/// <summary>What a request will cost, as far as the catalogue knows. Never a guess: where the data is silent, so is this.</summary>
/// <param name="Exact">USD for the whole task, where the price is stated.</param>
/// <param name="AtMost">USD for the whole task at the dearest price known for its size; null where none is.</param>
internal sealed record PriceForecast(decimal? Exact, decimal? AtMost)
{
    public static PriceForecast Of(ImageRequest request)
    {
        var model = ModelCatalogue.Default.Find(request.Model);
        return new PriceForecast(
            model?.Price(request.Width, request.Height, request.Quality) * request.Expected,
            model?.DearestPrice(request.Width, request.Height) * request.Expected);
    }

    public override string ToString() =>
        Exact is { } exact ? Usd(exact)
        : AtMost is { } most ? $"unknown, at most {Usd(most)}"
        : "unknown";

    private static string Usd(decimal value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
