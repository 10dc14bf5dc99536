using System.Collections;
using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Makes images from prompts, one task per record, several in flight, each sent once.</summary>
[Cmdlet(VerbsCommon.New, "RunwareImage", SupportsShouldProcess = true, DefaultParameterSetName = PromptSet, HelpUri = HelpLinks.Base + "New-RunwareImage.md")]
[OutputType(typeof(RunwareImage), typeof(RunwareTask))]
public sealed class NewRunwareImageCommand : GeneratingCmdlet
{
    private const string PromptSet = "Prompt";
    private const string InputSet = "Input";

    private readonly ReferenceReader _references;
    private readonly ReferenceReader _seedImages;
    private readonly ReferenceReader _maskImages;

    /// <summary>Sends nothing.</summary>
    public NewRunwareImageCommand()
    {
        _references = new ReferenceReader(text => this.FindFiles(text));
        _seedImages = new ReferenceReader(text => this.FindFiles(text), nameof(SeedImage));
        _maskImages = new ReferenceReader(text => this.FindFiles(text), nameof(MaskImage));
    }

    /// <summary>
    /// What to draw: texts, or objects with a <c>Prompt</c> or <c>positivePrompt</c>. Several prompts are several records.
    /// Source: GPT Image 1 page, positivePrompt.
    /// </summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = PromptSet)]
    [Parameter(Position = 0, Mandatory = true, ParameterSetName = InputSet)]
    [Alias("PositivePrompt")]
    [AllowNull, AllowEmptyString, AllowEmptyCollection]
    [PromptTransformation]
    public string?[]? Prompt { get; set; }

    /// <summary>With <see cref="Prompt"/> on the command line, what the pipeline holds: rows of other parameters, files and images.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = InputSet, DontShow = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Pixels; together with <see cref="Height"/>. Source: GPT Image 1 page, width.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IntegerTransformation]
    public int? Width { get; set; }

    /// <summary>Pixels; together with <see cref="Width"/>. Source: GPT Image 1 page, height.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IntegerTransformation]
    public int? Height { get; set; }

    /// <summary>A name such as <c>Landscape</c>, or <c>1536x1024</c>, instead of width and height.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Size { get; set; }

    /// <summary>The model's AIR or slug. Source: GPT Image 1 page, model.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation(RequiresValue = true)]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Model { get; set; }

    /// <summary>How many images, 1 to 20. Source: GPT Image 1 page, numberResults.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("NumberResults")]
    [IntegerTransformation]
    public int? Count { get; set; }

    /// <summary>
    /// Pictures to work from, in their order: files, http(s) addresses, data URIs, media UUIDs, bytes, images. JPG, PNG or WEBP.
    /// Source: GPT Image 1 page, inputs.referenceImages.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ReferenceImages", "FullName")]
    [ReferencesTransformation(RequiresValue = true)]
    public object[]? ReferenceImage { get; set; }

    /// <summary>The image to start from. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-inputs-seedimage.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReferenceTransformation(RequiresValue = true)]
    public object? SeedImage { get; set; }

    /// <summary>
    /// White where the image is edited, black where it is kept. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-inputs-maskimage.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReferenceTransformation(RequiresValue = true)]
    public object? MaskImage { get; set; }

    /// <summary>What not to draw. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-negativeprompt.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    public string? NegativePrompt { get; set; }

    /// <summary>The same seed and request give the same image. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-seed.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [LongTransformation]
    public long? Seed { get; set; }

    /// <summary>How many passes the model makes. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-steps.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IntegerTransformation]
    public int? Steps { get; set; }

    /// <summary>How closely the image follows the prompt. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-cfgscale.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [NumberTransformation]
    public decimal? CfgScale { get; set; }

    /// <summary>The sampler. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-scheduler.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Scheduler { get; set; }

    /// <summary>How far the result may depart from the seed image, 0 to 1. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-strength.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [NumberTransformation]
    public decimal? Strength { get; set; }

    /// <summary>Source: GPT Image 1 page, providerSettings.openai.quality.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Quality { get; set; }

    /// <summary>Source: GPT Image 1 page, providerSettings.openai.background.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Background { get; set; }

    /// <summary>Source: GPT Image 1 page, outputType.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? OutputType { get; set; }

    /// <summary>Source: GPT Image 1 page, outputFormat.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? OutputFormat { get; set; }

    /// <summary>20 to 99. Source: GPT Image 1 page, outputQuality.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IntegerTransformation]
    public int? OutputQuality { get; set; }

