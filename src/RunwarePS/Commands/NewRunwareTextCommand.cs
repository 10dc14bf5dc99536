using System.Collections;
using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Lets a language model write, one task per record, each sent once. The text can be read as it arrives.</summary>
[Cmdlet(VerbsCommon.New, "RunwareText", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "New-RunwareText.md")]
[OutputType(typeof(RunwareText), typeof(RunwareTextDelta), typeof(RunwareTask))]
public sealed class NewRunwareTextCommand : RequestCmdlet
{
    private const string User = "user";
    private const string SystemRole = "system";

    /// <summary>
    /// What to write about: the last message of the user. Several prompts are several records. Source: https://runware.ai/docs, messages.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("PositivePrompt")]
    [PromptTransformation]
    [RequestKey("messages")]
    public string?[]? Prompt { get; set; }

    /// <summary>Prompts, rows whose properties are parameters, media that the prompt is about, or an earlier text to go on from.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>How the model should behave. Source: https://runware.ai/docs, settings.systemPrompt.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation]
    public string? SystemPrompt { get; set; }

    /// <summary>The conversation so far. Source: https://runware.ai/docs, messages.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Messages")]
    [MessagesTransformation(RequiresValue = true)]
    public object[]? Message { get; set; }

    /// <summary>Images that the prompt is about. Source: https://runware.ai/docs, inputs.images.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReferencesTransformation(RequiresValue = true)]
    [RequestKey("inputs.images", "inputs.image", IsMedia = true, Kind = MediaKind.Image)]
    public object[]? Image { get; set; }

    /// <summary>Videos that the prompt is about. Source: https://runware.ai/docs, inputs.videos.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ReferencesTransformation(RequiresValue = true)]
    [RequestKey("inputs.videos", "inputs.video", IsMedia = true, Kind = MediaKind.Video)]
    public object[]? Video { get; set; }

    /// <summary>The sampling temperature: how much the text varies. Source: https://runware.ai/docs, settings.temperature.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [NumberTransformation]
    [RequestKey("settings.temperature")]
    public decimal? Temperature { get; set; }

    /// <summary>From which share of the likely words the model chooses. Source: https://runware.ai/docs, settings.topP.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [NumberTransformation]
    [RequestKey("settings.topP")]
    public decimal? TopP { get; set; }

    /// <summary>The most tokens that the model writes, reasoning included. Source: https://runware.ai/docs, settings.maxTokens.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("MaxTokens")]
    [IntegerTransformation]
    [RequestKey("settings.maxTokens")]
    public int? MaxToken { get; set; }

    /// <summary>The schema of the JSON that the model writes. Source: https://runware.ai/docs, jsonSchema.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [JsonTransformation(RequiresValue = true)]
    [RequestKey("jsonSchema")]
    public object? JsonSchema { get; set; }

    /// <summary>Functions that the model can ask to call: name, description and schema. Source: https://runware.ai/docs, tools.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Tools")]
    [JsonTransformation(RequiresValue = true)]
    public object? Tool { get; set; }

    /// <summary>The number of texts. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-numberresults.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("NumberResults")]
    [IntegerTransformation]
    [RequestKey("numberResults")]
    public int? Count { get; set; }

    /// <summary>Writes each piece of the text when it arrives, and the whole text at the end.</summary>
    [Parameter]
    public SwitchParameter Stream { get; set; }

    [RequestKey("settings.systemPrompt", Parameter = nameof(SystemPrompt))]
    private string? SystemText => SystemPrompt ?? SystemMessages switch
    {
        [] => null,
        [var only] => Content(only),
        var several => string.Join("\n\n", several.Select(Content)),
    };

    [RequestKey("outputFormat", Parameter = nameof(JsonSchema))]
    private string? OutputFormat => JsonSchema is null ? null : "JSON";

    [RequestKey("tools", Parameter = nameof(Tool))]
    private object[]? Tools => Tool is null ? null : Tool as object[] ?? [Tool];

    // Otherwise a stream doesn't report them.
    [RequestKey("includeUsage", Parameter = nameof(Stream), IsOptional = true)]
    private bool? IncludeUsage =>
        Stream && AdditionalParameter?.Keys.OfType<string>().Contains("includeUsage", StringComparer.OrdinalIgnoreCase) != true
            ? true
            : null;

    private protected override string? Activity => Stream ? null : Strings.ActivityTexts;

    private protected override string RequestType => TaskTypes.TextInference;

    private protected override string Words => nameof(Prompt);

    private protected override bool IsStream => Stream;

    private protected override PSObject? Record => InputObject;

    private protected override string?[]? Texts => WordsOf(InputObject, Prompt);

    // Pieces of several texts at a time can't be read.
    private protected override int MaxInFlight => IsOneByOne ? 1 : base.MaxInFlight;

    private bool IsOneByOne => Stream && !MyInvocation.BoundParameters.ContainsKey(nameof(ThrottleLimit));

    private object[] SystemMessages => [.. (Message ?? []).Where(m => Role(m) == SystemRole)];

    private protected override void Process()
    {
        base.Process();
        if (IsOneByOne)
        {
            Drain(); // no piece waits for the next record
        }
    }

    private protected override string? MediaParameter(MediaKind kind) => kind switch
    {
        MediaKind.Image => nameof(Image),
        MediaKind.Video => nameof(Video),
        _ => null,
    };

    private protected override object? ValueOf(string? text)
    {
        object[] messages =
        [
            .. (Message ?? []).Where(m => Role(m) != SystemRole),
            .. InputObject is { } record && Rows.IsOnCommandLine(nameof(Prompt)) && PromptTransformationAttribute.IsText(record)
            ? Turn(record)
            : [],
            .. text is null ? Array.Empty<object>() : [MessagesTransformationAttribute.Of(User, text)],
        ];
        if (SystemPrompt is not null && SystemMessages.Length > 0)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterConflict, nameof(SystemPrompt),
                Strings.SystemPromptTwice);
        }

        return messages.Length == 0 ? null
            : SkipValidation || Role(messages[^1]) == User ? messages
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, nameof(Message),
                Strings.LastMessageNotOfUser.With(Role(messages[^1])));
    }

    private protected override IReadOnlyList<object> OutputOf(TaskResult result)
    {
        foreach (var text in result.Outputs.OfType<RunwareText>()
            .Where(t => t.Metadata.OutputFormat == "JSON" && t.Data is null && t.Refusal is null))
        {
            WriteWarning(Strings.TextNotJson.With(text.Index, text.TaskUuid, text.FinishReason,
                text.FinishReason == "length" ? Strings.TextCutOff : Strings.TextKept));
        }

        return base.OutputOf(result);
    }

    /// <summary>An earlier text with its prompt.</summary>
    private static IEnumerable<object> Turn(PSObject record)
    {
        if (TextTransformationAttribute.Text(PropertyReader.Lookup(record)("Prompt")) is { } prompt)
        {
            yield return MessagesTransformationAttribute.Of(User, prompt);
        }

        yield return MessagesTransformationAttribute.Items(record)[0];
    }

    private static string? Role(object message) => (message as IDictionary)?["role"] as string;

    private static string? Content(object message) => (message as IDictionary)?["content"] as string;
}
