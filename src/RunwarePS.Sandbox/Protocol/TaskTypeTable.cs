using RunwarePS.Sandbox.Inference;
using RunwarePS.Sandbox.Utilities;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>The task types that the sandbox knows.</summary>
internal static class TaskTypeTable
{
    /// <summary>Types of earlier versions of the API, and the type that has replaced each.</summary>
    private static readonly Dictionary<string, string> s_replaced = new(StringComparer.Ordinal)
    {
        ["imageBackgroundRemoval"] = TaskTypes.RemoveBackground,
        ["imageCaption"] = TaskTypes.Caption,
        ["imageControlNetPreProcess"] = TaskTypes.ControlNetPreprocess,
        ["imageUpload"] = MediaStorage.TypeName,
        ["imageUpscale"] = TaskTypes.Upscale,
        ["photoMaker"] = TaskTypes.ImageInference,
    };

    public static IReadOnlyList<TaskType> All { get; } =
    [
        new ImageInference(), new VideoInference(), new AudioInference(), new TextInference(), new Inference3D(), new Training(),
        new Upscale(), new RemoveBackground(), new ImageMasking(), new ControlNetPreprocess(), new Vectorize(),
        new Caption(), new PromptEnhance(),
        new MediaStorage(), new ModelSearch(), new ModelUpload(), new AccountManagement(),
        new GetTaskDetails(), new GetResponse(), new Authentication(), new Ping(),
    ];

    public static string[] Names { get; } = [.. All.Select(t => t.Name)];

    public static TaskType? Find(string? name, out TaskError? error)
    {
        var type = All.FirstOrDefault(t => t.Name == name);
        error = type is not null ? null
            : new TaskError("unsupportedTaskType", Message(name)) { Parameters = ["taskType"], AllowedValues = Names };
        return type;
    }

    private static string Message(string? name) =>
        name is not null && s_replaced.TryGetValue(name, out var successor) ? $"The task type '{name}' was replaced by '{successor}'."
            : "This taskType is not supported.";
}
