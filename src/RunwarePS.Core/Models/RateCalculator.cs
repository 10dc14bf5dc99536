using System.Text;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>What a task costs by a model's rates, where that can be computed before it runs.</summary>
internal static class RateCalculator
{
    private const decimal PixelsOfMegapixel = 1_000_000;

    /// <summary>The least and the most that a task costs; null where a unit can't be counted before it runs.</summary>
    /// <remarks>Rates aren't promises: what a task cost is what the API reports.</remarks>
    public static (decimal Least, decimal Most)? Of(ModelInfo model, JsonObject task, IReadOnlyList<PriceRate> rates)
    {
        var (least, most) = (0m, 0m);
        foreach (var unit in rates.GroupBy(r => r.Unit, StringComparer.Ordinal))
        {
            if (Quantity(unit.Key, model, task) is not { } quantity || unit.Any(r => r.After is < 0))
            {
                return null;
            }

            var results = unit.Key is "inputImage" or "inputMegapixel" ? 1 : task.Integer("numberResults") ?? 1;
            var prices = Prices([.. unit], quantity, model, task);
            (least, most) = (least + (prices.Min() * results), most + (prices.Max() * results));
        }

        return rates.Count == 0 ? null : (least, most);
    }

    private static decimal[] Prices(PriceRate[] rates, decimal quantity, ModelInfo model, JsonObject task)
    {
        if (Array.Exists(rates, r => r.After is not null))
        {
            return [Tiers([.. rates.OrderBy(r => r.After ?? 0)], quantity)];
        }

        var fitting = rates.Length == 1 ? rates : RateLabel.Select(rates, model, task);
        return [.. (fitting.Length > 0 ? fitting : rates).Select(r => r.Usd * quantity)];
    }

    private static decimal Tiers(PriceRate[] rates, decimal quantity) => rates.Select((rate, i) =>
    {
        var end = i + 1 < rates.Length ? Math.Min(quantity, rates[i + 1].After ?? 0) : quantity;
        return rate.Usd * Math.Max(0, end - (rate.After ?? 0));
    }).Sum();

    private static decimal? Quantity(string unit, ModelInfo model, JsonObject task) => unit switch
    {
        "output" => 1,
        "durationSecond" => Number(model, task, "duration"),
        "character" => Text(task) is { } text ? Schema.CountCharacters(text) : null,
        "utf8Byte" => Text(task) is { } text ? Encoding.UTF8.GetByteCount(text) : null,
        "outputMegapixel" =>
            Number(model, task, "width") * Number(model, task, "height") is { } pixels ? Math.Ceiling(pixels / PixelsOfMegapixel) : null,
        "inputImage" => Images(task).Count(),
        "inputMegapixel" => Images(task).Select(InlineMedia.SizeOf).Aggregate((decimal?)0, (sum, size) =>
            sum + (size is { } known ? Math.Ceiling((decimal)known.Width * known.Height / PixelsOfMegapixel) : null)),
        _ => null,
    };

    // What isn't given has the document's default. Nothing has a price at a size beyond all numbers.
    private static decimal? Number(ModelInfo model, JsonObject task, string key) =>
        (task.ContainsKey(key) ? task[key].AsNumber() : model.Document?.Schema.Properties.GetValueOrDefault(key)?.Default.AsNumber())
            is { } number and >= 0 and <= int.MaxValue ? number : null;

    private static string? Text(JsonObject task) =>
        task.At("speech.text").AsText() ?? task["positivePrompt"].AsText() ?? task["text"].AsText();

    private static IEnumerable<JsonNode?> Images(JsonObject task) =>
        from input in task["inputs"] as JsonObject ?? []
        where input.Key.Contains("image", StringComparison.OrdinalIgnoreCase)
        from image in input.Value is JsonArray list ? list.AsEnumerable() : [input.Value]
        select image is JsonObject item ? item["image"] : image;
}

/// <summary>Distinguishes rates of the same unit by their labels.</summary>
internal static class RateLabel
{
    private static readonly string[] s_sound = ["sound", "audio"];

    /// <summary>The rates whose label fits a task; none where no label can be understood.</summary>
    public static PriceRate[] Select(PriceRate[] rates, ModelInfo model, JsonObject task)
    {
        var names = Names(model, task).ToArray();
        return [.. rates.Where(r => names.Contains(r.Label, StringComparer.OrdinalIgnoreCase))];
    }

    private static IEnumerable<string> Names(ModelInfo model, JsonObject task)
    {
        var schema = model.Document?.Schema;
        if ((task["width"] ?? schema?.Properties.GetValueOrDefault("width")?.Default).AsNumber() is { } width
            && (task["height"] ?? schema?.Properties.GetValueOrDefault("height")?.Default).AsNumber() is { } height
                && !task.ContainsKey("resolution"))
        {
            yield return FormattableString.Invariant($"{width}x{height}");
            if (model.Sizes?.FirstOrDefault(s => s.Width == width && s.Height == height)?.Name.Split(" (")[0] is { Length: > 0 } name)
            {
                yield return name; // such as 1K
                yield return name == "0.5K" ? "512x512" : name;
            }
        }
        else if ((task["resolution"] ?? schema?.Properties.GetValueOrDefault("resolution")?.Default).AsText() is { } resolution)
        {
            yield return resolution;
        }

        var sound = s_sound.Select(option => model.PathOf(option)).OfType<string>()
            .FirstOrDefault(p => !p.StartsWith("inputs.", StringComparison.Ordinal));
        if (sound is not null)
        {
            var isOn = (task.At(sound) ?? model.DefaultOf(sound)) is JsonValue value
                && value.GetValueKind() == System.Text.Json.JsonValueKind.True;
            yield return isOn ? "with audio" : "without audio";
        }

        var hasImages = (task["inputs"] as JsonObject)?.Any(p => p.Key.Contains("image", StringComparison.OrdinalIgnoreCase)) == true;
        yield return (hasImages ? "Image-to-" : "Text-to-")
            + model.TaskType switch { "3dInference" => "3D", "videoInference" => "video", _ => "image" };
    }
}
