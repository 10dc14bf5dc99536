using System.Collections;
using System.Globalization;
using System.Management.Automation;
using RunwarePS.Delivery;

namespace RunwarePS.Commands;

/// <summary>Makes images from prompts, one task per record, several in flight, each sent once.</summary>
[Cmdlet(VerbsCommon.New, "RunwareImage", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "New-RunwareImage.md")]
[OutputType(typeof(RunwareImage), typeof(RunwareTask))]
public sealed class NewRunwareImageCommand : RunwareCmdlet
{
    private ImageDelivery? _delivery;
    private readonly ImageSeries _series = new();
    private readonly ReferenceReader _references;
    private Budget? _budget;
    private int _index;
    private bool _warnedOfCost;

    /// <summary>Sends nothing.</summary>
    public NewRunwareImageCommand() => _references = new ReferenceReader(text => this.FindFiles(text));

    /// <summary>What to draw: a text, or an object with a <c>Prompt</c> or <c>positivePrompt</c>. Source: GPT Image 1 page, positivePrompt.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("PositivePrompt")]
    [AllowNull, AllowEmptyString]
    [ReadPrompt]
    public string? Prompt { get; set; }

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
    [ReadText]
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
    [ReadReferences]
    public object[]? ReferenceImage { get; set; }

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
    [ReadText]
    [ArgumentCompleter(typeof(CatalogueCompleter))]
    public string? SafetyMode { get; set; }

    /// <summary>Where the API posts each finished result. Its query is kept out of every message. Source: GPT Image 1 page, webhookURL.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadAddress]
    public Uri? WebhookUrl { get; set; }

    /// <summary>Where the API puts the picture's bytes; for one result only. Source: GPT Image 1 page, uploadEndpoint.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadAddress]
    public Uri? UploadEndpoint { get; set; }

    /// <summary>Any other key of the API, dotted or nested, sent as it is.</summary>
    [Parameter]
    [ReadBag]
    public Hashtable? AdditionalParameter { get; set; }

    /// <summary>The id of the one task of this call. Without it each task gets a fresh one. Source: GPT Image 1 page, taskUUID.</summary>
    [Parameter]
    [ReadId]
    public Guid? TaskUuid { get; set; }

    /// <summary>
    /// A name for what is asked for. The same key, request and place among equals give the same task id on any machine, so that a
    /// restarted runbook gets the pictures that it bought before.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText]
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
    public bool? IncludeCost { get; set; }

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
    private protected override int WindowSize => Async ? ThrottleLimit * Packer.MaxTasks : ThrottleLimit;

    private protected override string Activity => "Making images";

    // The number is that of the images' table.
    private protected override string NameOf(object? target) =>
        target is RunwareRequest request ? string.Create(CultureInfo.InvariantCulture, $"#{request.InputIndex} {base.NameOf(target)}").TrimEnd() : "";

    private protected override void Begin() => _budget = MaxCost is { } cap ? new Budget(cap) : null;

    private protected override void Process()
    {
        var target = new RunwareRequest { Prompt = Prompt, InputIndex = _index++, Tag = Tag, TaskUuid = TaskUuid };
        PerRecord(target, () =>
        {
            var task = _series.Prepare(ToRequest(target.InputIndex), IdempotencyKey);
            target.TaskUuid = task.TaskUuid;
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
            return _delivery ??= CreateDelivery(Connection.Settings, limit, ThrottleLimit, _budget);
        }
        catch (RunwareException e)
        {
            ThrowFailure(e, target: null); // without a connection no record can be served
            throw;
        }
    }

    private ImageRequest ToRequest(int index)
    {
        ImageRequestCheck.NeedPrompt(Prompt);
        var row = new ApiRow(TaskType, DeliveryMethod, ProviderSettings, Inputs, Safety);
        if (ReferenceImage is not null && row.References is not null)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterConflict, nameof(ReferenceImage), "ReferenceImage is given together with Inputs.referenceImages; give one or the other.");
        }

        return new ImageRequest
        {
            TaskUuid = TaskUuid ?? Guid.NewGuid(),
            IsIdGiven = TaskUuid is not null,
            Prompt = Prompt,
            Model = Model,
            Count = Count,
            ReferenceImages = _references.Read(ReferenceImage ?? ReadReferencesAttribute.Items(row.References)),
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
            IncludeCost = NoCost ? false : IncludeCost,
            Additional = row.Additional(AdditionalParameter),
            Async = Async || row.IsAsync,
            Tag = Tag,
            InputIndex = index,
        }.WithSize(IsSizeOfFile ? null : Size, Width, Height);
    }

    private bool IsSizeOfFile => DirectoryName is not null && Size is not null && Size.All(char.IsAsciiDigit);
}
