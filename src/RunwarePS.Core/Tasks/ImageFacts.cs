namespace RunwarePS.Tasks;

/// <summary>What only the request knows of its results, and what is written onto each of them.</summary>
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

    public void WriteOnto(RunwareOutput output)
    {
        output.Prompt = Prompt;
        output.Model = Model;
        output.InputIndex = InputIndex;
        output.Tag = Tag;
        output.RequestHash = RequestHash;
        if (output is RunwareMedia media)
        {
            media.OutputFormat = OutputFormat;
        }

        if (output is RunwareText { Data: null } text && OutputFormat == "JSON")
        {
            text.ReadData();
        }

        if (output is RunwareImage image)
        {
            image.Width = Width;
            image.Height = Height;
            image.Quality = Quality;
            image.Background = Background;
        }
        else if (output is RunwareVideo video)
        {
            video.Width = Width;
            video.Height = Height;
        }
    }
}
