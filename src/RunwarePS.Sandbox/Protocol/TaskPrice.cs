using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>
/// What one result costs, from the prices of the catalog: a price of its size and quality, or the highest one by the model's rates.
/// </summary>
internal static class TaskPrice
{
    public static decimal? Of(JsonObject request, ModelInfo? model, int count)
    {
        if (model?.Prices is not { } prices)
        {
            return null;
        }

        var quality = request.Option(model, "quality");
        return request.Integer("width") is { } width && request.Integer("height") is { } height
            && model.Price(width, height, quality is null or "auto" ? "high" : quality) is { } price ? price
            : RateCalculator.Of(model, request, prices.Rates)?.Most / count;
    }
}
