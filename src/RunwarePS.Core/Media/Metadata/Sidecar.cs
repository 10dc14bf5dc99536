using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace RunwarePS.Media.Metadata;

/// <summary>Provenance in a JSON file beside the image: for programs that don't read XMP, and for images that must not change.</summary>
internal static class Sidecar
{
    public const string Extension = ".json";

    /// <summary>Names the program that a file belongs to: others write JSON files of the same name, with a prompt or a size in them.</summary>
    private const string ToolProperty = "creatorTool";

    private const string ToolName = "RunwarePS ";

    /// <summary>Many times what a sidecar with the longest prompt takes.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Writes a sidecar. One that says the same of the same image already is left alone.</summary>
    /// <exception cref="IOException">Another file has that name, and it isn't to be overwritten.</exception>
    public static async Task WriteAsync(string path, Provenance image, bool overwrite, CancellationToken cancellationToken)
    {
        using var file = AtomicFile.CreateTemporary(Path.GetDirectoryName(path)!);
        try
        {
            var json = ToJson(image);
            await JsonSerializer.SerializeAsync(file, json, SidecarJson.Default.JsonObject, cancellationToken).ConfigureAwait(false);
            if (overwrite)
            {
                File.Move(file.Name, path, overwrite: true);
            }
            else
            {
                AtomicFile.MoveToNew(file.Name, path);
            }
        }
        catch (IOException) when (!overwrite && Read(path) is { } there && IsSameImage(there, image))
        {
        }
        finally
        {
            AtomicFile.TryDelete(file.Name);
        }
    }

    /// <summary>Null if there is none, or it belongs to another program.</summary>
    public static Provenance? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var file = ImageFile.OpenRead(path);
            return file.Length <= MaxBytes && JsonNode.Parse(file) is JsonObject json && IsOurs(json)
                ? json.Deserialize(SidecarJson.Default.Provenance)
                : null;
        }
        catch (Exception e) when (e is JsonException or IOException or ArgumentException)
        {
            return null;
        }
    }

    // An image without an ID is known by everything else; one from a property bag was "made" each time it was read.
    private static bool IsSameImage(Provenance there, Provenance image) =>
        image.ImageUuid is null ? there with { CreatedAt = image.CreatedAt } == image : there.ImageUuid == image.ImageUuid;

    private static bool IsOurs(JsonObject json) =>
        json[ToolProperty] is JsonValue value && value.TryGetValue<string>(out var tool)
            && tool.StartsWith(ToolName, StringComparison.Ordinal);

    private static JsonObject ToJson(Provenance image)
    {
        var json = new JsonObject { [ToolProperty] = Xmp.Tool };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(image, SidecarJson.Default.Provenance)!.AsObject())
        {
            json[name] = value?.DeepClone();
        }

        return json;
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Provenance))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class SidecarJson : JsonSerializerContext;
