using System.Text.Json.Nodes;
using RunwarePS.Models;

namespace RunwarePS;

/// <summary>The checks that cost nothing: what the catalogue says about a request, told in the words of the cmdlet.</summary>
internal static class ImageRequestCheck
{
    /// <summary>The PowerShell parameter behind each key of the wire.</summary>
    private static readonly Dictionary<string, string> s_parameters = new(StringComparer.Ordinal)
    {
        ["positivePrompt"] = "Prompt",
        ["width"] = "Width",
        ["height"] = "Height",
        ["model"] = "Model",
        ["numberResults"] = "Count",
        ["outputType"] = "OutputType",
        ["outputFormat"] = "OutputFormat",
        ["outputQuality"] = "OutputQuality",
        ["taskUUID"] = "TaskUuid",
        ["quality"] = "Quality",
        ["background"] = "Background",
    };

    /// <summary>Throws for the first thing the catalogue finds wrong. A model it does not know goes unchecked.</summary>
    public static void Check(ImageRequest request, JsonObject wire)
    {
        if (string.IsNullOrWhiteSpace(request.Prompt))
        {
            throw RunwareException.Invalid(ErrorCodes.PromptMissing, "Prompt", "This record has no prompt.");
        }

        if (ModelCatalogue.Default.Find(request.Model) is not { } model)
        {
            return;
        }

        if (model.Check(wire).FirstOrDefault() is { } finding)
        {
            var parameter = ParameterOf(finding.Path);
            throw new RunwareException(ErrorCodes.ParameterOutOfRange, RunwareErrorCategory.Validation, Say(finding, parameter))
            {
                Parameter = parameter,
                TaskUuid = request.TaskUuid,
                AdditionalData = Facts(finding),
            };
        }

        NeedAlpha(request, model);
    }

    private static void NeedAlpha(ImageRequest request, ModelInfo model)
    {
        if (!"transparent".Equals(request.Background, StringComparison.OrdinalIgnoreCase) || model.AlphaFormats is not { } formats)
        {
            return;
        }

        var format = request.OutputFormat ?? model.Parameters["outputFormat"].Default ?? "";
        if (!formats.Contains(format, StringComparer.OrdinalIgnoreCase))
        {
            throw RunwareException.Invalid(ErrorCodes.TransparencyNeedsAlpha, "OutputFormat",
                $"A transparent background needs a format with alpha, and OutputFormat is {format}{(request.OutputFormat is null ? " by default" : "")}; allowed are {string.Join(", ", formats)}.");
        }
    }

    private static string ParameterOf(string path) => s_parameters.GetValueOrDefault(path[(path.LastIndexOf('.') + 1)..], path);

    private static string Say(Finding finding, string parameter) =>
        finding.Message.Replace($"'{finding.Path}'", parameter, StringComparison.Ordinal);

    private static System.Collections.Hashtable Facts(Finding finding)
    {
        var facts = new System.Collections.Hashtable(StringComparer.OrdinalIgnoreCase);
        if (finding.Value is JsonValue value)
        {
            facts["value"] = value.ToString() is { Length: <= 100 } text ? text : null;
        }

        if (finding.Min is { } min)
        {
            facts["min"] = min;
        }

        if (finding.Max is { } max)
        {
            facts["max"] = max;
        }

        if (finding.AllowedValues is { } allowed)
        {
            facts["allowedValues"] = allowed.ToArray();
        }

        return facts;
    }
}
