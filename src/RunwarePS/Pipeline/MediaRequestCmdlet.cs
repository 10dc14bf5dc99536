using System.Management.Automation;

namespace RunwarePS.Pipeline;

/// <summary>The base class of the cmdlets that generate or change media: how the results are delivered.</summary>
public abstract class MediaRequestCmdlet : RequestCmdlet
{
    /// <summary>
    /// How the API returns the result: as a URL, base64 data or a data URI. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-outputtype.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    [RequestKey("outputType")]
    public string? OutputType { get; set; }

    /// <summary>The file format of the result. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-outputformat.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    [RequestKey("outputFormat")]
    public string? OutputFormat { get; set; }

    /// <summary>
    /// How long the result stays at its URL: 60 seconds or more. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-ttl.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Ttl")]
    [DurationTransformation]
    [RequestKey("ttl")]
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>
    /// Where the API puts the bytes of the result; for one result only. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-uploadendpoint.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [UriTransformation(RequiresValue = true)]
    [RequestKey("uploadEndpoint")]
    public Uri? UploadEndpoint { get; set; }
}

/// <summary>What the cmdlets share that make media from words.</summary>
public abstract class MediaGenerationCmdlet : MediaRequestCmdlet
{
    /// <summary>The number of results. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-numberresults.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("NumberResults")]
    [IntegerTransformation]
    [RequestKey("numberResults")]
    public int? Count { get; set; }

    /// <summary>What not to make. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-negativeprompt.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [RequestKey("negativePrompt")]
    public string? NegativePrompt { get; set; }

    /// <summary>
    /// The same seed and request give the same result. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-seed.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [LongTransformation]
    [RequestKey("seed")]
    public long? Seed { get; set; }

    /// <summary>How many passes the model makes. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-steps.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IntegerTransformation]
    [RequestKey("steps")]
    public int? Steps { get; set; }

    /// <summary>
    /// How closely the result follows the prompt. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-cfgscale.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [NumberTransformation]
    [RequestKey("CFGScale")]
    public decimal? CfgScale { get; set; }

    /// <summary>
    /// How far the result may depart from its input, 0 to 1. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-strength.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [NumberTransformation]
    [RequestKey("strength")]
    public decimal? Strength { get; set; }
}

/// <summary>What the cmdlets share that make images or videos.</summary>
public abstract class VisualGenerationCmdlet : MediaGenerationCmdlet
{
    /// <summary>
    /// The width of the result in pixels; requires <see cref="Height"/>. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-width.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IntegerTransformation]
    [RequestKey("width")]
    public int? Width { get; set; }

    /// <summary>
    /// The height of the result in pixels; requires <see cref="Width"/>. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-height.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IntegerTransformation]
    [RequestKey("height")]
    public int? Height { get; set; }

    /// <summary>A name such as <c>Landscape</c>, or <c>1536x1024</c>, instead of width and height.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Size { get; set; }

    /// <summary>The sampler. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-scheduler.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    [RequestKey("scheduler")]
    public string? Scheduler { get; set; }

    /// <summary>
    /// The compression quality of the result, 20 to 99. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-outputquality.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IntegerTransformation]
    [RequestKey("outputQuality")]
    public int? OutputQuality { get; set; }

    /// <summary>
    /// Checks the result for unsafe content. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-safety-checkcontent.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchTransformation]
    [RequestKey("safety.checkContent")]
    public SwitchParameter CheckContent { get; set; }

    /// <summary>How strict the safety check is. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-safety-mode.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation(RequiresValue = true)]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    [RequestKey("safety.mode")]
    public string? SafetyMode { get; set; }

    private protected override string Words => "Prompt";

    // A file on Unix has a size of its own, in bytes.
    private protected override string? NamedSize =>
        Size is not null && Record?.Properties["DirectoryName"] is not null && Size.All(char.IsAsciiDigit) ? null : Size;
}
