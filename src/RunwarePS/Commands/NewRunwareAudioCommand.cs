using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Makes speech from texts, and music and sounds from prompts, one task per record, each sent once.</summary>
[Cmdlet(VerbsCommon.New, "RunwareAudio", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "New-RunwareAudio.md")]
[OutputType(typeof(RunwareAudio), typeof(RunwareVideo), typeof(RunwareTask))]
public sealed class NewRunwareAudioCommand : MediaGenerationCmdlet
{
    /// <summary>
    /// What is spoken. Several texts are several records. Source:
    /// https://runware.ai/docs/models/alibaba-qwen3-tts-1-7b-base#request-speech-text.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [PromptTransformation]
    [RequestKey("speech.text")]
    public string?[]? Text { get; set; }

    /// <summary>Texts, rows whose properties are parameters, or media that are inputs.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>
    /// A description of the music or sound. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-positiveprompt.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("PositivePrompt")]
    [TextTransformation(RequiresValue = true)]
    [RequestKey("positivePrompt")]
    public string? Prompt { get; set; }

    /// <summary>The voice of the speech. Source: https://runware.ai/docs/models/alibaba-qwen3-tts-1-7b-base#request-speech-voice.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    [RequestKey("speech.voice")]
    public string? Voice { get; set; }

    /// <summary>
    /// The language of the speech. Source: https://runware.ai/docs/models/alibaba-qwen3-tts-1-7b-base#request-speech-language.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    [RequestKey("speech.language", "settings.vocalLanguage")]
    public string? Language { get; set; }

    /// <summary>1 is the normal speed. Source: https://runware.ai/docs/models/alibaba-qwen3-tts-1-7b-base#request-speech-speed.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [NumberTransformation]
    [RequestKey("speech.speed")]
    public decimal? Speed { get; set; }

    /// <summary>
    /// The duration of the audio in seconds. Source: https://runware.ai/docs/models/klingai-video-2-6-pro#request-duration.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SecondsTransformation]
    [RequestKey("duration")]
    public object? Duration { get; set; }

    /// <summary>
    /// A voice or a piece of music to work from. Source: https://runware.ai/docs/models/alibaba-qwen3-tts-1-7b-base#request-inputs-audio.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReferencesTransformation(RequiresValue = true)]
    [RequestKey("inputs.audio", "inputs.audios", IsMedia = true, Kind = MediaKind.Audio)]
    public object[]? ReferenceAudio { get; set; }

    /// <summary>
    /// The video to generate audio for. Source: https://runware.ai/docs/models/bytedance-seedance-2-5#request-inputs-video.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReferenceTransformation(RequiresValue = true)]
    [RequestKey("inputs.video", IsMedia = true, Kind = MediaKind.Video)]
    public object? InputVideo { get; set; }

    /// <summary>In hertz. Source: https://runware.ai/docs/models/alibaba-qwen3-tts-1-7b-base#request-audiosettings-samplerate.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IntegerTransformation]
    [RequestKey("audioSettings.sampleRate")]
    public int? SampleRate { get; set; }

    /// <summary>1 or 2. Source: https://runware.ai/docs/models/alibaba-qwen3-tts-1-7b-base#request-audiosettings-channels.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Channels")]
    [IntegerTransformation]
    [RequestKey("audioSettings.channels")]
    public int? Channel { get; set; }

    /// <summary>
    /// In kilobits per second. Source: https://runware.ai/docs/models/alibaba-qwen3-tts-1-7b-base#request-audiosettings-bitrate.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [IntegerTransformation]
    [RequestKey("audioSettings.bitrate")]
    public int? Bitrate { get; set; }

    private protected override string Activity => Strings.ActivityAudio;

    private protected override string RequestType => TaskTypes.AudioInference;

    private protected override string Words => nameof(Text);

    private protected override PSObject? Record => InputObject;

    private protected override string?[]? Texts => WordsOf(InputObject, Text);

    private protected override bool Says(RequestKey key) => key.Parameter is nameof(Text) or nameof(Prompt);

    private protected override string? MediaParameter(MediaKind kind) => kind switch
    {
        MediaKind.Video => nameof(InputVideo),
        MediaKind.Audio => nameof(ReferenceAudio),
        _ => null,
    };

    private protected override bool IsOwnKind(RunwareMedia media) => media is RunwareAudio;
}
