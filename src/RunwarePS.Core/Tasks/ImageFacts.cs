namespace RunwarePS.Tasks;

/// <summary>What only the request knows of its pictures, and what is written onto each of them.</summary>
internal sealed record ImageFacts
{
    public string? Prompt { get; init; }

    public string? Model { get; init; }

    public int? Width { get; init; }

    public int? Height { get; init; }

    public string? OutputFormat { get; init; }

    public string? Quality { get; init; }

    public string? Background { get; init; }

    public int? InputIndex { get; init; }

    public string? Tag { get; init; }

    public string? RequestHash { get; init; }

    public void WriteOnto(RunwareImage image)
    {
        image.Prompt = Prompt;
        image.Model = Model;
        image.Width = Width;
        image.Height = Height;
        image.OutputFormat = OutputFormat;
        image.Quality = Quality;
        image.Background = Background;
        image.InputIndex = InputIndex;
        image.Tag = Tag;
        image.RequestHash = RequestHash;
    }
}
