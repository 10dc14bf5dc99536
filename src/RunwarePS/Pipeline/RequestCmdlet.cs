using System.Collections;
using System.Management.Automation;
using System.Text.Json.Nodes;

namespace RunwarePS.Pipeline;

/// <summary>
/// The base class of the cmdlets whose parameters are keys of a task. Attributes map the parameters to keys.
/// </summary>
public abstract class RequestCmdlet : GeneratingCmdlet
{
    private RequestReader _request = null!;

    /// <summary>The model's AIR or slug. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-model.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [TextTransformation(RequiresValue = true)]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Model { get; set; }

    /// <summary>
    /// Where the API posts each finished result. Its query is kept out of every message. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-webhookurl.
    /// </summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [UriTransformation(RequiresValue = true)]
    [RequestKey("webhookURL")]
    public Uri? WebhookUrl { get; set; }

    /// <summary>Any other key of the API, dotted or nested, sent as it is.</summary>
    [Parameter]
    [DictionaryTransformation]
    public Hashtable? AdditionalParameter { get; set; }

    /// <summary>The opposite of -NoCost, for rows.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true, DontShow = true)]
    [FlagTransformation]
    public SwitchParameter? IncludeCost { get; set; }

    /// <summary>The type of the tasks.</summary>
    private protected abstract string RequestType { get; }

    /// <summary>The parameter with the prompt or text; null if there is none.</summary>
    private protected virtual string? Words => null;

    /// <summary>A size in the place of width and height.</summary>
    private protected virtual string? NamedSize => null;

    private protected virtual string? DefaultModel => null;

    /// <summary>The piped object, if no other parameter takes it.</summary>
    private protected abstract PSObject? Record { get; }

    /// <summary>The record that the parameters were read from.</summary>
    private protected virtual PSObject? Row => Record;

    /// <summary>The words of the present record. Each is a task of its own.</summary>
    private protected virtual string?[]? Texts => null;

    /// <summary>
    /// Whether a result is of the kind that this cmdlet makes. Without words on the command line, it is a row that is made again.
    /// </summary>
    private protected virtual bool IsOwnKind(RunwareMedia media) => false;

    private protected override bool HasManyRecords => base.HasManyRecords || Texts is { Length: > 1 };

    private protected override IReadOnlyList<object> OutputOf(TaskResult result) => result.Outputs;

    private protected override void Begin()
    {
        base.Begin();
        _request = new RequestReader(this);
        if (Rows.IsOnCommandLine("InputObject") && ReadValue.IsNothing(PropertyReader.Unwrap(MyInvocation.BoundParameters["InputObject"])))
        {
            throw RowReader.Empty("InputObject");
        }
    }

    private protected override void Process() => Make(Row);

    /// <summary>Sends a task for each prompt of a record, or one if it doesn't contain a prompt.</summary>
    private protected void Make(PSObject? row)
    {
        if (PromptTransformationAttribute.IsPiece(row))
        {
            return;
        }

        var media = row is null ? null : Media(row);
        var texts = Texts;
        if (row is not null && (media is not null || !RowReader.IsRow(row) || IsWords(row)))
        {
            Rows.Forget(row); // the model and size of an image to work from, or the count of a list, aren't parameters
            texts = IsWords(row) ? texts : Texts;
        }

        foreach (var text in texts is { Length: > 0 } ? texts : [null])
        {
            var target = NextRequest(text);
            Send(target, () => Build(text, row, media, target.InputIndex));
        }
    }

    /// <summary>The words as the value of their key.</summary>
    private protected virtual object? ValueOf(string? text) => text;

    /// <summary>Whether a text is read as it arrives.</summary>
    private protected virtual bool IsStream => false;

    /// <summary>Whether a record must have a property that is a parameter.</summary>
    private protected virtual bool NeedsColumns(PSObject row) => Record is not null && !IsWords(row);

    /// <summary>The media that a row names, if no parameter takes them.</summary>
    private protected virtual object[]? RowMedia(PSObject? row) => null;

    /// <summary>The property that takes media of a kind that are piped.</summary>
    private protected virtual string? MediaParameter(MediaKind kind) => null;

