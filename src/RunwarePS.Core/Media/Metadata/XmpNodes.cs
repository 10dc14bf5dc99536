using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace RunwarePS.Media.Metadata;

/// <summary>
/// The properties of an image in the RDF of its packets. RDF can express the same thing in several ways, and programs differ: attributes or
/// elements, one description or one for each namespace, descriptions or nodes with a type.
/// </summary>
/// <param name="roots">The packets. If several contain the same property, the first one counts.</param>
internal sealed class XmpNodes(IReadOnlyList<XElement> roots)
{
    /// <summary>How deeply a value may be wrapped: no program needs more, and a hostile file may offer thousands.</summary>
    private const int MaxWrapping = 4;

    private const string DefaultLanguage = "x-default";

    public static readonly XNamespace Rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

    private static readonly XmlReaderSettings s_reading =
        new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, ConformanceLevel = ConformanceLevel.Fragment };

    private static readonly XName s_about = Rdf + "about";
    private static readonly XName s_value = Rdf + "value";

    private readonly XElement[] _nodes = [.. roots.SelectMany(Of)];

    /// <summary>What the packets call their image.</summary>
    public string Subject => _nodes.Select(n => n.Attribute(s_about)?.Value).FirstOrDefault(about => about is not null) ?? "";

    /// <summary>The root of a packet; null if it isn't XML.</summary>
    public static XElement? Parse(byte[]? packet)
    {
        if (packet is null)
        {
            return null;
        }

        try
        {
            using var text = new StringReader(Decode(packet).Trim('\uFEFF', '\0', ' ', '\t', '\r', '\n'));
            using var reader = XmlReader.Create(text, s_reading);
            return reader.MoveToContent() == XmlNodeType.Element ? (XElement)XNode.ReadFrom(reader) : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    public static XElement? RdfOf(XElement root) => root.DescendantsAndSelf(Rdf + "RDF").FirstOrDefault();

    /// <summary>
    /// The properties of the image itself. Nested nodes describe other resources, such as the images that it was made from.
    /// </summary>
    public static IEnumerable<XElement> Of(XElement root) =>
        RdfOf(root)?.Elements() ?? root.DescendantsAndSelf(Rdf + "Description").Take(1);

    public bool Has(XName name) => Array.Exists(_nodes, n => n.Attribute(name) is not null || n.Element(name) is not null);

    public bool HasAny(XNamespace space) =>
        Array.Exists(_nodes, n => n.Elements().Any(e => e.Name.Namespace == space) || n.Attributes().Any(a => a.Name.Namespace == space));

    /// <summary>The value of a property; null if no packet has it. Of a text in several languages, the default.</summary>
    public string? Value(XName name) =>
        _nodes.Select(n => n.Attribute(name)?.Value ?? (n.Element(name) is { } element ? Text(element, MaxWrapping) : null))
            .FirstOrDefault(value => value is not null);

    /// <summary>A copy of a node that is about the image of a packet: all nodes of a packet must call it the same.</summary>
    public static XElement About(XElement node, string subject)
    {
        var copy = new XElement(node);
        copy.SetAttributeValue(s_about, subject);
        return copy;
    }

    /// <summary>Whether a node is empty.</summary>
    public static bool IsEmpty(XElement node) =>
        node.Name == Rdf + "Description" && !node.HasElements
            && node.Attributes().All(a => a.IsNamespaceDeclaration || a.Name.Namespace == Rdf);

    public static void RemoveProperties(XElement node, Func<XName, bool> which)
    {
        node.Elements().Where(e => which(e.Name)).Remove();
        node.Attributes().Where(a => !a.IsNamespaceDeclaration && a.Name.Namespace != Rdf && which(a.Name)).Remove();
    }

    /// <summary>A text in the form for several languages, with one.</summary>
    public static XElement Alternative(string text) =>
        new(Rdf + "Alt", new XElement(Rdf + "li", new XAttribute(XNamespace.Xml + "lang", DefaultLanguage), text));

    private static string? Text(XElement property, int wrapping)
    {
        if (wrapping == 0)
        {
            return null;
        }

        if ((property.Attribute(Rdf + "resource") ?? property.Attribute(s_value)) is { } attribute)
        {
            return attribute.Value;
        }

        if (!property.HasElements)
        {
            return property.Value;
        }

        // A value with qualifiers, in the property itself or in a description of its own; a list; a list of such values.
        var inner = property.Element(s_value) ?? property.Element(Rdf + "Description");
        var items = property.Elements().SelectMany(e => e.Elements(Rdf + "li"));
        inner ??= items.OrderByDescending(li => li.Attribute(XNamespace.Xml + "lang")?.Value == DefaultLanguage).FirstOrDefault();
        return inner is null ? null : Text(inner, wrapping - 1);
    }

    // A packet is UTF-8, or UTF-16 of either order, which its first bytes show: the mark, or the angle bracket.
    private static string Decode(byte[] packet) => packet switch
    {
        [0xFE, 0xFF, ..] or [0, (byte)'<', ..] => Encoding.BigEndianUnicode.GetString(packet),
        [0xFF, 0xFE, ..] or [(byte)'<', 0, ..] => Encoding.Unicode.GetString(packet),
        _ => Encoding.UTF8.GetString(packet),
    };
}
