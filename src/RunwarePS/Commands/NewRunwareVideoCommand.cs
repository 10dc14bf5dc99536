using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Makes videos from prompts, images and other media, one task per record, each sent once.</summary>
[Cmdlet(VerbsCommon.New, "RunwareVideo", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "New-RunwareVideo.md")]
[OutputType(typeof(RunwareVideo), typeof(RunwareTask))]
public sealed class NewRunwareVideoCommand : VisualGenerationCmdlet
{
    /// <summary>
    /// What to show. Several prompts are several records. Source:
    /// https://runware.ai/docs/models/klingai-video-2-6-pro#request-positiveprompt.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PositivePrompt")]
    [PromptTransformation]
    [RequestKey("positivePrompt")]
    public string?[]? Prompt { get; set; }

    /// <summary>
    /// Prompts, rows whose properties are parameters, or media: an image is the first frame, a video or audio file an input.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>
    /// A name such as <c>1080p</c>, for models that take one. Source:
    /// https://runware.ai/docs/models/bytedance-seedance-2-5#request-resolution.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    [RequestKey("resolution")]
    public string? Resolution { get; set; }

    /// <summary>Seconds, or <c>auto</c>. Source: https://runware.ai/docs/models/klingai-video-2-6-pro#request-duration.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SecondsTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    [RequestKey("duration")]
    public object? Duration { get; set; }

    /// <summary>Frames per second. Source: https://runware.ai/docs/models/lightricks-ltx-2-5-fast#request-fps.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [NumberTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    [RequestKey("fps")]
    public decimal? Fps { get; set; }

    /// <summary>
    /// Whether the video has sound. Source: https://runware.ai/docs/models/bytedance-seedance-2-5#request-settings-audio.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SwitchTransformation]
    [RequestKey("settings.audio", "providerSettings.*.sound", "providerSettings.*.audio", "providerSettings.*.generateAudio",
        "settings.sound", SendsFalse = true)]
    public SwitchParameter Sound { get; set; }

    /// <summary>
    /// The image that the video begins with. Source: https://runware.ai/docs/models/klingai-video-2-6-pro#request-inputs-frameimages.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("FullName")]
    [ReferenceTransformation(RequiresValue = true)]
    [RequestKey("inputs.frameImages", "inputs.image", "inputs.referenceImages", IsMedia = true, Kind = MediaKind.Image, Frame = "first")]
    public object? FirstFrame { get; set; }

    /// <summary>Images that the video passes, in their order, or tables of image and frame or timestamp.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("FrameImages")]
    [ReferencesTransformation(RequiresValue = true)]
    [RequestKey("inputs.frameImages", "inputs.image", "inputs.referenceImages", IsMedia = true, Kind = MediaKind.Image)]
    public object[]? Frame { get; set; }

    /// <summary>The image that the video ends with.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReferenceTransformation(RequiresValue = true)]
    [RequestKey("inputs.frameImages", "inputs.image", "inputs.referenceImages", IsMedia = true, Kind = MediaKind.Image, Frame = "last")]
    public object? LastFrame { get; set; }

    /// <summary>
    /// Images of persons, things or styles. Source: https://runware.ai/docs/models/bytedance-seedance-2-5#request-inputs-referenceimages.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ReferenceImages")]
    [ReferencesTransformation(RequiresValue = true)]
    [RequestKey("inputs.referenceImages", "inputs.image", IsMedia = true, Kind = MediaKind.Image)]
    public object[]? ReferenceImage { get; set; }

    /// <summary>
    /// Videos to work from. Source: https://runware.ai/docs/models/bytedance-seedance-2-5#request-inputs-referencevideos.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ReferenceVideos")]
    [ReferencesTransformation(RequiresValue = true)]
    [RequestKey("inputs.referenceVideos", IsMedia = true, Kind = MediaKind.Video)]
    public object[]? ReferenceVideo { get; set; }

    /// <summary>
    /// Audio files to work from. Source: https://runware.ai/docs/models/bytedance-seedance-2-5#request-inputs-referenceaudios.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("ReferenceAudios")]
    [ReferencesTransformation(RequiresValue = true)]
    [RequestKey("inputs.referenceAudios", IsMedia = true, Kind = MediaKind.Audio)]
    public object[]? ReferenceAudio { get; set; }

    /// <summary>
    /// The video to change or continue. Source: https://runware.ai/docs/models/bytedance-seedance-2-5#request-inputs-video.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReferenceTransformation(RequiresValue = true)]
    [RequestKey("inputs.video", "inputs.referenceVideos", IsMedia = true, Kind = MediaKind.Video)]
    public object? InputVideo { get; set; }

    /// <summary>
    /// The audio file that the video follows. Source: https://runware.ai/docs/models/lightricks-ltx-2-5-fast#request-inputs-audio.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReferenceTransformation(RequiresValue = true)]
    [RequestKey("inputs.audio", "inputs.audios", "inputs.referenceAudios", IsMedia = true, Kind = MediaKind.Audio)]
    public object? InputAudio { get; set; }

    private protected override string Activity => Strings.ActivityVideos;

    private protected override string RequestType => TaskTypes.VideoInference;

    private protected override PSObject? Record => InputObject;

    private protected override string?[]? Texts => WordsOf(InputObject, Prompt);

    private protected override string? MediaParameter(MediaKind kind) => kind switch
    {
        MediaKind.Image => nameof(FirstFrame),
        MediaKind.Video => nameof(InputVideo),
        MediaKind.Audio => nameof(InputAudio),
        _ => base.MediaParameter(kind),
    };

    private protected override bool IsOwnKind(RunwareMedia media) => media is RunwareVideo;
}
