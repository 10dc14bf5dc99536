using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Inference;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>
/// Checks an inference task against its model, its type, and the stored media, and reports the first error in the API's words.
/// </summary>
internal static class TaskCheck
{
    public static TaskError? Check(JsonObject task, InferenceType type, SandboxState state, out ModelInfo? model)
    {
        model = null;
        var error = type.HasModel ? CheckModel(task, type, state, out model) : null;
        return error ?? type.Check(task) ?? state.Media.CheckInputs(task);
    }

    private static TaskError? CheckModel(JsonObject task, InferenceType type, SandboxState state, out ModelInfo? model)
    {
        model = null;
        if (task["model"] is null)
        {
            return TaskError.Missing("model") with { Type = "string" };
        }

        if (task.Text("model") is not { } name)
        {
            return TaskError.Invalid("model", "must be of type string") with { Type = "string" };
        }

        model = ModelCatalog.Default.Find(name);
        if (model is null)
        {
            return type is ImageInference && !state.Models.Contains(name)
                ? new TaskError("modelNotFound", $"There is no model '{name}'.") { Parameters = ["model"] }
                : null;
        }

        if (type.Name != model.TaskType)
        {
            return TaskError.Invalid("taskType", $"must be {model.TaskType} for the model '{name}'") with
            {
                AllowedValues = [model.TaskType],
            };
        }

        // The API too reports one error at a time: the next one shows when this one is fixed. What the module only warns about is an error.
        return model.Check(task).Concat(model.Warnings(task)).FirstOrDefault() is { } finding ? Error(finding, model) : null;
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
        FindingKind.Missing => "missing" + TaskError.Name(finding.Path),
        FindingKind.Incompatible => "incompatibleParameters",
        _ => "invalid" + TaskError.Name(finding.Path),
    };
}
