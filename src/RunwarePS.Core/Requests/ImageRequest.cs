using System.Globalization;
using System.Text.Json.Nodes;
using RunwarePS.Models;

namespace RunwarePS;

/// <summary>One image task as its user asked for it. What is null was not asked for and stays off the wire.</summary>
internal sealed record ImageRequest
{
    public const string TaskType = "imageInference";

    public required Guid TaskUuid { get; init; }

    public required string Prompt { get; init; }

    public string Model { get; init; } = ModelCatalogue.Default.DefaultModel.Air;

    public int Width { get; init; } = 1024;

    public int Height { get; init; } = 1024;

    public int? Count { get; init; }

    public string? Quality { get; init; }

    public string? Background { get; init; }

    public string? OutputType { get; init; }

    public string? OutputFormat { get; init; }

    public int? OutputQuality { get; init; }

    /// <summary>Sent as true unless the user said no: ledger and caps need the cost.</summary>
    public bool IncludeCost { get; init; } = true;

    public bool Async { get; init; }

    /// <summary>The user's own mark on this task; it never leaves this machine.</summary>
    public string? Tag { get; init; }

    /// <summary>The position of the record in the pipeline, from 0.</summary>
    public int InputIndex { get; init; }

    public int Expected => Count ?? 1;

    /// <summary>The same request with a size: a name or <c>WxH</c>, or the pair, or 1024x1024 where none is given.</summary>
    /// <exception cref="RunwareException"><c>ParameterConflict</c>, <c>ParameterOutOfRange</c> or <c>ParameterUnreadable</c>.</exception>
    public ImageRequest WithSize(string? size, int? width, int? height)
    {
        if (size is null)
        {
            return (width, height) switch
            {
                (null, null) => this,
                ({ } w, { } h) => this with { Width = w, Height = h },
                _ => throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, width is null ? "Width" : "Height",
                    $"{(width is null ? "Height" : "Width")} is {width ?? height} and {(width is null ? "Width" : "Height")} is not given: they go together."),
            };
        }

        if ((width ?? height) is not null)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterConflict, "Size", $"Size '{size}' is given together with Width or Height; give one or the other.");
        }

        if (ModelCatalogue.Default.Find(Model)?.Sizes?.FirstOrDefault(s => s.Name.Equals(size, StringComparison.OrdinalIgnoreCase)) is { } named)
        {
            return this with { Width = named.Width, Height = named.Height };
        }

        var parts = size.Split('x', 'X', '×');
        return parts.Length == 2 && Pixels(parts[0]) is { } sizeWidth && Pixels(parts[1]) is { } sizeHeight
            ? this with { Width = sizeWidth, Height = sizeHeight }
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "Size", $"Size is '{size}'; allowed are {SizeNames()} and sizes such as 1536x1024.");
    }

    /// <summary>The request in a few words, for <c>-WhatIf</c>.</summary>
    public string Describe()
    {
        var prompt = Prompt.Length <= 60 ? Prompt : Prompt[..60] + "…";
        return FormattableString.Invariant($"{Model} {Width}x{Height} × {Expected}, price {PriceForecast.Of(this)}: {prompt}");
    }

    /// <summary>The task as it stands on the wire, in the order of the API's page.</summary>
    public JsonObject ToWire()
    {
        var model = ModelCatalogue.Default.Find(Model);
        var task = new JsonObject
        {
            ["taskType"] = TaskType,
            ["taskUUID"] = TaskUuid.ToString("D"),
            ["model"] = model?.Air ?? Model,
            ["positivePrompt"] = Prompt,
            ["width"] = Width,
            ["height"] = Height,
        };
        Add("outputType", OutputType);
        Add("outputFormat", OutputFormat);
        AddNumber("outputQuality", OutputQuality);
        AddNumber("numberResults", Count);
        if (IncludeCost)
        {
            task["includeCost"] = true;
        }

        if (Async)
        {
            task["deliveryMethod"] = "async";
        }

        if (Provider(model) is { } provider && (Quality ?? Background) is not null)
        {
            var block = new JsonObject();
            Put(block, "quality", Quality, $"providerSettings.{provider}.quality");
            Put(block, "background", Background, $"providerSettings.{provider}.background");
            task["providerSettings"] = new JsonObject { [provider] = block };
        }

        return task;

        void Add(string key, string? value) => Put(task, key, value, key);

        void Put(JsonObject target, string key, string? value, string path)
        {
            if (value is not null)
            {
                target[key] = model?.Spell(path, value) ?? value;
            }
        }

        void AddNumber(string key, int? value)
        {
            if (value is { } number)
            {
                task[key] = number;
            }
        }
    }

    private string SizeNames() => string.Join(", ", (ModelCatalogue.Default.Find(Model)?.Sizes ?? []).Select(s => s.Name)) is { Length: > 0 } names ? names : "no names for this model";

    private static int? Pixels(string text) => int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var pixels) ? pixels : null;

    // For a model outside the catalogue the part of its AIR before the colon names whose settings it reads.
    private string? Provider(ModelInfo? model) =>
        model is not null ? model.Provider
        : Model.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? Model[..colon]
        : null;
}
