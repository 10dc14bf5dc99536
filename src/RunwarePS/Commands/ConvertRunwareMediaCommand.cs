using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Upscales, cuts out, masks, describes and otherwise converts images and videos, one task per record, each sent once.</summary>
[Cmdlet(VerbsData.Convert, "RunwareMedia", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Convert-RunwareMedia.md")]
[OutputType(typeof(RunwareImage), typeof(RunwareVideo), typeof(RunwareText), typeof(RunwareTask))]
public sealed class ConvertRunwareMediaCommand : MediaRequestCmdlet
{
    private static readonly Dictionary<string, string> s_types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Upscale"] = TaskTypes.Upscale,
        ["RemoveBackground"] = TaskTypes.RemoveBackground,
        ["ImageMasking"] = TaskTypes.ImageMasking,
        ["ControlNetPreprocess"] = TaskTypes.ControlNetPreprocess,
        ["Vectorize"] = TaskTypes.Vectorize,
        ["Caption"] = TaskTypes.Caption,
    };

    /// <summary>Images and videos: files, URLs, media UUIDs, results, or objects with a Path, FullName or Url.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [AllowNull, AllowEmptyString, AllowEmptyCollection]
    public PSObject? InputObject { get; set; }

    /// <summary>What to do. Without it, what the model does.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(WordCompleter))]
    public string? Operation { get; set; }

    /// <summary>How many times larger the result is. Source: https://runware.ai/docs/models/clarity#request-upscalefactor.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("UpscaleFactor")]
    [NumberTransformation]
    [RequestKey("upscaleFactor")]
    public decimal? Factor { get; set; }

    /// <summary>What a caption should describe, or what an upscaled image shows. Source: https://runware.ai/docs, prompt.</summary>
    [Parameter]
    [TextTransformation]
    [RequestKey("prompt", "positivePrompt")]
    public string? Prompt { get; set; }

    /// <summary>
    /// The compression quality of the result, 20 to 99. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-outputquality.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IntegerTransformation]
    [RequestKey("outputQuality")]
    public int? OutputQuality { get; set; }

    [RequestKey("inputs.image", IsMedia = true, Kind = MediaKind.Any, Parameter = nameof(InputObject))]
    internal object? Image { get; set; }

    [RequestKey("inputs.video", IsMedia = true, Kind = MediaKind.Any, Parameter = nameof(InputObject))]
    internal object? Video { get; set; }

    /// <summary>An ID or a URL doesn't tell what it names: the model does.</summary>
    [RequestKey("inputs.image", "inputs.video", IsMedia = true, Kind = MediaKind.Any, Parameter = nameof(InputObject))]
    internal object? ImageOrVideo { get; set; }

    private protected override string Activity => Strings.ActivityConvert;

    private protected override PSObject? Record => InputObject;

    private protected override string RequestType =>
        Operation is not null
            ? s_types.GetValueOrDefault(Operation) ?? throw Invalid(Strings.OperationUnknown.With(Operation, Operations))
            : Model is null ? throw Invalid(Strings.OperationAndModelMissing.With(Operations))
            : ModelCatalog.Default.Find(Model)?.TaskType is not { } type ? throw Invalid(Strings.OperationMissing.With(Model, Operations))
            : s_types.ContainsValue(type) ? type
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, nameof(Model),
                Strings.ModelWithoutOperation.With(Model, type, TaskTypes.CmdletFor(type), Operations));

    private static string Operations => string.Join(", ", s_types.Keys);

    private protected override string? MediaParameter(MediaKind kind) => kind switch
    {
        MediaKind.Image => nameof(Image),
        MediaKind.Video => nameof(Video),
        MediaKind.Any => nameof(ImageOrVideo),
        _ => null,
    };

    // The media of a list, or of a task, are records of their own.
    private protected override void Process()
    {
        object?[] items = InputObject is null
            ? []
            : [.. ReferencesTransformationAttribute.Media(InputObject) ?? PropertyReader.Each(InputObject)];
        foreach (var item in items is [] ? [null] : items)
        {
            Make(item is null ? null : PSObject.AsPSObject(item));
        }
    }

    private protected override object[]? Media(PSObject record) =>
        Operation is null && record.BaseObject is string text && s_types.ContainsKey(text) && this.FindFiles(text).Count == 0
            ? throw Invalid(Strings.OperationAsInput.With(text))
        : record.BaseObject is string or Guid or Uri or byte[] ? [record.BaseObject] : ReferencesTransformationAttribute.Media(record);

    private protected override bool NeedsColumns(PSObject row) => false;

    private protected override object[]? RowMedia(PSObject? row)
    {
        var lookup = row is null ? null : PropertyReader.Lookup(row);
        return lookup?.Invoke("Path", "FullName", "Url", "Uuid") is { } medium ? [medium]
            : lookup?.Invoke("inputs") is not null ? null
            : throw RunwareException.Invalid(ErrorCodes.ReferenceImageNotFound, nameof(InputObject),
                Strings.RecordNotMedia);
    }

    private static RunwareException Invalid(string message) =>
        RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, nameof(Operation), message);
}