    /// <summary>How long the result stays at its address: 60 seconds or more. Source: GPT Image 1 page, ttl.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Ttl")]
    [DurationTransformation]
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>Checks the result for unsafe content. Source: GPT Image 1 page, safety.checkContent.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchTransformation]
    public SwitchParameter CheckContent { get; set; }

    /// <summary>Source: GPT Image 1 page, safety.mode.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation(RequiresValue = true)]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? SafetyMode { get; set; }

    /// <summary>Where the API posts each finished result. Its query is kept out of every message. Source: GPT Image 1 page, webhookURL.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [UriTransformation(RequiresValue = true)]
    public Uri? WebhookUrl { get; set; }

    /// <summary>Where the API puts the picture's bytes; for one result only. Source: GPT Image 1 page, uploadEndpoint.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [UriTransformation(RequiresValue = true)]
    public Uri? UploadEndpoint { get; set; }

    /// <summary>Any other key of the API, dotted or nested, sent as it is.</summary>
    [Parameter]
    [DictionaryTransformation]
    public Hashtable? AdditionalParameter { get; set; }

    /// <summary>The same question as a row asks it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [FlagTransformation]
    public SwitchParameter? IncludeCost { get; set; }

    // What follows lets the API's own JSON pipe in: its nested objects unfold into the parameters above.

    /// <summary>Source: GPT Image 1 page, providerSettings.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [DictionaryTransformation]
    public Hashtable? ProviderSettings { get; set; }

    /// <summary>Source: GPT Image 1 page, inputs.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [DictionaryTransformation]
    public Hashtable? Inputs { get; set; }

    /// <summary>Source: GPT Image 1 page, safety.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [DictionaryTransformation]
    public Hashtable? Safety { get; set; }

    /// <summary>Source: GPT Image 1 page, deliveryMethod.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [TextTransformation]
    public string? DeliveryMethod { get; set; }

    /// <summary>Source: GPT Image 1 page, taskType.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [TextTransformation]
    public string? TaskType { get; set; }

    /// <summary>Only a file has one; its <c>Size</c> is then that of the file.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [TextTransformation]
    public string? DirectoryName { get; set; }

    private protected override string Activity => "Making images";

    private protected override bool HasManyRecords => base.HasManyRecords || Prompt is { Length: > 1 };

    private protected override void Process()
    {
        var row = InputObject ?? (Rows.IsOnCommandLine(nameof(Prompt)) ? null : PromptTransformationAttribute.RowOf(Prompt));
        var images = InputObject is null ? null : ReferencesTransformationAttribute.Images(InputObject);
        if (row is not null && (images is not null || !RowReader.IsRow(row)))
        {
            Rows.Forget(row); // the model and size of an image to work from, or the count of a list, are no wishes
        }

        foreach (var prompt in Prompt is { Length: > 0 } ? Prompt : [null])
        {
            Make(prompt, row, images);
        }
    }

    private void Make(string? prompt, PSObject? row, object[]? images)
    {
        var target = NextRequest(prompt);
        Send(target, "Make", () => ToRequest(prompt, row, images, target.InputIndex).ToTask() is var task ? (task, task.IsAsync) : default);
    }

    private protected override IReadOnlyList<object> OutputOf(TaskResult result) => result.Images;

    private ImageRequest ToRequest(string? prompt, PSObject? row, object[]? images, int index)
    {
        ImageRequestCheck.RequirePrompt(prompt);
        var api = new RequestRow(TaskType, DeliveryMethod, ProviderSettings, Inputs, Safety)
        {
            Unbound = row is null || images is not null ? [] : Rows.Read(row, needsColumns: InputObject is not null),
        };
        return new ImageRequest
        {
            TaskUuid = TaskUuid ?? Guid.NewGuid(),
            IsIdGiven = TaskUuid is not null,
            Prompt = prompt,
            Model = Model,
            Count = Count,
            ReferenceImages = _references.Read(References(images, api)),
            SeedImage = _seedImages.ReadOne(ReferenceTransformationAttribute.Item(OneOf(nameof(SeedImage), SeedImage, api.SeedImage))),
            MaskImage = _maskImages.ReadOne(ReferenceTransformationAttribute.Item(OneOf(nameof(MaskImage), MaskImage, api.MaskImage))),
            NegativePrompt = NegativePrompt,
            Seed = Seed,
            IsSeedReported = row?.Properties["ImageUuid"] is not null && !Rows.IsOnCommandLine(nameof(Seed)),
            Steps = Steps,
            CfgScale = CfgScale,
            Scheduler = Scheduler,
            Strength = Strength,
            Quality = Quality,
            Background = Background,
            OutputType = OutputType,
            OutputFormat = OutputFormat,
            OutputQuality = OutputQuality,
            TimeToLive = TimeToLive,
            CheckContent = CheckContent,
            SafetyMode = SafetyMode,
            WebhookUrl = WebhookUrl,
            UploadEndpoint = UploadEndpoint,
            IncludeCost = NoCost ? false : IncludeCost?.IsPresent,
            Additional = api.Additional(AdditionalParameter),
            Async = Async || api.IsAsync,
            SkipValidation = SkipValidation,
            Tag = Tag,
            InputIndex = index,
        }.WithSize(IsSizeOfFile ? null : Size, Width, Height);
    }

    private object[] References(object[]? images, RequestRow api)
    {
        if ((images is not null || DirectoryName is not null) && Rows.IsOnCommandLine(nameof(ReferenceImage)))
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterConflict, nameof(ReferenceImage),
                "ReferenceImage is given on the command line, and the piped file or image is a reference, too. Specify all references in ReferenceImage.");
        }

        return images is [] ? throw RunwareException.Invalid(ErrorCodes.ReferenceImageNotFound, nameof(ReferenceImage), "The piped task has no images.")
            : images ?? ReferencesTransformationAttribute.Items(OneOf(nameof(ReferenceImage), ReferenceImage, api.References));
    }

    private static object? OneOf(string parameter, object? given, object? input) => given is null || input is null
        ? given ?? input
        : throw RunwareException.Invalid(ErrorCodes.ParameterConflict, parameter, $"{parameter} is given together with the same key of Inputs. Specify one of them.");

    private bool IsSizeOfFile => DirectoryName is not null && Size is not null && Size.All(char.IsAsciiDigit);
}
