using System.Text.Json;

namespace RunwarePS.Media.Metadata;

/// <summary>
/// Metadata in a JSON file beside the saved file: for programs that don't read XMP, and for files that can't hold metadata or must not
/// change.
/// </summary>
internal static class Sidecar
{
    public const string Extension = ".json";

    /// <summary>
    /// Names the program that a file belongs to: others write JSON files of the same name, with a prompt or a size in them.
    /// </summary>
    private const string ToolProperty = "creatorTool";

    private const string ToolName = "RunwarePS ";

    private static readonly JsonWriterOptions s_writing = new() { Indented = true };

    /// <summary>Many times what a sidecar with the longest prompt takes.</summary>
    private const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Writes a sidecar. If it already contains the same data for the same image, it isn't changed.</summary>
    /// <exception cref="IOException">Another file has that name, and it isn't to be overwritten.</exception>
    public static async Task WriteAsync(string path, GenerationMetadata image, bool overwrite, CancellationToken cancellationToken)
    {
        using var file = AtomicFile.CreateTemporary(Path.GetDirectoryName(path)!);
        try
        {
            var json = new Utf8JsonWriter(file, s_writing);
            await using (json.ConfigureAwait(false))
            {
                json.WriteStartObject();
                json.WriteString(ToolProperty, Xmp.Tool);
                image.WriteTo(json, FieldUse.File);
                json.WriteEndObject();
                await json.FlushAsync(cancellationToken).ConfigureAwait(false);
            }

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
    public static GenerationMetadata? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using var file = ImageFile.OpenRead(path);
            using var json = file.Length <= MaxBytes ? JsonDocument.Parse(file) : null;
            return json is not null && IsOurs(json.RootElement)
                && GenerationMetadata.FromJson(json.RootElement) is var metadata && metadata != new GenerationMetadata() ? metadata : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    // Media without an ID are known by everything else; those from a custom object were "made" each time they were read.
    private static bool IsSameImage(GenerationMetadata there, GenerationMetadata image) =>
        image.MediaUuid is null
            ? there with { CreatedAt = image.CreatedAt, InputIndex = image.InputIndex } == image
            : there.MediaUuid == image.MediaUuid;

    private static bool IsOurs(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(ToolProperty, out var tool) && tool.ValueKind == JsonValueKind.String
            && tool.GetString()!.StartsWith(ToolName, StringComparison.Ordinal);
}
