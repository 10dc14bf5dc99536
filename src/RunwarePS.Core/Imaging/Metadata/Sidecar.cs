using System.Text.Json;
using System.Text.Json.Serialization;

namespace RunwarePS.Imaging.Metadata;

/// <summary>Provenance in a JSON file beside the picture, for programs that read no XMP.</summary>
internal static class Sidecar
{
    public const string Extension = ".json";

    public static async Task WriteAsync(string path, Provenance picture, CancellationToken cancellationToken)
    {
        using var file = TemporaryFile.Create(Path.GetDirectoryName(path)!);
        try
        {
            await JsonSerializer.SerializeAsync(file, picture, SidecarJson.Default.Provenance, cancellationToken).ConfigureAwait(false);
            File.Move(file.Name, path, overwrite: true);
        }
        finally
        {
            TemporaryFile.TryDelete(file.Name);
        }
    }

    /// <summary>Null where there is none, or it is somebody else's.</summary>
    public static Provenance? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), SidecarJson.Default.Provenance) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Provenance))]
internal sealed partial class SidecarJson : JsonSerializerContext;
