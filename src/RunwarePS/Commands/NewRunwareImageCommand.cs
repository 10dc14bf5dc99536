using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Makes images from prompts, one task per record, several in flight, each sent once.</summary>
[Cmdlet(VerbsCommon.New, "RunwareImage", SupportsShouldProcess = true, DefaultParameterSetName = PromptSet, HelpUri = HelpLinks.Base + "New-RunwareImage.md")]
[OutputType(typeof(RunwareImage), typeof(RunwareTask))]
public sealed class NewRunwareImageCommand : RunwareCmdlet
{
    private const string PromptSet = "Prompt";
    private const string InputSet = "Input";

    private ImageDelivery? _delivery;
    private readonly ImageSeries _series = new();
    private readonly HashSet<string> _unknownModels = new(StringComparer.OrdinalIgnoreCase);
    private readonly ReferenceReader _references;
    private readonly ReferenceReader _seedImages;
    private readonly ReferenceReader _maskImages;
    private RowReader _rows = null!;
    private Budget? _budget;
    private int _index;
    private bool _warnedOfCost;

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
    [ReadPrompt]
    public string?[]? Prompt { get; set; }

    /// <summary>With <see cref="Prompt"/> on the command line, what the pipeline holds: rows of other parameters, files and images.</summary>
    [Parameter(ValueFromPipeline = true, ParameterSetName = InputSet, DontShow = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Pixels; together with <see cref="Height"/>. Source: GPT Image 1 page, width.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadInteger]
    public int? Width { get; set; }

    /// <summary>Pixels; together with <see cref="Width"/>. Source: GPT Image 1 page, height.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadInteger]
    public int? Height { get; set; }

    /// <summary>A name such as <c>Landscape</c>, or <c>1536x1024</c>, instead of width and height.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText]
    [ArgumentCompleter(typeof(CatalogueCompleter))]
    public string? Size { get; set; }

    /// <summary>The model's AIR or slug. Source: GPT Image 1 page, model.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText(RequiresValue = true)]
    [ArgumentCompleter(typeof(CatalogueCompleter))]
    public string? Model { get; set; }

    /// <summary>How many images, 1 to 20. Source: GPT Image 1 page, numberResults.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("NumberResults")]
    [ReadInteger]
    public int? Count { get; set; }

    /// <summary>
    /// Pictures to work from, in their order: files, http(s) addresses, data URIs, media UUIDs, bytes, images. JPG, PNG or WEBP.
    /// Source: GPT Image 1 page, inputs.referenceImages.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ReferenceImages", "FullName")]
    [ReadReferences(RequiresValue = true)]
    public object[]? ReferenceImage { get; set; }

    /// <summary>The image to start from. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-inputs-seedimage.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadReference(RequiresValue = true)]
    public object? SeedImage { get; set; }

    /// <summary>
    /// White where the image is edited, black where it is kept. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-inputs-maskimage.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadReference(RequiresValue = true)]
    public object? MaskImage { get; set; }

    /// <summary>What not to draw. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-negativeprompt.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText]
    public string? NegativePrompt { get; set; }

    /// <summary>The same seed and request give the same image. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-seed.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadLong]
    public long? Seed { get; set; }

    /// <summary>How many passes the model makes. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-steps.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadInteger]
    public int? Steps { get; set; }

    /// <summary>How closely the image follows the prompt. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-cfgscale.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadNumber]
    public decimal? CfgScale { get; set; }

    /// <summary>The sampler. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-scheduler.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText]
    [ArgumentCompleter(typeof(CatalogueCompleter))]
    public string? Scheduler { get; set; }

    /// <summary>How far the result may depart from the seed image, 0 to 1. Source: https://runware.ai/docs/models/bfl-flux-1-dev#request-strength.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadNumber]
    public decimal? Strength { get; set; }

    /// <summary>Source: GPT Image 1 page, providerSettings.openai.quality.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText]
    [ArgumentCompleter(typeof(CatalogueCompleter))]
    public string? Quality { get; set; }

    /// <summary>Source: GPT Image 1 page, providerSettings.openai.background.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText]
    [ArgumentCompleter(typeof(CatalogueCompleter))]
    public string? Background { get; set; }

    /// <summary>Source: GPT Image 1 page, outputType.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText]
    [ArgumentCompleter(typeof(CatalogueCompleter))]
    public string? OutputType { get; set; }

    /// <summary>Source: GPT Image 1 page, outputFormat.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText]
    [ArgumentCompleter(typeof(CatalogueCompleter))]
    public string? OutputFormat { get; set; }

    /// <summary>20 to 99. Source: GPT Image 1 page, outputQuality.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadInteger]
    public int? OutputQuality { get; set; }

    /// <summary>How long the result stays at its address: 60 seconds or more. Source: GPT Image 1 page, ttl.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Ttl")]
    [ReadDuration]
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>Checks the result for unsafe content. Source: GPT Image 1 page, safety.checkContent.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadSwitch]
    public SwitchParameter CheckContent { get; set; }

