using System.Collections;
using System.Management.Automation;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Commands;

/// <summary>Reads what a web server received from the API, and writes the tasks. Each result is written once.</summary>
[Cmdlet(VerbsData.ConvertFrom, "RunwareWebhook", HelpUri = HelpLinks.Base + "ConvertFrom-RunwareWebhook.md")]
[OutputType(typeof(RunwareTask))]
public sealed class ConvertFromRunwareWebhookCommand : RunwareCmdlet
{
    /// <summary>The properties in which servers have the body of a request, and what shows that an object is a body itself.</summary>
    private static readonly string[] s_envelopes = ["RequestBody", "RawBody", "Body"];
    private static readonly string[] s_ownKeys = ["taskUUID", "data", "errors", "error"];

    private readonly List<byte> _bytes = [];
    private WebhookReader _reader = null!;

    /// <summary>
    /// The body of a request, as text, bytes or an object. An object of a web server that has the body in a property works too.
    /// </summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? Body { get; set; }

    private protected override void Begin() => _reader = new WebhookReader(TimeProvider.System, Context.FindConnection()?.Endpoint);

    private protected override void Process()
    {
        if (MyInvocation.ExpectingInput && PropertyReader.Unwrap(Body) is byte one)
        {
            _bytes.Add(one); // the pipeline takes a byte array apart
            return;
        }

        End();
        foreach (var body in PropertyReader.Each(Body).DefaultIfEmpty(null))
        {
            PerRecord(target: null, () => Convert(Bytes(body))); // a body can contain signed URLs
        }
    }

    private protected override void End()
    {
        if (_bytes.Count > 0)
        {
            var body = _bytes.ToArray();
            _bytes.Clear();
            PerRecord(target: null, () => Convert(body));
        }
    }

    private void Convert(byte[] body)
    {
        foreach (var task in _reader.Read(body, url => WriteWarning(Strings.WebhookUrlNotTrusted.With(Redaction.Address(url)))))
        {
            WriteObject(task);
        }
    }

    private static byte[] Bytes(object? value)
    {
        var body = PropertyReader.Unwrap(value) switch
        {
            byte[] bytes => bytes,
            JsonNode node => Encoding.UTF8.GetBytes(node.ToJsonString()),
            JsonElement element => Encoding.UTF8.GetBytes(element.GetRawText()),
            JsonDocument document => Encoding.UTF8.GetBytes(document.RootElement.GetRawText()),
            string text => Text(text),
            { } other => Object(other),
            null => [],
        };
        return body.AsSpan().IndexOfAnyExcept(" \r\n\t"u8) >= 0 ? body
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, nameof(Body), Strings.WebhookEmpty);
    }

    // In the portal, a runbook gets its webhook data as text.
    private static byte[] Text(string text)
    {
        try
        {
            return text.Contains("RequestBody", StringComparison.Ordinal) && JsonNode.Parse(text) is JsonObject data
                && data["RequestBody"] is JsonValue inner && inner.TryGetValue<string>(out var body)
                ? Encoding.UTF8.GetBytes(body)
                : Encoding.UTF8.GetBytes(text);
        }
        catch (JsonException)
        {
            return Encoding.UTF8.GetBytes(text);
        }
    }

    private static byte[] Object(object value)
    {
        var property = PropertyReader.Lookup(value);
        if (property(s_ownKeys) is null && property(s_envelopes) is { } body)
        {
            return Bytes(body);
        }

        return DictionaryTransformationAttribute.Plain(value) is IDictionary table
            ? Encoding.UTF8.GetBytes(DictionaryConverter.ToObject(table, nameof(Body)).ToJsonString())
            : throw RunwareException.Invalid(ErrorCodes.ParameterUnreadable, nameof(Body),
                Strings.WebhookNotBody.With(value.GetType().Name));
    }
}
