using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Makes images from prompts, one task per record, several in flight, each sent once.</summary>
[Cmdlet(VerbsCommon.New, "RunwareImage", SupportsShouldProcess = true, DefaultParameterSetName = PromptSet,
    HelpUri = HelpLinks.Base + "New-RunwareImage.md")]
[OutputType(typeof(RunwareImage), typeof(RunwareTask))]
public sealed class NewRunwareImageCommand : VisualGenerationCmdlet
{
    private const string PromptSet = "Prompt";
    private const string InputSet = "Input";

    /// <summary>
    /// What to draw: texts, or objects with a <c>Prompt</c> or <c>positivePrompt</c>. Several prompts are several records. Models that
    /// only change an image may take no prompt.
    /// Source: https://runware.ai/docs/models/openai-gpt-image-1#request-positiveprompt.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PromptSet)]
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = InputSet)]
    [Alias("PositivePrompt")]
    [AllowNull, AllowEmptyString, AllowEmptyCollection]
    [PromptTransformation]
    [RequestKey("positivePrompt")]
    public string?[]? Prompt { get; set; }

    /// <summary>
    /// With <see cref="Prompt"/> on the command line, what the pipeline holds: rows of other parameters, files and images.
    /// </summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = InputSet, DontShow = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>
    /// Images to work from, in their order: files, http(s) URLs, data URIs, media UUIDs, bytes, images. JPG, PNG or WEBP.
    /// Source: https://runware.ai/docs/models/openai-gpt-image-1#request-inputs-referenceimages.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ReferenceImages", "FullName")]
    [ReferencesTransformation(RequiresValue = true)]
    [RequestKey("inputs.referenceImages", "inputs.image", IsMedia = true, Kind = MediaKind.Image)]
    public object[]? ReferenceImage { get; set; }

    /// <summary>The image to start from. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-inputs-seedimage.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReferenceTransformation(RequiresValue = true)]
    [RequestKey("inputs.seedImage", "inputs.image", IsMedia = true, Kind = MediaKind.Image)]
    public object? SeedImage { get; set; }

    /// <summary>
    /// White where the image is edited, black where it is kept. Source:
    /// https://runware.ai/docs/models/bfl-flux-1-dev#request-inputs-maskimage.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReferenceTransformation(RequiresValue = true)]
    [RequestKey("inputs.maskImage", "inputs.mask", IsMedia = true, Kind = MediaKind.Image)]
    public object? MaskImage { get; set; }

    /// <summary>
    /// The quality of the image. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-providersettings-openai-quality.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    [RequestKey("providerSettings.*.quality", "settings.quality", "quality")]
    public string? Quality { get; set; }

    /// <summary>
    /// The background of the image, such as <c>transparent</c>. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-providersettings-openai-background.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    [RequestKey("providerSettings.*.background", "settings.background", "background")]
    public string? Background { get; set; }

    private protected override string Activity => Strings.ActivityImages;

    private protected override string RequestType => TaskTypes.ImageInference;

    private protected override string DefaultModel => ModelCatalog.Default.DefaultModel.Air;

    private protected override PSObject? Record => InputObject;

    private protected override PSObject? Row =>
        InputObject ?? (Rows.IsOnCommandLine(nameof(Prompt)) ? null : PromptTransformationAttribute.RowOf(Prompt));

    private protected override string?[]? Texts => Prompt;

    private protected override string MediaParameter(MediaKind kind) => nameof(ReferenceImage);

    private protected override bool IsOwnKind(RunwareMedia media) => media is RunwareImage;

    // Only the data of a model can tell that it needs no prompt.
    private protected override void RequireWords(string? text)
    {
        base.RequireWords(text);
        var model = ModelCatalog.Default.Find(Model ?? DefaultModel);
        if (text is null && !SkipValidation && (model is null or { Knowledge: ModelKnowledge.None }
            || model.Parameters.GetValueOrDefault("positivePrompt")?.Required == true))
        {
            throw WordsMissing(nameof(Prompt), text);
        }
    }

    private protected override IReadOnlyList<object> OutputOf(TaskResult result) => result.Images;
}
