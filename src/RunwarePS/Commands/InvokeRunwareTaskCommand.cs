using System.Collections;
using System.Management.Automation;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Commands;

/// <summary>Runs tasks of any type with any model, one task per record, in the API's own terms.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "RunwareTask", SupportsShouldProcess = true, HelpUri = HelpLinks.Base + "Invoke-RunwareTask.md")]
[OutputType(
    typeof(RunwareImage), typeof(RunwareVideo), typeof(RunwareAudio), typeof(RunwareFile), typeof(RunwareText), typeof(RunwareResult),
        typeof(RunwareTask))]
public sealed class InvokeRunwareTaskCommand : GeneratingCmdlet
{
    // Cells for this module, which aren't sent to the API.
    private static readonly string[] s_own = [nameof(Tag), nameof(IdempotencyKey)];

    private readonly TaskBodyReader _body;

    /// <summary>Sends nothing.</summary>
    public InvokeRunwareTaskCommand() => _body = new TaskBodyReader(text => this.FindFiles(text, literal: true), nameof(Parameter));

    /// <summary>
    /// The type of the tasks. Without it, the type of the model in the catalog. Source:
    /// https://runware.ai/docs/models/openai-gpt-image-1#request-tasktype.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [TextTransformation(RequiresValue = true)]
    [ArgumentCompleter(typeof(WordCompleter))]
    public string? TaskType { get; set; }

    /// <summary>The model's AIR or slug. Source: https://runware.ai/docs/models/openai-gpt-image-1#request-model.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [TextTransformation(RequiresValue = true)]
    [ArgumentCompleter(typeof(ModelCatalogCompleter))]
    public string? Model { get; set; }

    /// <summary>The keys of the task in the API's own terms, dotted or nested. Files, bytes and earlier results can be values.</summary>
    [Parameter]
    [DictionaryTransformation]
    public IDictionary? Parameter { get; set; }

    /// <summary>Tasks as rows: objects or tables whose properties are keys of the API, or their JSON.</summary>
    [Parameter(ValueFromPipeline = true)]
    public PSObject? InputObject { get; set; }

    /// <summary>Writes the API's own objects.</summary>
    [Parameter]
    public SwitchParameter Raw { get; set; }

    private protected override bool KeepsRaw => Raw;

    private protected override string Activity => Strings.ActivityInvoke;

    private protected override void Process()
    {
        foreach (var row in RowsOf(InputObject))
        {
            var target = NextRequest();
            Send(target, "Run", () => Builder(row, target.InputIndex).Build());
        }
    }

    private protected override IReadOnlyList<object> OutputOf(TaskResult result) =>
        Raw ? [.. result.Raw.Select(JsonObjectConverter.Of)] : result.Outputs;

    // The JSON of several tasks is several records.
    private static IEnumerable<object?> RowsOf(PSObject? input)
    {
        if (input?.BaseObject is not string text)
        {
            return PromptTransformationAttribute.IsPiece(input) ? [] : [input];
        }

        try
        {
            using var json = JsonDocument.Parse(text);
            return json.RootElement.ValueKind switch
            {
                JsonValueKind.Array => [.. json.RootElement.EnumerateArray().Select(Table)],
                JsonValueKind.Object => [Table(json.RootElement)],
                _ => [input],
            };
        }
        catch (JsonException)
        {
            return [input];
        }

        static object? Table(JsonElement task) => task.ValueKind == JsonValueKind.Object ? ValueReader.ToHashtable(task) : task.ToString();
    }

    private TaskBuilder Builder(object? row, int index)
    {
        var table = PropertyReader.Unwrap(row) as IDictionary;
        return new TaskBuilder
        {
            TaskType = Rows.IsOnCommandLine(nameof(TaskType)) || table is null ? TaskType : null,
            Model = Rows.IsOnCommandLine(nameof(Model)) || table is null ? Model : null,
            TaskUuid = TaskUuid,
            IsAsync = Async,
            WebhookUrl = Context.WebhookUrl,
            NoCost = NoCost,
            SkipValidation = SkipValidation,
            InputIndex = index,
            Tag = Tag ?? (table is null ? null : TextTransformationAttribute.Text(PropertyReader.Lookup(table)(nameof(Tag)))),
            Given = Parameter is null ? [] : _body.Read(Parameter),
            Row = row is null ? [] : table is null ? Cells(PSObject.AsPSObject(row)) : _body.Read(Keys(table)),
        };
    }

    private static Hashtable Keys(IDictionary table)
    {
        var keys = (Hashtable)DictionaryTransformationAttribute.Plain(table)!;
        foreach (var own in keys.Keys.OfType<string>().Where(k => s_own.Contains(k, StringComparer.OrdinalIgnoreCase)).ToArray())
        {
            keys.Remove(own);
        }

        return keys;
    }

    private JsonObject Cells(PSObject row)
    {
        if (!RowReader.IsRow(row) || row.BaseObject is RunwareOutput or RunwareTask or FileSystemInfo)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, nameof(InputObject),
                Strings.RecordNotTask.With(row.BaseObject.GetType().Name));
        }

        Rows.Read(row, needsColumns: false);
        var isUtility = TaskTypes.IsUtility(TaskType);
        var columns = from property in row.Properties
                      where property.IsGettable && !IsParameter(property.Name)
                          && (isUtility || IsOfTask(property.Name) || ApiKeys.Find(property.Name) is not null)
                      let value = DictionaryTransformationAttribute.Plain(property.Value)
                      where !ReadValue.IsNothing(value)
                      select KeyValuePair.Create(property.Name, value);
        return _body.Read(RequestRow.Cells(columns.ToDictionary(StringComparer.Ordinal), nameof(Parameter)));
    }

    private static bool IsParameter(string name) =>
        s_own.Append(nameof(TaskType)).Append(nameof(Model)).Contains(name, StringComparer.OrdinalIgnoreCase);

    private static bool IsOfTask(string name) => name.ToUpperInvariant() is "TASKUUID" or "DELIVERYMETHOD";
}
