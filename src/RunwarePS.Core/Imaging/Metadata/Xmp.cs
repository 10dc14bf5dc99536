using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace RunwarePS.Imaging.Metadata;

/// <summary>Provenance as an XMP packet: the standard fields that other programs read, and this module's own beside them.</summary>
internal static class Xmp
{
    /// <summary>IPTC's word for a picture that a trained model made.</summary>
    private const string MadeByModel = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

    private static readonly XNamespace s_meta = "adobe:ns:meta/";
    private static readonly XNamespace s_rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
    private static readonly XNamespace s_dc = "http://purl.org/dc/elements/1.1/";
    private static readonly XNamespace s_xmp = "http://ns.adobe.com/xap/1.0/";
    private static readonly XNamespace s_iptc = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
    private static readonly XNamespace s_own = "https://github.com/runwareps/RunwarePS/xmp/1.0/";

    private static readonly string s_tool = "RunwarePS " + (typeof(Xmp).Assembly.GetName().Version?.ToString(3) ?? "0");

    // A carriage return as it stands is a line feed to every reader; as &#xD; it is itself.
    private static readonly XmlWriterSettings s_writing = new() { OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.Entitize };

    public static byte[] Write(Provenance picture)
    {
        var description = new XElement(s_rdf + "Description",
            new XAttribute(s_rdf + "about", ""),
            new XAttribute(XNamespace.Xmlns + "dc", s_dc),
            new XAttribute(XNamespace.Xmlns + "xmp", s_xmp),
            new XAttribute(XNamespace.Xmlns + "Iptc4xmpExt", s_iptc),
            new XAttribute(XNamespace.Xmlns + "runware", s_own),
            new XElement(s_iptc + "DigitalSourceType", MadeByModel),
            new XElement(s_xmp + "CreatorTool", s_tool));
        if (picture.Prompt is { } prompt)
        {
            description.Add(new XElement(s_dc + "description",
                new XElement(s_rdf + "Alt", new XElement(s_rdf + "li", new XAttribute(XNamespace.Xml + "lang", "x-default"), Clean(prompt)))));
        }

        if (picture.CreatedAt is { } created)
        {
            description.Add(new XElement(s_xmp + "CreateDate", created.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)));
        }

        foreach (var (name, value) in Own(picture))
        {
            if (value is not null)
            {
                description.Add(new XElement(s_own + name, Clean(Convert.ToString(value, CultureInfo.InvariantCulture)!)));
            }
        }

        var packet = new XElement(s_meta + "xmpmeta", new XAttribute(XNamespace.Xmlns + "x", s_meta),
            new XElement(s_rdf + "RDF", new XAttribute(XNamespace.Xmlns + "rdf", s_rdf), description));
        var text = new StringBuilder("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>");
        using (var writer = XmlWriter.Create(text, s_writing))
        {
            packet.WriteTo(writer);
        }

        return Encoding.UTF8.GetBytes(text.Append("<?xpacket end=\"r\"?>").ToString());
    }

    /// <summary>What a packet says of where its picture comes from; null where it is no XMP or says nothing of ours.</summary>
    public static Provenance? Read(ReadOnlySpan<byte> packet)
    {
        XElement description;
        try
        {
            using var text = new StringReader(Encoding.UTF8.GetString(packet).Trim('\uFEFF', '\0', ' ', '\n'));
            using var reader = XmlReader.Create(text, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, ConformanceLevel = ConformanceLevel.Fragment });
            reader.MoveToContent();
            description = ((XElement)XNode.ReadFrom(reader)).DescendantsAndSelf(s_rdf + "Description").FirstOrDefault(d => d.Elements().Any(e => e.Name.Namespace == s_own))!;
        }
        catch (Exception e) when (e is XmlException or InvalidOperationException or InvalidCastException)
        {
            return null;
        }

        return description is null ? null : new Provenance
        {
            Prompt = description.Element(s_dc + "description")?.Descendants(s_rdf + "li").FirstOrDefault()?.Value,
            CreatedAt = DateTime.TryParse(description.Element(s_xmp + "CreateDate")?.Value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var created) ? created : null,
            Model = Own("Model"),
            Width = (int?)Number("Width"),
            Height = (int?)Number("Height"),
            OutputFormat = Own("OutputFormat"),
            Quality = Own("Quality"),
            Background = Own("Background"),
            TaskUuid = Id("TaskUuid"),
            ImageUuid = Id("ImageUuid"),
            Index = (int?)Number("Index"),
            Seed = Number("Seed"),
            Cost = decimal.TryParse(Own("Cost"), NumberStyles.Float, CultureInfo.InvariantCulture, out var cost) ? cost : null,
            Tag = Own("Tag"),
            RequestHash = Own("RequestHash"),
        };

        string? Own(string name) => description.Element(s_own + name)?.Value;

        long? Number(string name) => long.TryParse(Own(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

        Guid? Id(string name) => Guid.TryParse(Own(name), out var id) ? id : null;
    }

    private static IEnumerable<(string Name, object? Value)> Own(Provenance picture) =>
    [
        ("Model", picture.Model),
        ("Width", picture.Width),
        ("Height", picture.Height),
        ("OutputFormat", picture.OutputFormat),
        ("Quality", picture.Quality),
        ("Background", picture.Background),
        ("TaskUuid", picture.TaskUuid),
        ("ImageUuid", picture.ImageUuid),
        ("Index", picture.Index),
        ("Seed", picture.Seed),
        ("Cost", picture.Cost),
        ("Tag", picture.Tag),
        ("RequestHash", picture.RequestHash),
    ];

    // A prompt may hold what XML cannot, not even as a reference: control characters and halves of characters.
    private static string Clean(string text) => string.Concat(text.EnumerateRunes()
        .Select(r => r.IsBmp && !XmlConvert.IsXmlChar((char)r.Value) ? "\uFFFD" : r.ToString()));
}
