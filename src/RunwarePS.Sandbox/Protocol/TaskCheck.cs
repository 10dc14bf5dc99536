using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>Holds a task against the model catalog and says in the API's words what is wrong with it.</summary>
internal static class TaskCheck
{
    private const int MostResults = 20;

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

        model = ModelCatalog.Default.Find(name);
        if (task.Text("taskType") is not TaskTypes.ImageInference and { } type)
        {
            return model is null ? CheckOther(task, type)
                : new TaskError("invalidTaskType", $"'{name}' is no model for {type}.") { Parameters = ["taskType"], AllowedValues = [TaskTypes.ImageInference] };
        }

        if (model is null)
        {
            return new TaskError("modelNotFound", $"There is no model '{name}'.") { Parameters = ["model"] };
        }

        // The API names one thing at a time too: what else is wrong shows when this is put right.
        return model.Check(task).FirstOrDefault() is { } finding ? Error(finding, model) : null;
    }

    // No data of these models is here, so only what holds for all of them is looked at.
    private static TaskError? CheckOther(JsonObject task, string type) =>
        TaskTypes.IsAsyncOnly(type) && task["deliveryMethod"] is not null && task.Text("deliveryMethod") != "async"
            ? new TaskError("invalidDeliveryMethod", $"{type} is delivered asynchronously.") { Parameters = ["deliveryMethod"], AllowedValues = ["async"] }
        : task["numberResults"] is not null && task.Integer("numberResults") is not (>= 1 and <= MostResults)
            ? new TaskError("invalidNumberResults", FormattableString.Invariant($"'numberResults' must be an integer from 1 to {MostResults}.")) { Parameters = ["numberResults"], Min = 1, Max = MostResults }
        : task["includeCost"] is { } cost && cost.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False)
            ? new TaskError("invalidIncludeCost", "'includeCost' must be of type boolean.") { Parameters = ["includeCost"], Type = "boolean" }
        : null;

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
