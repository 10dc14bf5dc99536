using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace RunwarePS.Tasks;

/// <summary>The checks that cost nothing: what the catalog says about a request, in terms of the cmdlet's parameters.</summary>
internal static partial class ImageRequestCheck
{
    /// <summary>The PowerShell parameter behind each key of the wire, by the last part of its path.</summary>
    private static readonly Dictionary<string, string> s_parameters = new(StringComparer.Ordinal)
    {
        ["CFGScale"] = "CfgScale",
        ["background"] = "Background",
        ["checkContent"] = "CheckContent",
        ["height"] = "Height",
        ["includeCost"] = "IncludeCost",
        ["maskImage"] = "MaskImage",
        ["mode"] = "SafetyMode",
        ["model"] = "Model",
        ["negativePrompt"] = "NegativePrompt",
        ["numberResults"] = "Count",
        ["outputFormat"] = "OutputFormat",
        ["outputQuality"] = "OutputQuality",
        ["outputType"] = "OutputType",
        ["positivePrompt"] = "Prompt",
        ["quality"] = "Quality",
        ["referenceImages"] = "ReferenceImage",
        ["scheduler"] = "Scheduler",
        ["seed"] = "Seed",
        ["seedImage"] = "SeedImage",
        ["steps"] = "Steps",
        ["strength"] = "Strength",
        ["taskUUID"] = "TaskUuid",
        ["ttl"] = "TimeToLive",
        ["uploadEndpoint"] = "UploadEndpoint",
        ["webhookURL"] = "WebhookUrl",
        ["width"] = "Width",
    };

    /// <summary>Throws for the first thing that is wrong. Beyond the prompt, a model outside the catalog goes unchecked.</summary>
    public static void Check(ImageRequest request, JsonObject wire)
    {
        RequirePrompt(request.Prompt);
        if (wire["uploadEndpoint"] is not null && wire.Integer("numberResults") is > 1 and var count)
        {
            throw RunwareException.Invalid(ErrorCodes.UploadEndpointNeedsSingleResult, "UploadEndpoint",
                FormattableString.Invariant($"UploadEndpoint is given with Count {count}: each result would overwrite the last."));
        }

        if (request.SkipValidation || request.ModelInfo is not { } model)
        {
            return;
        }

        RequireUrl(wire);
        var finding = model.Check(wire).FirstOrDefault();
        if (finding is null or { Path: "outputFormat", Kind: FindingKind.Missing or FindingKind.Incompatible })
        {
            RequireAlpha(wire, model);
        }

        if (finding is not null)
        {
            var parameter = Parameter(request, finding);
            throw new RunwareException(ErrorCodes.ParameterOutOfRange, RunwareErrorCategory.Validation, Say(finding, parameter))
            {
                Parameter = parameter,
                AdditionalData = Facts(finding),
            };
        }
    }

    // A key that the model doesn't have is named by the parameter that brought it, a bad value by the parameter that is meant for it.
    private static string Parameter(ImageRequest request, Finding finding)
    {
        const string Additional = "AdditionalParameter";
        return finding.Kind == FindingKind.Unknown && request.Additional?.At(finding.Path) is not null
            ? Additional
            : s_parameters.GetValueOrDefault(finding.Path[(finding.Path.LastIndexOf('.') + 1)..], Additional);
    }

    /// <summary>Of a record that has no prompt nothing else is worth looking at.</summary>
    public static void RequirePrompt([NotNull] string? prompt)
    {
        if (string.IsNullOrWhiteSpace(prompt))
        {
            throw RunwareException.Invalid(ErrorCodes.PromptMissing, "Prompt",
                "The prompt is missing or blank. Specify text, or an object with text in a property named Prompt or positivePrompt.");
        }
    }

    // Whatever the model: what is returned in the response isn't kept at a URL.
    private static void RequireUrl(JsonObject wire)
    {
        if (wire.ContainsKey("ttl") && wire.Text("outputType") is { } type and not "URL")
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, "TimeToLive", $"TimeToLive can't be given with OutputType {type}.");
        }
    }

    private static void RequireAlpha(JsonObject wire, ModelInfo model)
    {
        if (wire.Option(model, "background") != "transparent" || model.AlphaFormats is not { } formats)
        {
            return;
        }

        var given = wire.Text("outputFormat");
        var format = given ?? model.Parameters.GetValueOrDefault("outputFormat")?.Default ?? "";
        if (!formats.Contains(format, StringComparer.Ordinal))
        {
            throw RunwareException.Invalid(ErrorCodes.TransparencyNeedsAlpha, "OutputFormat",
                $"A transparent background needs a format with alpha, and OutputFormat is {format}{(given is null ? " by default" : "")}; "
                + $"allowed are {string.Join(", ", formats)}.");
        }
    }

    private static string Say(Finding finding, string parameter) =>
        parameter == "AdditionalParameter" ? finding.Message
        : QuotedPath().Replace(finding.Message, match => s_parameters.GetValueOrDefault(match.Groups["name"].Value, match.Value));

    private const RegexOptions Options = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"'(?:[A-Za-z]+\.)*(?<name>[A-Za-z]+)'", Options, matchTimeoutMilliseconds: 1000)]
    private static partial Regex QuotedPath();

    /// <summary>What a finding says in numbers and lists, as the API says it.</summary>
    public static Hashtable Facts(Finding finding)
    {
        var facts = new Hashtable(StringComparer.OrdinalIgnoreCase);
        if (finding.Min is { } min)
        {
            facts["min"] = AsNumber(min);
        }

        if (finding.Max is { } max)
        {
            facts["max"] = AsNumber(max);
        }

        if (finding.AllowedValues is { } allowed)
        {
            facts["allowedValues"] = allowed.ToArray();
        }

        return facts;
    }

    // As the API's own errors have it: a whole number is an integer.
    private static object AsNumber(decimal value) => decimal.IsInteger(value) ? (long)value : value;
}