    private void Add(Dictionary<string, object?> given, object[] media)
    {
        foreach (var medium in media.Length > 0 ? media : throw NoResults())
        {
            var kind = medium switch
            {
                RunwareMedia result => MediaFile.KindOf(result),
                string or Uri or FileInfo => MediaFile.KindOf(medium.ToString()!),
                _ => MediaKind.Any,
            };
            var parameter = MediaParameter(kind) ?? throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, "InputObject",
                Strings.NoInputFor.With(medium.GetType().Name, medium));
            if (Rows.IsOnCommandLine(parameter))
            {
                throw RunwareException.Invalid(ErrorCodes.ParameterConflict, parameter,
                    Strings.InputPipedToo.With(parameter));
            }

            given[parameter] = given.TryGetValue(parameter, out var more) ? ((object[])more!).Append(medium).ToArray() : new[] { medium };
        }
    }

    private (TaskRequest Task, bool IsAccepted) Build(string? text, PSObject? row, object[]? media, int index)
    {
        RequireWords(text);
        if (Words is not null && text is null && row is null && MyInvocation.ExpectingInput)
        {
            throw WordsMissing(Words, text); // the record is null
        }

        var cells = row is null || media is not null
            ? []
            : RequestRow.Cells(Rows.Read(row, NeedsColumns(row)), nameof(AdditionalParameter));
        var given = new Dictionary<string, object?>(StringComparer.Ordinal);
        if (Words is { } words)
        {
            given[words] = ValueOf(text);
        }

        if ((media ?? RowMedia(row)) is { } inputs)
        {
            Add(given, inputs);
        }

        var values = _request.Values(given, cells, name => Rows.IsSpecified(name, media is null ? row : null));
        var additional = Additional();
        if (Words is not null && cells.Count + additional.Count == 0 && !values.Exists(v => v.Key.IsMedia || Says(v.Key))
            && !TakesNoWords(Model))
        {
            throw WordsMissing(Words, text);
        }

        return new TaskBuilder
        {
            TaskType = RequestType,
            Model = Model,
            DefaultModel = DefaultModel,
            TaskUuid = TaskUuid,
            Keys = _request.Keys,
            Values = IsRepeated(row) ? [.. values.Select(v => v.Key.Parameter == "Seed" ? v with { IsOptional = true } : v)] : values,
            Size = NamedSize,
            Words = Words,
            IsAsync = Async,
            IsStream = IsStream,
            WebhookUrl = Context.WebhookUrl,
            NoCost = NoCost || IncludeCost is { IsPresent: false },
            SkipValidation = SkipValidation,
            Tag = Tag,
            InputIndex = index,
            Given = additional,
            GivenBy = nameof(AdditionalParameter),
            Row = Cells(cells, row, media),
        }.Build();
    }

    /// <summary>Whether a prompt, text or media are specified.</summary>
    private protected virtual bool Says(RequestKey key) => key.Parameter == Words;

    // A record without a prompt may have media instead; a blank prompt isn't enough.
    private protected virtual void RequireWords(string? text)
    {
        if (Words is { } words && string.IsNullOrWhiteSpace(text) && (text is not null || Rows.IsOnCommandLine(words)))
        {
            throw WordsMissing(words, text);
        }
    }

    /// <summary>The words that a record is, else those of a parameter.</summary>
    private protected string?[]? WordsOf(PSObject? record, string?[]? parameter) =>
        record is not null && IsWords(record) ? PromptTransformationAttribute.Prompts(record).ToArray() : parameter;

    /// <summary>The error of a record without words: it's blank, or something else than text.</summary>
    private protected RunwareException WordsMissing(string parameter, string? text) =>
        RunwareException.Invalid(ErrorCodes.PromptMissing, parameter,
            text is null && PromptTransformationAttribute.TypeOfOther(PromptTransformationAttribute.RowOf(Texts) ?? Record) is { } type
                ? (parameter == "Text" ? Strings.NotText : Strings.NotAPrompt).With(type)
                : parameter == "Text" ? Strings.TextMissing : Strings.PromptMissing);

    /// <summary>Whether a record is a prompt or text, and the command line doesn't contain one.</summary>
    private protected bool IsWords(PSObject record) =>
        Words is { } words && !Rows.IsOnCommandLine(words) && PropertyReader.Each(record).All(PromptTransformationAttribute.IsText);

    private static RunwareException NoResults() =>
        RunwareException.Invalid(ErrorCodes.ReferenceImageNotFound, "InputObject",
            Strings.PipedTaskWithoutResults);

    // The seed of a result is the API's choice, and goes only to models that take a seed.
    private bool IsRepeated(PSObject? row) =>
        row is not null && !Rows.IsOnCommandLine("Seed") && (row.Properties["ImageUuid"] ?? row.Properties["Uuid"]) is not null;

    private JsonObject Additional()
    {
        var keys = _request.Read(AdditionalParameter);
        string[] own = ["taskUUID", "taskType", "deliveryMethod"];
        return keys.Select(p => p.Key).FirstOrDefault(key => own.Contains(key, StringComparer.OrdinalIgnoreCase)) is not { } taken ? keys
            : throw RunwareException.Invalid(ErrorCodes.ParameterConflict, nameof(AdditionalParameter),
                Strings.KeyIsOurs.With(taken));
    }

    private JsonObject Cells(Hashtable cells, PSObject? row, object[]? media)
    {
        var keys = _request.Read(cells);
        var lookup = row is null || media is not null || !RowReader.IsRow(row) ? null : PropertyReader.Lookup(row);
        if (ReadValue.Text(lookup?.Invoke("taskType")) is { } type && type != RequestType)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "TaskType",
                Strings.TypeOfOtherCmdlet.With(type, RequestType, TaskTypes.CmdletFor(type)));
        }

        if (ReadValue.Text(lookup?.Invoke("deliveryMethod")) is { } delivery)
        {
            keys["deliveryMethod"] = delivery;
        }

        return keys;
    }

    // A result of the cmdlet's own kind is a row, unless the command line has words for it, or a model that doesn't take any.
    private protected virtual object[]? Media(PSObject record) => ReferencesTransformationAttribute.Media(record) is not { } media ? null
        : Words is null || Rows.IsOnCommandLine(Words) || (Rows.IsOnCommandLine(nameof(Model)) && TakesNoWords(Model))
            || (IsResult(record) && !Array.TrueForAll(media, m => m is RunwareMedia result && IsOwnKind(result)))
        ? media
        : null;

    private bool TakesNoWords(string? name) =>
        ModelCatalog.Default.Find(name) is { Knowledge: not ModelKnowledge.None } model
            && _request.Keys.Where(Says).All(key => model.PathOf(key.Paths) is null);

    private static bool IsResult(PSObject record) =>
        record.BaseObject is RunwareMedia or RunwareTask or FileInfo
            || record.TypeNames[0].StartsWith("Deserialized.RunwarePS.", StringComparison.Ordinal);
}
