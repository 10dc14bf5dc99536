using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Bench.Rows;

namespace RunwarePS.Bench;

/// <summary>The tables, for the console, for people and for programs.</summary>
/// <param name="options">The options of the run.</param>
/// <param name="results">What was measured.</param>
/// <param name="missing">The names of the rows that weren't measured yet.</param>
internal sealed class Report(Options options, IReadOnlyList<(Row Row, IReadOnlyList<Finding> Findings)> results, IReadOnlyList<string> missing)
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private IEnumerable<Finding> Findings => results.SelectMany(r => r.Findings);

    /// <summary>One table for each group that has rows.</summary>
    public string Tables() => string.Join('\n', results.GroupBy(r => r.Row.Group).OrderBy(g => g.Key)
        .Select(g => $"## {Title(g.Key)}\n\n{Table(g.SelectMany(r => r.Findings))}"));

    private static string Title(RowGroup group) => group switch
    {
        RowGroup.People => "What people do",
        RowGroup.Growth => "Growth",
        _ => "Anatomy of a call",
    };

    private static string Table(IEnumerable<Finding> findings)
    {
        string[] head = ["row", "ours", "reference", "against", "ratio", "bar", "holds", "spread"];
        string[][] lines = [head, .. findings.Select(Cells)];
        var widths = head.Select((_, i) => lines.Max(l => l[i].Length)).ToArray();
        var text = new StringBuilder();
        for (var i = 0; i < lines.Length; i++)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", lines[i].Select((c, n) => c.PadRight(widths[n])))} |");
            if (i == 0)
            {
                text.AppendLine(CultureInfo.InvariantCulture, $"|{string.Join('|', widths.Select(w => new string('-', w + 2)))}|");
            }
        }

        return text.ToString();
    }

    public string Repetitions => FormattableString.Invariant($"Medians of {options.Repetitions} repetitions{(options.Quick ? ", a quick run: not for publishing" : "")}.");

    /// <summary>What missed its bar and by how much, and what could not be measured and why.</summary>
    public string Misses()
    {
        var missed = Findings.Where(f => f.Holds == false || f.Trouble is not null).Select(Missed).Distinct(StringComparer.Ordinal).ToArray();
        return string.Join('\n', missed.Length == 0 ? ["None."] : missed) + "\n";
    }

    /// <summary>Writes <c>RESULTS.md</c> and <c>results.json</c> into a folder.</summary>
    public void Write(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "RESULTS.md"), Markdown().ReplaceLineEndings("\n"));
        File.WriteAllText(Path.Combine(folder, "results.json"), Json().ToJsonString(s_json).ReplaceLineEndings("\n") + "\n");
    }

    private string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# Results").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"Made by `dotnet run -c Release --project bench` on {DateTime.UtcNow:yyyy-MM-dd}. {Repetitions}");
        text.AppendLine("All contenders are processes of their own, take turns, and meet one server on loopback on the same machine.");
        text.AppendLine("Spread is the largest less the smallest repetition over the median, of the noisier side: a verdict nearer to its bar than that says little.").AppendLine();
        text.AppendLine("| | |").AppendLine("|---|---|");
        foreach (var (what, value) in Machine.Describe())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {value} |");
        }

        text.AppendLine().Append(Tables()).AppendLine();
        if (missing.Count > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"Not measured in this run: {string.Join("; ", missing)}.").AppendLine();
        }

        text.AppendLine("## What was measured").AppendLine();
        foreach (var (row, _) in results)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- **{row.Name}**: {row.Measured(options)}");
        }

        text.AppendLine().AppendLine("## Missed bars").AppendLine();
        text.Append(Misses());
        return text.ToString();
    }

    private JsonArray Json() =>
    [
        .. Findings.Select(f => new JsonObject
        {
            ["group"] = results.First(r => r.Findings.Contains(f)).Row.Group.ToString(),
            ["row"] = f.Row,
            ["unit"] = f.Unit,
            ["ours"] = Round(f.Ours),
            ["against"] = f.Against,
            ["reference"] = Round(f.Reference),
            ["ratio"] = Round(f.Ratio),
            ["bar"] = f.Bar?.ToString(),
            ["holds"] = f.Holds,
            ["spread"] = Round(f.Spread),
            ["trouble"] = f.Trouble,
        }),
    ];

    private static string[] Cells(Finding f) =>
    [
        f.Row, Number(f.Ours, f.Unit), Number(f.Reference, f.Unit), f.Against, Number(f.Ratio, unit: ""), f.Bar?.ToString() ?? "",
        f.Trouble is not null ? "not measured" : f.Holds switch { true => "yes", false => "**no**", null => "" },
        f.Spread is { } spread ? spread.ToString("P0", CultureInfo.InvariantCulture) : "",
    ];

    private static string Missed(Finding f) => f.Trouble is not null
        ? $"- {f.Row}: not measured. {f.Trouble.ReplaceLineEndings(" ")}"
        : string.Create(CultureInfo.InvariantCulture, $"- {f.Row}, against {f.Against}: {f.Ratio:0.00}, the bar is {f.Bar}: missed by {f.Bar!.Miss(f.Ratio!.Value):0 %}.");

    private static string Number(double? value, string unit) => value switch
    {
        null => "",
        { } v => $"{v.ToString(Math.Abs(v) >= 100 ? "N0" : "0.00", CultureInfo.InvariantCulture)} {unit}".TrimEnd(),
    };

    private static double? Round(double? value) => value is { } v ? Math.Round(v, 4) : null;
}