    /// <summary>Source: GPT Image 1 page, safety.mode.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText(RequiresValue = true)]
    [ArgumentCompleter(typeof(CatalogueCompleter))]
    public string? SafetyMode { get; set; }

    /// <summary>Where the API posts each finished result. Its query is kept out of every message. Source: GPT Image 1 page, webhookURL.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadAddress(RequiresValue = true)]
    public Uri? WebhookUrl { get; set; }

    /// <summary>Where the API puts the picture's bytes; for one result only. Source: GPT Image 1 page, uploadEndpoint.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadAddress(RequiresValue = true)]
    public Uri? UploadEndpoint { get; set; }

    /// <summary>Any other key of the API, dotted or nested, sent as it is.</summary>
    [Parameter]
    [ReadBag]
    public Hashtable? AdditionalParameter { get; set; }

    /// <summary>The id of the one task of this call. Without it each task gets a fresh one. Source: GPT Image 1 page, taskUUID.</summary>
    [Parameter]
    [ReadId(RequiresValue = true)]
    public Guid? TaskUuid { get; set; }

    /// <summary>
    /// A name for what is asked for. The same key, request and place among equals give the same task id on any machine, so that a
    /// restarted runbook gets the pictures that it bought before.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText(RequiresValue = true)]
    public string? IdempotencyKey { get; set; }

    /// <summary>What all records of this call may cost, in USD. What could pass it is not sent.</summary>
    [Parameter]
    [ReadMoney]
    [ValidateRange(0, 1_000_000)]
    public decimal? MaxCost { get; set; }

    /// <summary>Does not ask for the cost. Source: GPT Image 1 page, includeCost.</summary>
    [Parameter]
    public SwitchParameter NoCost { get; set; }

    /// <summary>The same question as a row asks it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [ReadFlag]
    public SwitchParameter? IncludeCost { get; set; }

    /// <summary>Sends what the module's own rules would refuse: the data of a model can be out of date.</summary>
    [Parameter]
    public SwitchParameter SkipValidation { get; set; }

    /// <summary>Returns a task as soon as the API has accepted it, not its images.</summary>
    [Parameter]
    public SwitchParameter Async { get; set; }

    /// <summary>Your own mark, copied to the images.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText]
    [ArgumentCompleter(typeof(TagCompleter))]
    public string? Tag { get; set; }

    /// <summary>How many requests may be in flight.</summary>
    [Parameter]
    [ReadInteger]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 5;

    /// <summary>The time limit of this call for each task, in seconds: requests, pauses, queues and polls. The task continues.</summary>
    [Parameter]
    [ReadInteger]
    [ValidateRange(1, 86400)]
    public int? TimeoutSec { get; set; }

    // What follows lets the API's own JSON pipe in: its nested objects unfold into the parameters above.

    /// <summary>Source: GPT Image 1 page, providerSettings.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [ReadBag]
    public Hashtable? ProviderSettings { get; set; }

    /// <summary>Source: GPT Image 1 page, inputs.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [ReadBag]
    public Hashtable? Inputs { get; set; }

    /// <summary>Source: GPT Image 1 page, safety.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [ReadBag]
    public Hashtable? Safety { get; set; }

    /// <summary>Source: GPT Image 1 page, deliveryMethod.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [ReadText]
    public string? DeliveryMethod { get; set; }

    /// <summary>Source: GPT Image 1 page, taskType.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [ReadText]
    public string? TaskType { get; set; }

    /// <summary>Only a file has one; its <c>Size</c> is then that of the file.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [ReadText]
    public string? DirectoryName { get; set; }

    // An asynchronous submit takes a moment and shares its request with others that wait.
    private protected override int MaxInFlight => Async ? ThrottleLimit * RequestBatcher.MaxTasks : ThrottleLimit;

    private protected override string Activity => "Making images";

    // The number is that of the images' table.
    private protected override string NameOf(object? target) =>
        target is RunwareRequest request ? string.Create(CultureInfo.InvariantCulture, $"#{request.InputIndex} {base.NameOf(target)}").TrimEnd() : "";

    private protected override bool HasManyRecords => base.HasManyRecords || Prompt is { Length: > 1 };

    private protected override void Begin()
    {
        _rows = new RowReader(this);
        _budget = MaxCost is { } cap ? new Budget(cap) : null;
    }

    private protected override void Process()
    {
        var row = InputObject ?? (_rows.IsOnCommandLine(nameof(Prompt)) ? null : ReadPromptAttribute.RowOf(Prompt));
        var images = InputObject is null ? null : ReadReferencesAttribute.Images(InputObject);
        if (row is not null && (images is not null || !RowReader.IsRow(row)))
        {
            _rows.Forget(row); // the model and size of an image to work from, or the count of a list, are no wishes
        }

        foreach (var prompt in Prompt is { Length: > 0 } ? Prompt : [null])
        {
            Make(prompt, row, images);
        }
    }

