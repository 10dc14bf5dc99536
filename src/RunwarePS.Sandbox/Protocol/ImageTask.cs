using System.Text.Json;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Pictures;

namespace RunwarePS.Sandbox.Protocol;

/// <summary>An imageInference that was accepted.</summary>
internal sealed class ImageTask : SandboxTask
{
    /// <summary>The sandbox's own choice for a model that doesn't require a size.</summary>
    private const int DefaultEdge = 1024;

    private readonly int _width;
    private readonly int _height;
    private readonly string _outputType;
    private readonly SandboxImageFormat _format;
    private readonly bool _isTransparent;

    /// <param name="id">The sandbox's own, by which addresses of its pictures are made.</param>
    /// <param name="request">A request that passed the model's check.</param>
    /// <param name="model">Whose price and settings it has.</param>
    public ImageTask(Guid id, JsonObject request, ModelInfo model)
        : base(id, request)
    {
        Model = model.Air;
        _width = (int?)request["width"] ?? DefaultEdge;
        _height = (int?)request["height"] ?? DefaultEdge;
        _outputType = (string?)request["outputType"] ?? "URL";
        _format = Enum.Parse<SandboxImageFormat>((string?)request["outputFormat"] ?? nameof(SandboxImageFormat.Jpg), ignoreCase: true);
        _isTransparent = request.Option(model, "background") == "transparent";

        var quality = request.Option(model, "quality");
        Price = model.Price(_width, _height, quality is null or "auto" ? "high" : quality);
    }

    public override string Model { get; }

    /// <summary>USD for one image, where the catalog has it.</summary>
    public override decimal? Price { get; }

    public override string Extension => _format.Extension();

    public override string MediaType => _format.MediaType();

    public override byte[] Render(int index) => new Placeholder(_width, _height, _format, _isTransparent, Prompt, Id, index).Render();

    protected override void WriteOutput(Utf8JsonWriter json, int index, Uri origin)
    {
        json.WriteString("imageUUID", ResultIds[index]);
        switch (_outputType)
        {
            case "base64Data":
                json.WriteBase64String("imageBase64Data", Render(index));
                break;
            case "dataURI":
                json.WriteString("imageDataURI", $"data:{MediaType};base64,{Convert.ToBase64String(Render(index))}");
                break;
            default:
                json.WriteString("imageURL", Address(origin, index));
                break;
        }
    }
}
