using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace RunwarePS.Gallery;

/// <summary>
/// The page around the cards. Its template, style and script are files in this assembly; the policy allows this very style and script, by
/// their hashes, and nothing else.
/// </summary>
internal sealed class GalleryPage
{
    private const string Cards = "{{cards}}";

    public static string Style { get; } = Resource("gallery.css");

    public static string Script { get; } = Resource("gallery.js");

    private static string Template { get; } = Resource("gallery.html");

    public required string Title { get; init; }

    public required GalleryTotals Totals { get; init; }

    /// <summary>What <c>img-src</c> and <c>media-src</c> allow.</summary>
    public required IReadOnlyCollection<string> Sources { get; init; }

    /// <summary>The number of results whose links expire.</summary>
    public int Expiring { get; init; }

    public string Policy =>
        $"default-src 'none'; img-src {Allowed}; media-src {Allowed}; " +
        $"script-src '{Hash(Script)}'; style-src '{Hash(Style)}'; base-uri 'none'; form-action 'none'";

    private string Allowed => Sources.Count == 0 ? "'none'" : string.Join(' ', Sources);

    /// <summary>Writes the part of the page before the cards.</summary>
    public void WriteHead(TextWriter page) => Write(page, Template[..Template.IndexOf(Cards, StringComparison.Ordinal)]);

    /// <summary>Writes the part of the page after the cards.</summary>
    public void WriteEnd(TextWriter page) => Write(page, Template[(Template.IndexOf(Cards, StringComparison.Ordinal) + Cards.Length)..]);

    private void Write(TextWriter page, string template)
    {
        var at = 0;
        for (int open; (open = template.IndexOf("{{", at, StringComparison.Ordinal)) >= 0;)
        {
            var close = template.IndexOf("}}", open, StringComparison.Ordinal);
            page.Write(template.AsSpan(at, open - at));
            Fill(page, template[(open + 2)..close]);
            at = close + 2;
        }

        page.Write(template.AsSpan(at));
    }

    private void Fill(TextWriter page, string place)
    {
        switch (place)
        {
            case "policy":
                page.Write(Policy); // made of nothing but plain hosts and hashes
                break;
            case "title":
                page.WriteHtml(Title);
                break;
            case "style":
                page.Write(Style);
                break;
            case "script":
                page.Write(Script);
                break;
            case "totals":
                WriteTotals(page);
                break;
            case "notes":
                WriteNotes(page);
                break;
            default:
                throw new InvalidOperationException($"The page has no place '{place}'.");
        }
    }

    private void WriteTotals(TextWriter page)
    {
        Total("Results", Number(Totals.Results));
        Total("Failures", Number(Totals.Failures));
        if (Totals.Waiting > 0)
        {
            Total("Running", Number(Totals.Waiting));
        }

        Total("Tasks", Number(Totals.Tasks));
        var unknown = Totals.UnknownCosts > 0 ? $"{Number(Totals.UnknownCosts)} unknown" : null;
        Total("Cost", Totals.Results == 0 ? "–" : GalleryTotals.Money(Totals.Cost), Totals.Cost is null ? null : unknown);

        void Total(string name, string value, string? note = null)
        {
            page.Write($"<div class=\"total-{name.ToLowerInvariant().Replace(' ', '-')}\"><dt>{name}</dt><dd>{value}");
            if (note is not null)
            {
                page.Write($" <small>+ {note}</small>");
            }

            page.Write("</dd></div>\n");
        }
    }

    private void WriteNotes(TextWriter page)
    {
        if (Totals.Count == 0)
        {
            page.Write($"<p class=\"note\">{Strings.GalleryEmpty}</p>\n");
        }

        if (Expiring > 0)
        {
            var links = Strings.GalleryLinksExpire.With(Plural(Expiring, "result is", "results are"));
            page.Write($"<p class=\"note\">{links}</p>\n");
        }
    }

    private static string Plural(int count, string one, string many) => $"{Number(count)} {(count == 1 ? one : many)}";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    // Browsers hash what they parsed, and that has plain line feeds, whatever a checkout made of them.
    private static string Resource(string name)
    {
        using var stream = typeof(GalleryPage).Assembly.GetManifestResourceStream("RunwarePS.Gallery." + name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