    private void Make(string? prompt, PSObject? row, object[]? images)
    {
        var target = new RunwareRequest { Prompt = prompt, InputIndex = _index++, Tag = Tag, TaskUuid = TaskUuid };
        PerRecord(target, () =>
        {
            var task = _series.Prepare(ToRequest(prompt, row, images, target.InputIndex), IdempotencyKey);
            target.TaskUuid = task.TaskUuid;
            WarnOfUnknownModel(task);
            _budget?.Reserve(task); // under -WhatIf too, so that a dry run meets the cap where the real one would
            if (!ShouldProcess($"Make {task}", $"Make {task}", "New-RunwareImage", out var reason))
            {
                if (reason != ShouldProcessReason.WhatIf)
                {
                    _budget?.Release(task.TaskUuid);
                }

                return;
            }

            var delivery = Delivery();
            Queue(target, cancellationToken => DeliverAsync(delivery, task, target, cancellationToken));
        });
    }

    private void WarnOfUnknownModel(ImageTask task)
    {
        if (task.Request.ModelInfo is null && task.Model is { } name && _unknownModels.Add(name) && ModelCatalogue.Default.Nearest(name) is { } nearest)
        {
            WriteWarning($"Model '{name}' isn't in the catalog, so the request isn't validated. Did you mean '{nearest.Air}' ({nearest.Slug})?");
        }
    }

    private async Task<Action> DeliverAsync(ImageDelivery delivery, ImageTask task, RunwareRequest target, CancellationToken cancellationToken)
    {
        if (task.Request.Async)
        {
            var accepted = await delivery.StartAsync(task, cancellationToken).ConfigureAwait(false);
            return () =>
            {
                Progress?.End();
                WriteObject(accepted);
            };
        }

        var result = await delivery.RunAsync(task, cancellationToken).ConfigureAwait(false);
        return () => Write(task, result, target);
    }

    private protected override void OnEndedEarly(IReadOnlyCollection<object?> unfinished) =>
        ReportIds(unfinished.OfType<RunwareRequest>().Select(r => r.TaskUuid).OfType<Guid>());

    private void Write(ImageTask task, TaskResult result, RunwareRequest target)
    {
        if (!_warnedOfCost && result.CostLooksMultiplied(task))
        {
            _warnedOfCost = true;
            WriteWarning($"Task {task.TaskUuid}: the costs of its images add up to {task.Expected} times the forecast of {task.Forecast} USD. The API may name the whole task's cost with each image.");
        }

        Progress?.End(result.Images, result.Failures.Count);
        WriteAll(target, result.Images);
        foreach (var failure in result.Failures)
        {
            WriteFailure(failure, target);
        }
    }

    private ImageDelivery Delivery()
    {
        try
        {
            TimeSpan? limit = TimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null;
            return _delivery ??= Context.CreateDelivery(limit, ThrottleLimit, _budget);
        }
        catch (RunwareException e)
        {
            ThrowFailure(e, target: null); // without a connection no record can be served
            throw;
        }
    }

    private ImageRequest ToRequest(string? prompt, PSObject? row, object[]? images, int index)
    {
        ImageRequestCheck.NeedPrompt(prompt);
        var api = new ApiRow(TaskType, DeliveryMethod, ProviderSettings, Inputs, Safety)
        {
            Unbound = row is null || images is not null ? [] : _rows.Read(row, needsColumns: InputObject is not null),
        };
        return new ImageRequest
        {
            TaskUuid = TaskUuid ?? Guid.NewGuid(),
            IsIdGiven = TaskUuid is not null,
            Prompt = prompt,
            Model = Model,
            Count = Count,
            ReferenceImages = _references.Read(References(images, api)),
            SeedImage = _seedImages.ReadOne(ReadReferenceAttribute.Item(OneOf(nameof(SeedImage), SeedImage, api.SeedImage))),
            MaskImage = _maskImages.ReadOne(ReadReferenceAttribute.Item(OneOf(nameof(MaskImage), MaskImage, api.MaskImage))),
            NegativePrompt = NegativePrompt,
            Seed = Seed,
            IsSeedReported = row?.Properties["ImageUuid"] is not null && !_rows.IsOnCommandLine(nameof(Seed)),
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

    private object[] References(object[]? images, ApiRow api)
    {
        if ((images is not null || DirectoryName is not null) && _rows.IsOnCommandLine(nameof(ReferenceImage)))
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterConflict, nameof(ReferenceImage),
                "ReferenceImage is given on the command line, and the piped file or image is a reference, too. Specify all references in ReferenceImage.");
        }

        return images is [] ? throw RunwareException.Invalid(ErrorCodes.ReferenceImageNotFound, nameof(ReferenceImage), "The piped task has no images.")
            : images ?? ReadReferencesAttribute.Items(OneOf(nameof(ReferenceImage), ReferenceImage, api.References));
    }

    private static object? OneOf(string parameter, object? given, object? input) => given is null || input is null
        ? given ?? input
        : throw RunwareException.Invalid(ErrorCodes.ParameterConflict, parameter, $"{parameter} is given together with the same key of Inputs. Specify one of them.");

    private bool IsSizeOfFile => DirectoryName is not null && Size is not null && Size.All(char.IsAsciiDigit);
}
