using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace RunwarePS.Media.Metadata;

/// <summary>Metadata as an XMP packet: the standard fields that other programs read, and this module's own beside them.</summary>
internal static class Xmp
{
    /// <summary>IPTC's term for an image that a trained model made.</summary>
    private const string MadeByModel = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

    private static readonly XNamespace s_meta = "adobe:ns:meta/";
    private static readonly XNamespace s_dc = "http://purl.org/dc/elements/1.1/";
    private static readonly XNamespace s_terms = "http://purl.org/dc/terms/";
    private static readonly XNamespace s_xmp = "http://ns.adobe.com/xap/1.0/";
    private static readonly XNamespace s_iptc = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
    private static readonly XNamespace s_own = "https://github.com/runwareps/RunwarePS/xmp/1.0/";

    private static readonly MetadataField[] s_fields = [.. GenerationMetadata.Fields.Where(field => field.Has(FieldUse.File))];

    // XML parsers read a literal carriage return as a line feed; &#xD; is kept.
    private static readonly XmlWriterSettings s_writing = new() { OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.Entitize };

    /// <summary>What writes the metadata, with its version.</summary>
    public static string Tool { get; } = "RunwarePS " + (typeof(Xmp).Assembly.GetName().Version?.ToString(3) ?? "0");

    /// <summary>A packet for an image that has none.</summary>
    public static byte[] Write(GenerationMetadata image) => Write(image, new XElement(s_meta + "xmpmeta",
        new XAttribute(XNamespace.Xmlns + "x", s_meta),
        new XElement(XmpNodes.Rdf + "RDF", new XAttribute(XNamespace.Xmlns + "rdf", XmpNodes.Rdf))));

    /// <summary>Creates one packet from the packets of an image and adds the generation metadata. Existing properties are kept.</summary>
    /// <returns>Null if one of them isn't XMP that can be rewritten.</returns>
    public static byte[]? Merge(GenerationMetadata image, IReadOnlyList<byte[]?> packets)
    {
        var roots = packets.Select(XmpNodes.Parse).ToArray();
        if (roots is not [{ } root, .. var others] || XmpNodes.RdfOf(root) is not { } rdf || Array.Exists(others, o => o is null))
        {
            return null;
        }

        foreach (var node in others.SelectMany(o => XmpNodes.Of(o!)).ToArray())
        {
            var known = new XmpNodes([root]);
            XmpNodes.RemoveProperties(node, known.Has);
            rdf.Add(XmpNodes.About(node, known.Subject));
        }

        // The module's value replaces its earlier one.
        var place = rdf.Elements().FirstOrDefault(node => node.Elements().Any(e => e.Name.Namespace == s_own));
        foreach (var node in rdf.Elements())
        {
            XmpNodes.RemoveProperties(node, name => name.Namespace == s_own);
        }

        rdf.Elements().Where(node => node != place && XmpNodes.IsEmpty(node)).Remove();
        return Write(image, root, place);
    }

    /// <summary>Reads the generation metadata from packets; null if none of them is XMP with properties of this module.</summary>
    public static GenerationMetadata? Read(IEnumerable<byte[]?> packets)
    {
        // Ours first: of two packets in one file, another program's description must not pass for the prompt.
        var roots = packets.Select(XmpNodes.Parse).OfType<XElement>().OrderByDescending(root => new XmpNodes([root]).HasAny(s_own));
        var nodes = new XmpNodes([.. roots]);
        if (!nodes.HasAny(s_own))
        {
            return null;
        }

        var metadata = new GenerationMetadata();
        foreach (var field in s_fields)
        {
            // If another program's value has the standard place, the module's value is next to it. Empty: the module's value is unknown.
            var own = nodes.Value(s_own + field.Name);
            var value = StandardName(field) is { } standard ? own ?? nodes.Value(standard) : own;
            field.ReadText(metadata, value is { Length: > 0 } ? value : null);
        }

        return metadata;
    }

    /// <summary>Whether packets name a URL at which the manifest of the image's Content Credentials is kept.</summary>
    public static bool NamesRemoteManifest(IEnumerable<byte[]?> packets) =>
        new XmpNodes([.. packets.Select(XmpNodes.Parse).OfType<XElement>()]).Value(s_terms + "provenance") is { } place
            && Uri.TryCreate(place.Trim(), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    private static byte[] Write(GenerationMetadata image, XElement root, XElement? place = null)
    {
        var known = new XmpNodes([root]);
        var description = new XElement(XmpNodes.Rdf + "Description",
            new XAttribute(XNamespace.Xmlns + "dc", s_dc),
            new XAttribute(XNamespace.Xmlns + "xmp", s_xmp),
            new XAttribute(XNamespace.Xmlns + "Iptc4xmpExt", s_iptc),
            new XAttribute(XNamespace.Xmlns + "runware", s_own));
        Add(s_iptc + "DigitalSourceType", MadeByModel);
        Add(s_xmp + "CreatorTool", Tool);
        foreach (var field in s_fields)
        {
            var standard = StandardName(field);
            Add(standard ?? s_own + field.Name, field.TextOf(image), standard is null ? null : field.Name);
        }

        if (place is not null)
        {
            place.Add(description.Elements());
        }
        else
        {
            XmpNodes.RdfOf(root)!.Add(XmpNodes.About(description, known.Subject));
        }

        var text = new StringBuilder("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>");
        using (var writer = XmlWriter.Create(text, s_writing))
        {
            root.WriteTo(writer);
        }

        return Encoding.UTF8.GetBytes(text.Append("<?xpacket end=\"r\"?>").ToString());

        void Add(XName name, string? value, string? own = null)
        {
            if (known.Has(name))
            {
                if (own is not null && known.Value(name) != value)
                {
                    description.Add(new XElement(s_own + own, Clean(value ?? "")));
                }
            }
            else if (value is { Length: > 0 })
            {
                description.Add(new XElement(name, name == s_dc + "description" ? XmpNodes.Alternative(Clean(value)) : Clean(value)));
            }
        }
    }

    /// <summary>Where other programs look for a field; null if there is no such place.</summary>
    private static XName? StandardName(MetadataField field) => field.Name switch
    {
        nameof(GenerationMetadata.Prompt) => s_dc + "description",
        nameof(GenerationMetadata.CreatedAt) => s_xmp + "CreateDate",
        _ => null,
    };

    // A prompt may hold what XML cannot, not even as a reference: control characters and halves of characters.
    private static string Clean(string text) => string.Concat(text.EnumerateRunes()
        .Select(r => r.IsBmp && !XmlConvert.IsXmlChar((char)r.Value) ? "\uFFFD" : r.ToString()));
}
