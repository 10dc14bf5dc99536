namespace RunwarePS.Sandbox.Documents;

/// <summary>Names of capabilities: plain in documents, with a prefix in the catalog and in searches.</summary>
internal static class ModelCapability
{
    private static readonly string[] s_forms = ["checkpoint", "embeddings", "lora", "lycoris", "vae"];
    private static readonly string[] s_features = ["audio", "transparency"];

    public static string WithPrefix(string capability) => Prefix(capability) + capability;

    /// <summary>What a model makes: <c>image</c>, <c>video</c>, <c>audio</c>, <c>text</c> or <c>3d</c>.</summary>
    public static string Category(string taskType, IEnumerable<string> capabilities) => taskType switch
    {
        TaskTypes.ImageInference => "image",
        TaskTypes.VideoInference => "video",
        TaskTypes.AudioInference => "audio",
        TaskTypes.TextInference or TaskTypes.Caption or TaskTypes.PromptEnhance => "text",
        TaskTypes.Inference3D => "3d",
        _ => capabilities.Any(c => c.EndsWith("-to-video", StringComparison.Ordinal)) ? "video" : "image",
    };

    private static string Prefix(string capability) =>
        capability.Contains("-to-", StringComparison.Ordinal) ? "io:"
        : s_forms.Contains(capability) ? "form:"
        : s_features.Contains(capability) ? "feat:"
        : "op:";
}
