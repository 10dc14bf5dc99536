using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>What the module has to know of a task type. A type that isn't named here is one that generates.</summary>
internal static class TaskTypes
{
    /// <summary>The cmdlet for tasks of any type.</summary>
    public const string AnyTypeCmdlet = "Invoke-RunwareTask";

    public const string AccountManagement = "accountManagement";
    public const string AudioInference = "audioInference";
    public const string Authentication = "authentication";
    public const string Caption = "caption";
    public const string ControlNetPreprocess = "controlNetPreprocess";
    public const string GetResponse = "getResponse";
    public const string GetTaskDetails = "getTaskDetails";
    public const string ImageInference = "imageInference";
    public const string ImageMasking = "imageMasking";
    public const string Inference3D = "3dInference";
    public const string MediaStorage = "mediaStorage";
    public const string ModelSearch = "modelSearch";
    public const string Ping = "ping";
    public const string PromptEnhance = "promptEnhance";
    public const string RemoveBackground = "removeBackground";
    public const string TextInference = "textInference";
    public const string Training = "training";
    public const string Upscale = "upscale";
    public const string Vectorize = "vectorize";
    public const string VideoInference = "videoInference";

    private static readonly HashSet<string> s_utilities = new(StringComparer.Ordinal)
    {
        AccountManagement, GetResponse, GetTaskDetails, MediaStorage, ModelSearch, "modelUpload", Ping,
    };

    /// <summary>All that the API's pages name, for completion.</summary>
    public static readonly string[] All =
    [
        AccountManagement, AudioInference, Caption, ControlNetPreprocess, GetResponse, GetTaskDetails, ImageInference, ImageMasking,
        Inference3D,
        MediaStorage, ModelSearch, "modelUpload", Ping, PromptEnhance, RemoveBackground, TextInference, Training, Upscale, Vectorize,
        VideoInference,
    ];

    /// <summary>
    /// Whether a task is a utility, which generates nothing: it's free, its result is in the response, and it isn't in the journal.
    /// </summary>
    public static bool IsUtility(string? type) => type is not null && s_utilities.Contains(type);

    /// <summary>
    /// Whether a task of the type has a delivery method: the results of utilities are in the response, and those of training never are.
    /// </summary>
    public static bool HasDelivery(string type) => type != Training && !IsUtility(type);

    /// <summary>Whether the ID of such a task is that of another task, which it asks for.</summary>
    public static bool AsksForTask(string type) => type is GetResponse or GetTaskDetails;

    /// <summary>Whether the API refuses the synchronous delivery of such a task: all tasks that generate or read a video.</summary>
    public static bool IsAsyncOnly(string type, JsonObject? body = null) =>
        type is VideoInference || (type is Upscale or RemoveBackground or Caption && body?.At("inputs.video") is not null);

    /// <summary>The operation of Convert-RunwareMedia for tasks of a type.</summary>
    public static string OperationFor(string type) => char.ToUpperInvariant(type[0]) + type[1..];

    /// <summary>The cmdlet for tasks of a type.</summary>
    public static string CmdletFor(string type) => type switch
    {
        ImageInference => "New-RunwareImage",
        VideoInference => "New-RunwareVideo",
        AudioInference => "New-RunwareAudio",
        TextInference => "New-RunwareText",
        Caption or ControlNetPreprocess or ImageMasking or RemoveBackground or Upscale or Vectorize => "Convert-RunwareMedia",
        _ => AnyTypeCmdlet,
    };
}
