using System.Management.Automation;

namespace RunwarePS.Commands;

/// <summary>Reads what a web server received from the API, and writes the tasks. Each result is written once.</summary>
[Cmdlet(VerbsData.ConvertFrom, "RunwareWebhook", HelpUri = HelpLinks.Base + "ConvertFrom-RunwareWebhook.md")]
[OutputType(typeof(RunwareTask))]
public sealed class ConvertFromRunwareWebhookCommand : RunwareCmdlet
{
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
            PerRecord(target: null, () => Convert(WebhookBody.Bytes(body))); // a body can contain signed URLs
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
}
