using System.Globalization;
using System.Management.Automation;
using RunwarePS.Delivery;

namespace RunwarePS.Commands;

/// <summary>Makes images from prompts, one task per record, several in flight, each sent once.</summary>
[Cmdlet(VerbsCommon.New, "RunwareImage", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "New-RunwareImage.md")]
[OutputType(typeof(RunwareImage))]
public sealed class NewRunwareImageCommand : RunwareCmdlet
{
    private ImageDelivery? _delivery;
    private int _index;

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

    /// <summary>The id of the one task of this call. Without it each task gets a fresh one. Source: GPT Image 1 page, taskUUID.</summary>
    [Parameter]
    [ReadId]
    public Guid? TaskUuid { get; set; }

    /// <summary>Does not ask for the cost. Source: GPT Image 1 page, includeCost.</summary>
    [Parameter]
    public SwitchParameter NoCost { get; set; }

    /// <summary>The same question as a row asks it.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [ReadFlag]
    public bool? IncludeCost { get; set; }

    /// <summary>Your own mark, copied to the images.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReadText]
    public string? Tag { get; set; }

    /// <summary>How many requests may be in flight.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int ThrottleLimit { get; set; } = 5;

    private protected override int WindowSize => ThrottleLimit;

    protected override void ProcessRecord()
    {
        var index = _index++;
        var target = new RunwareRequest { Prompt = Prompt, InputIndex = index, Tag = Tag, TaskUuid = TaskUuid };
        PerRecord(target, () =>
        {
            var request = ToRequest(index);
            target.TaskUuid = request.TaskUuid;
            var wire = request.ToWire();
            ImageRequestCheck.Check(request, wire);
            if (!ShouldProcess(request.Describe(), "New-RunwareImage"))
            {
                return;
            }

            var delivery = Delivery();
            Queue(target, async cancellationToken =>
            {
                var outcome = await delivery.RunAsync(request, wire, cancellationToken).ConfigureAwait(false);
                return () => Write(outcome, target);
            });
        });
    }

    private protected override void OnStopped(IReadOnlyCollection<object?> unfinished)
    {
        var ids = unfinished.OfType<RunwareRequest>().Select(r => r.TaskUuid).OfType<Guid>().ToArray();
        if (ids.Length > 0)
        {
            // On a stop every other stream throws.
            var message = string.Create(CultureInfo.InvariantCulture, $"Stopped with {ids.Length} task(s) in flight, which may have been charged. Get-RunwareTask {string.Join(", ", ids)}");
            WriteInformation(new HostInformationMessage { Message = message }, ["PSHOST"]);
        }
    }

    private void Write(ImageOutcome outcome, RunwareRequest target)
    {
        foreach (var image in outcome.Images)
        {
            WriteObject(image);
        }

        foreach (var failure in outcome.Failures)
        {
            WriteFailure(failure, target);
        }
    }

    private ImageDelivery Delivery()
    {
        try
        {
            return _delivery ??= new ImageDelivery(CreateClient(Connection.Settings), TimeProvider.System);
        }
        catch (RunwareException e)
        {
            ThrowFailure(e, target: null); // without a connection no record can be served
            throw;
        }
    }

    private ImageRequest ToRequest(int index)
    {
        if (TaskUuid is not null && index > 0)
        {
            throw RunwareException.Invalid(ErrorCodes.TaskUuidReused, nameof(TaskUuid), $"TaskUuid {TaskUuid} was used for the first record of this pipeline; a task id serves one task.");
        }

        var request = new ImageRequest
        {
            TaskUuid = TaskUuid ?? Guid.NewGuid(),
            Prompt = Prompt ?? "",
            Count = Count,
            Quality = Quality,
            Background = Background,
            OutputType = OutputType,
            OutputFormat = OutputFormat,
            OutputQuality = OutputQuality,
            IncludeCost = !NoCost && (IncludeCost ?? true),
            Tag = Tag,
            InputIndex = index,
        };
        return (Model is null ? request : request with { Model = Model }).WithSize(Size, Width, Height);
    }
}
