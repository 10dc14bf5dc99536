using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>The documents that the user has updated: one file per model in a folder of the user's data.</summary>
internal sealed class ModelCache
{
    /// <summary>Names another folder than the user's own.</summary>
    public const string Variable = "RUNWARE_MODEL_PATH";

    /// <summary>The version of the files that this module writes and reads.</summary>
    public const int Version = 1;

    private const string Extension = ".json";

    private readonly string? _folder;
    private readonly Dictionary<string, string> _files = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="folder">The folder, which can be missing; null for none.</param>
    public ModelCache(string? folder)
    {
        _folder = folder;
        foreach (var file in List(folder))
        {
            _files[Decode(Path.GetFileNameWithoutExtension(file))] = file;
        }
    }

    public static string UserFolder =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? Path.GetFullPath(named) : Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "RunwarePS",
            "models");

    /// <summary>The AIRs of the cached models, in lower case.</summary>
    public IEnumerable<string> Airs => _files.Keys;

    public bool Holds(string air) => _files.ContainsKey(air);

    /// <summary>A model's cached file; null where there is none, or it can't be read: it is then as if it weren't there.</summary>
    public JsonElement? Read(string air)
    {
        try
        {
            if (!_files.TryGetValue(air, out var file))
            {
                return null;
            }

            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var root = JsonDocument.Parse(stream).RootElement;
            return root.Member("schemaVersion").AsNumber() <= Version ? root : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes a model's file in one step: a reader sees the old one or the new one.</summary>
    /// <exception cref="RunwareException"><c>SaveFailed</c>.</exception>
    public void Write(string air, JsonObject content)
    {
        try
        {
            Replace(air, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunwareException(ErrorCodes.SaveFailed, RunwareErrorCategory.Unknown, Strings.ModelDataNotWritten.With(air, e.Message), e);
        }
    }

    private void Replace(string air, JsonObject content)
    {
        Directory.CreateDirectory(_folder!);
        AtomicFile.DeleteAbandoned(_folder!);
        var name = Path.Combine(_folder!, FileName(air));
        using var file = AtomicFile.CreateTemporary(_folder!);
        try
        {
            using (var writer = new Utf8JsonWriter(file))
            {
                content.WriteTo(writer);
            }

            file.Flush(flushToDisk: true);
            File.Move(file.Name, name, overwrite: true);
            _files[air] = name;
        }
        catch
        {
            AtomicFile.TryDelete(file.Name);
            throw;
        }
    }

    /// <summary>
    /// The name of a model's file: AIRs in different case are the same model, and a colon isn't allowed in file names everywhere.
    /// </summary>
    public static string FileName(string air)
    {
        var name = new StringBuilder();
        foreach (var unit in Encoding.UTF8.GetBytes(air.ToLowerInvariant()))
        {
            _ = (char)unit is >= 'a' and <= 'z' or >= '0' and <= '9' or '.' or '-' or '_'
                ? name.Append((char)unit) : name.Append(CultureInfo.InvariantCulture, $"~{unit:x2}");
        }

        return name + Extension;
    }

    private static string Decode(string name) => Uri.UnescapeDataString(name.Replace('~', '%'));

    private static string[] List(string? folder)
    {
        try
        {
            return folder is not null && Directory.Exists(folder) ? Directory.GetFiles(folder, "*~3a*" + Extension) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
