namespace RunwarePS.Tasks;

/// <summary>How a cell of a CSV file that holds text is read.</summary>
internal enum ApiKeyKind
{
    /// <summary>As it is.</summary>
    Text,

    /// <summary>A JSON number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A JSON object or array.</summary>
    Json,

    /// <summary>JSON where it reads as JSON, else text: the key takes several types, depending on the model.</summary>
    Any,
}

/// <summary>
/// The top-level keys of all tasks that generate or transform media or text. A column of that name asks for something, so it is never
/// ignored. The keys of account, search and upload tasks (<c>name</c>, <c>category</c>, <c>comment</c> …) aren't listed: a column of such a
/// name is the user's own. Source: https://runware.ai/docs/models/index.json, and the model documents that it lists.
/// </summary>
internal static class ApiKeys
{
    private static readonly Dictionary<string, (string Name, ApiKeyKind Kind)> s_keys = Read(
        (ApiKeyKind.Text,
            "acceleration, model, negativePrompt, outputFormat, outputType, positivePrompt, prompt, promptWeighting, resolution, "
            + "scheduler, uploadEndpoint, webhookURL"),
        (ApiKeyKind.Number,
            "CFGScale, clipSkip, height, maskMargin, numberResults, outputQuality, promptMaxLength, promptVersions, seed, steps, strength, "
            + "targetMegapixels, trueCFGScale, ttl, width"),
        (ApiKeyKind.Flag, "includeCost, includeUsage, layerDiffuse"),
        (ApiKeyKind.Json,
            "acceleratorOptions, acePlusPlus, advancedFeatures, audioSettings, controlNet, importModel, inputs, ipAdapters, lora, "
            + "messages, outpaint, photoMaker, providerSettings, pulid, safety, settings, speech, toolChoice, tools, ultralytics, "
            + "watermark"),
        (ApiKeyKind.Any,
            "duration, fps, frameImages, hiresFix, inputImage, inputImages, jsonSchema, maskImage, referenceAudios, referenceImages, "
            + "referenceVideos, refiner, seedImage, upscaleFactor"));

    /// <summary>
    /// The key for a column, in the API's spelling; null if there is none. A dotted name such as
    /// <c>settings.temperature</c> is a key inside an object.
    /// </summary>
    public static (string Path, ApiKeyKind Kind)? Find(string column)
    {
        var dot = column.IndexOf('.', StringComparison.Ordinal);
        return s_keys.TryGetValue(dot < 0 ? column : column[..dot], out var key)
            ? dot < 0 ? key : (key.Name + column[dot..], ApiKeyKind.Any)
            : null;
    }

    private static Dictionary<string, (string, ApiKeyKind)> Read(params (ApiKeyKind Kind, string Names)[] groups) =>
        (from @group in groups
         from name in @group.Names.Split(", ")
         select KeyValuePair.Create(name, (name, @group.Kind))).ToDictionary(StringComparer.OrdinalIgnoreCase);
}
