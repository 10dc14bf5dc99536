using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace RunwarePS.Gallery;

/// <summary>Writes one card of the page. All of it is plain HTML, so that it is there without scripts and on paper.</summary>
internal static class GalleryCard
{
    private const int LongestAlternative = 160;

    private static readonly HtmlEncoder s_encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Writes a text that stays text, between tags and inside quoted attributes alike.</summary>
    public static void WriteHtml(this TextWriter page, string? text) => s_encoder.Encode(page, text ?? "");

    /// <param name="page">Where to.</param>
    /// <param name="entry">What the card shows.</param>
    /// <param name="media">Its media; null if it has none.</param>
    /// <param name="number">Its place on the page, from 1.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    public static async Task WriteAsync(TextWriter page, GalleryEntry entry, GalleryMedia? media, int number,
        CancellationToken cancellationToken)
    {
        var metadata = entry.Metadata;
        page.Write(string.Create(CultureInfo.InvariantCulture,
            $"<article class=\"card {Class(entry.State)}\" id=\"p{number}\" data-state=\"{Class(entry.State)}\" "));
        page.Write(string.Create(CultureInfo.InvariantCulture, $"data-cost=\"{metadata.Cost}\" "));
        page.Write(string.Create(CultureInfo.InvariantCulture,
            $"data-time=\"{metadata.CreatedAt:yyyy-MM-ddTHH:mm:ss.fffZ}\" data-model=\""));
        page.WriteHtml(metadata.Model);
        page.Write("\">\n");
        await WriteMediaAsync(page, entry, media, number, cancellationToken).ConfigureAwait(false);
        page.Write("<div class=\"text\">\n<h2 class=\"prompt\" dir=\"auto\">");
        page.WriteHtml(Heading(entry));
        page.Write("</h2>\n");
        if (entry.Failure is { } failure)
        {
            page.Write("<p class=\"reason\" dir=\"auto\">");
            page.WriteHtml(Reason(failure));
            page.Write("</p>\n");
        }

        WriteLines(page, entry);
        WriteMore(page, entry);
        page.Write("</div>\n</article>\n");
    }

    private static async Task WriteMediaAsync(
        TextWriter page, GalleryEntry entry, GalleryMedia? media, int number, CancellationToken cancellationToken)
    {
        if (entry.Output is RunwareText text)
        {
            page.Write("<div class=\"mat words\" tabindex=\"0\"><p dir=\"auto\">");
            page.WriteHtml(text.Text ?? (ValueReader.ToNode(text.Data)?.ToJsonString()));
            page.Write("</p></div>\n");
        }
        else if (media is null or { Missing: not null })
        {
            WriteEmpty(page, entry, media);
        }
        else if (media.Kind is MediaKind.Video or MediaKind.Audio)
        {
            await WritePlayerAsync(page, entry, media, cancellationToken).ConfigureAwait(false);
        }
        else if (media.Kind == MediaKind.Image)
        {
            await WriteImageAsync(page, entry, media, number, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            page.Write("<a class=\"mat file\" target=\"_blank\" rel=\"noopener noreferrer\" href=\"");
            page.WriteHtml(media.Address);
            page.Write("\"><strong>");
            page.WriteHtml(entry.File is { } file ? Path.GetFileName(file) : Strings.GalleryOpenFile);
            page.Write("</strong></a>\n");
        }
    }

    private static void WriteEmpty(TextWriter page, GalleryEntry entry, GalleryMedia? media)
    {
        page.Write("<div class=\"mat empty\"><p><strong>");
        page.WriteHtml(entry.State switch
        {
            GalleryState.Failure => "Failed",
            GalleryState.Waiting => entry.Status,
            _ => Strings.GalleryNothingToShow,
        });
        page.Write("</strong> <span>");
        page.WriteHtml(media?.Missing ?? entry.Failure?.Code);
        page.Write("</span></p></div>\n");
    }

    private static async Task WritePlayerAsync(TextWriter page, GalleryEntry entry, GalleryMedia media, CancellationToken cancellationToken)
    {
        var tag = media.Kind == MediaKind.Video ? "video" : "audio";
        page.Write($"<div class=\"mat player\"><{tag} controls preload=\"metadata\"");
        await WriteEndAsync(page, entry, media, label: "aria-label", cancellationToken).ConfigureAwait(false);
        page.Write($"</{tag}></div>\n");
    }

    private static async Task WriteImageAsync(
        TextWriter page, GalleryEntry entry, GalleryMedia media, int number, CancellationToken cancellationToken)
    {
        // An embedded image doesn't have a URL: without scripts, its link points to its card.
        page.Write("<a class=\"mat open\" href=\"");
        page.WriteHtml(media.Address ?? string.Create(CultureInfo.InvariantCulture, $"#p{number}"));
        page.Write("\"><img loading=\"lazy\" decoding=\"async\"");
        await WriteEndAsync(page, entry, media, label: "alt", cancellationToken).ConfigureAwait(false);
        page.Write("</a>\n");
    }

    /// <summary>Writes the attributes that images and players share, and ends the tag.</summary>
    private static async Task WriteEndAsync(
        TextWriter page, GalleryEntry entry, GalleryMedia media, string label, CancellationToken cancellationToken)
    {
        if (media.Kind != MediaKind.Audio && entry.Metadata is { Width: > 0, Height: > 0 })
        {
            page.Write(string.Create(CultureInfo.InvariantCulture,
                $" width=\"{entry.Metadata.Width}\" height=\"{entry.Metadata.Height}\""));
        }

        page.Write($" {label}=\"");
        page.WriteHtml(DisplayText.Cut(Heading(entry), LongestAlternative));
        page.Write("\" src=\"");
        await media.WriteSourceAsync(page, cancellationToken).ConfigureAwait(false);
        page.Write("\">");
    }

    /// <summary>The lines that tell cards apart at a glance.</summary>
    private static void WriteLines(TextWriter page, GalleryEntry entry)
    {
        var metadata = entry.Metadata;
        page.Write("<p class=\"line\">");
        Item("model", metadata.Model);
        Item("size", Size(metadata));
        Item("quality", metadata.Quality);
        page.Write("</p>\n<p class=\"line\">");
        if (entry.State == GalleryState.Result)
        {
            Item(metadata.Cost is null
                ? "unknown"
                : "cost", metadata.Cost is null
                ? Strings.GalleryCostUnknown
                : GalleryTotals.Money(metadata.Cost));
        }

        if (metadata.CreatedAt is { } at)
        {
            page.Write(string.Create(CultureInfo.InvariantCulture,
                $"<time datetime=\"{at:yyyy-MM-ddTHH:mm:ssZ}\">{at:yyyy-MM-dd HH:mm} UTC</time> "));
        }

        page.Write("</p>\n");
        if ((metadata.MediaUuid ?? metadata.TaskUuid) is { } id)
        {
            page.Write($"<p class=\"id\">{id:D}</p>\n");
        }

        void Item(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                page.Write($"<span class=\"{name}\">");
                page.WriteHtml(value);
                page.Write("</span> ");
            }
        }
    }

    /// <summary>Everything else, folded away.</summary>
    private static void WriteMore(TextWriter page, GalleryEntry entry)
    {
        var metadata = entry.Metadata;
        page.Write("<details><summary>Details</summary>\n<div class=\"more\">\n<dl>");
        if (entry.State == GalleryState.Result)
        {
            Fact("Cost", GalleryTotals.Money(metadata.Cost));
        }

        Fact("Model", metadata.Model ?? "unknown");
        Fact("Size", Size(metadata));
        Fact("Quality", metadata.Quality);
        Fact("Background", metadata.Background);
        Fact("Format", metadata.OutputFormat);
        Fact("Duration", metadata.Duration is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds} s") : null);
        Fact("Steps", metadata.Steps?.ToString(CultureInfo.InvariantCulture));
        Fact("CFG scale", metadata.CfgScale?.ToString(CultureInfo.InvariantCulture));
        Fact("Scheduler", metadata.Scheduler);
        Fact("Seed", metadata.Seed?.ToString(CultureInfo.InvariantCulture));
        Fact("Tag", metadata.Tag);
        Fact("Time", metadata.CreatedAt?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        Fact(metadata.ImageUuid is not null ? "Image" : "ID", metadata.MediaUuid?.ToString("D"));
        Fact("Task", metadata.TaskUuid?.ToString("D"));
        Fact("Status", entry.Status);
        Fact("Code", entry.Failure?.Code);
        Fact("Category", entry.Failure?.Category);
        Fact("Parameter", entry.Failure?.Parameter);
        if (entry.File is { } file)
        {
            Fact("File", Path.GetFileName(file));
            Fact(Strings.GalleryFileSize, entry.FileLength is { } length ? Bytes(length) : null);
        }

        page.Write("</dl>\n");
        if (entry.State == GalleryState.Waiting)
        {
            Command(Strings.GalleryGetResults, metadata.TaskUuid is { } task ? $"Receive-RunwareTask {task:D} -Wait" : null);
        }
        else
        {
            Command(Strings.GalleryRunAgain, RerunCommand.Of(metadata));
        }

        page.Write("</div>\n</details>\n");

        void Fact(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                page.Write($"<div><dt>{name}</dt><dd dir=\"auto\">");
                page.WriteHtml(value);
                page.Write("</dd></div>");
            }
        }

        // The command begins right behind its tag: a line break there would belong to it.
        void Command(string name, string? command)
        {
            if (command is not null)
            {
                page.Write($"<div class=\"command\"><h3>{name}</h3><button type=\"button\" class=\"copy\">Copy</button>");
                page.Write("<pre tabindex=\"0\"><code>");
                page.WriteHtml(command);
                page.Write("</code></pre></div>\n");
            }
        }
    }

    private static string Class(GalleryState state) => state switch
    {
        GalleryState.Failure => "failure",
        GalleryState.Waiting => "waiting",
        _ => "result",
    };

    private static string Heading(GalleryEntry entry) =>
        entry.Metadata.Prompt is { Length: > 0 } prompt ? prompt
        : entry.File is { } file ? Path.GetFileName(file)
        : Strings.GalleryPromptUnknown;

    // Servers quote what they were sent; whose signatures stand in a URL is not known here.
    private static string Reason(RunwareFailure failure) =>
        Redaction.CutQueries(failure.Message is { Length: > 0 } message ? message : failure.Code ?? Strings.GalleryNoReason);

    private static string? Size(GenerationMetadata metadata) =>
        metadata is { Width: { } width, Height: { } height } ? string.Create(CultureInfo.InvariantCulture, $"{width}×{height}") : null;

    private static string Bytes(long length) => length < 1024 * 1024
        ? string.Create(CultureInfo.InvariantCulture, $"{length / 1024.0:0.#} kB")
        : string.Create(CultureInfo.InvariantCulture, $"{length / 1024.0 / 1024.0:0.#} MB");
}
