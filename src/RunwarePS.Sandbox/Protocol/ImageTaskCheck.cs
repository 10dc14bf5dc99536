using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>Holds an imageInference against the model catalogue and says in the API's words what is wrong with it.</summary>
internal static class ImageTaskCheck
{
    public static TaskError? Check(JsonObject task, out ModelInfo? model)
    {
        model = null;
        if (task["model"] is null)
        {
            return new TaskError("missingModel", "'model' is required.") { Parameters = ["model"], Type = "string" };
        }

        if (task.Text("model") is not { } name)
        {
            return new TaskError("invalidModel", "'model' must be of type string.") { Parameters = ["model"], Type = "string" };
        }

        model = ModelCatalogue.Default.Find(name);
        if (model is null)
        {
            return new TaskError("modelNotFound", $"There is no model '{name}'.") { Parameters = ["model"] };
        }

        // The API names one thing at a time too: what else is wrong shows when this is put right.
        return model.Check(task).FirstOrDefault() is { } finding ? Error(finding, model) : null;
    }

    private static TaskError Error(Finding finding, ModelInfo model) =>
        new(Code(finding), finding.Message)
        {
            Parameters = [.. finding.Paths],
            Type = model.Parameters.GetValueOrDefault(finding.Path)?.Type,
            Min = finding.Min,
            Max = finding.Max,
            AllowedValues = finding.AllowedValues,
            Documentation = model.Documentation is { } page
                ? $"{page}#request-{finding.Path.ToLowerInvariant().Replace('.', '-')}"
                : null,
        };

    private static string Code(Finding finding) => finding.Kind switch
    {
        FindingKind.Unknown => "unsupportedParameter",
        FindingKind.Missing => "missing" + Name(finding.Path),
        FindingKind.Incompatible => "incompatibleParameters",
        _ => "invalid" + Name(finding.Path),
    };

    private static string Name(string path)
    {
        var last = path[(path.LastIndexOf('.') + 1)..];
        return char.ToUpperInvariant(last[0]) + last[1..];
    }
}
