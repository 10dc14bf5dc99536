using System.Collections;
using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>
/// Reads the keys of a task of any type. A file, bytes or an earlier result can be any value in them; the path of an image can, where
/// the API expects media.
/// </summary>
/// <param name="findFiles">Finds the files that a text names.</param>
/// <param name="parameter">Which parameter takes the keys.</param>
internal sealed class TaskBodyReader(FindFiles findFiles, string parameter)
{
    /// <summary>The keys under which the API takes media. The first holds all media of newer models.</summary>
    private static readonly HashSet<string> s_mediaKeys = new(StringComparer.Ordinal)
    {
        "inputs", "frameImages", "guideImage", "inputAudio", "inputImage", "inputImages", "inputVideo", "maskImage", "referenceImages",
        "seedImage",
    };

    private readonly ReferenceReader _media = new(findFiles, parameter, MediaKind.Any);
    private readonly ReferenceReader _images = new(findFiles, parameter);

    /// <exception cref="RunwareException"><c>ParameterUnreadable</c>, <c>ParameterConflict</c>, or what is wrong with a medium.</exception>
    public JsonObject Read(IDictionary table)
    {
        var body = DictionaryConverter.ToObject(table, parameter, Media);
        foreach (var (key, value) in body.ToList())
        {
            if (s_mediaKeys.Contains(key))
            {
                ReadPaths(value);
            }
        }

        return body;
    }

    private JsonNode? Media(object value) => value switch
    {
        byte[] or FileInfo or RunwareMedia or Uri { IsAbsoluteUri: true, IsFile: true } => _media.ReadOne(value)!.ToNode(),
        RunwareTask { Output: [RunwareMedia only] } => Media(only),
        RunwareTask { Output.Length: > 0 } task => new JsonArray([.. task.Output.OfType<RunwareMedia>().Select(Media)]),
        RunwareTask task => throw TaskView.NoImages(task),
        _ => null,
    };

    // Only what is named like an image and is there is read: any other text is the API's own word, such as an ID or "first".
    private void ReadPaths(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject table:
                table.ToList().ForEach(pair => ReadPaths(pair.Value));
                break;
            case JsonArray list:
                list.ToList().ForEach(ReadPaths);
                break;
            case JsonValue value when value.TryGetValue<string>(out var text) && ImageFormat.IsImageName(text)
                && !text.Contains("://", StringComparison.Ordinal)
                && findFiles(text) is [var file]:
                value.ReplaceWith(_images.ReadOne(new FileInfo(file))!.ToNode());
                break;
        }
    }
}
