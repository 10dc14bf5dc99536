using System.Collections;

namespace RunwarePS;

/// <summary>A model as a search finds it.</summary>
public sealed class RunwareModelSummary
{
    /// <summary>The AIR, which goes to <c>-Model</c>. Source: https://runware.ai/docs/tools/model-search, air.</summary>
    public string Model { get; set; } = "";

    /// <summary>The name for people.</summary>
    public string? Name { get; set; }

    /// <summary>What kind of model it is, such as <c>checkpoint</c> or <c>lora</c>.</summary>
    public string? Category { get; set; }

    /// <summary>The architecture that it's made for; null where the API reports none.</summary>
    public string? Architecture { get; set; }

    /// <summary>What it takes, makes and can do, in the API's words.</summary>
    public string[] Capability { get; set; } = [];

    /// <summary>Which list it's from, such as <c>community</c>.</summary>
    public string? Source { get; set; }

    /// <summary>Who serves it.</summary>
    public string? Provider { get; set; }

    /// <summary>Its version.</summary>
    public string? Version { get; set; }

    /// <summary>What it is, in a sentence.</summary>
    public string? Description { get; set; }

    /// <summary>True for a model that only your organization can use.</summary>
    public bool? IsPrivate { get; set; }

    /// <summary>True for a model that you marked.</summary>
    public bool? IsFavorite { get; set; }

    /// <summary>The words that trigger what it was trained for.</summary>
    public string? PositiveTriggerWords { get; set; }

    /// <summary>An image that it made.</summary>
    public Uri? HeroImage { get; set; }

    /// <summary>What else the server sent.</summary>
    public Hashtable AdditionalData { get; set; } = [];

    /// <summary>An entry of a search; null if it doesn't contain an AIR, which every use of it needs.</summary>
    internal static RunwareModelSummary? From(IDictionary entry)
    {
        var rest = new Hashtable(entry, StringComparer.OrdinalIgnoreCase);
        return Text("air") is not { } air ? null : new RunwareModelSummary
        {
            Model = air,
            Name = Text("name"),
            Category = Text("category"),
            Architecture = Text("architecture"),
            Capability = Take("capabilities") is object[] list ? [.. list.OfType<string>()] : [],
            Source = Text("source"),
            Provider = Text("provider"),
            Version = Text("version"),
            Description = Text("shortDescription"),
            IsPrivate = Take("private") as bool?,
            IsFavorite = Take("isFavorite") as bool?,
            PositiveTriggerWords = Text("positiveTriggerWords"),
            HeroImage = Uri.TryCreate(Text("heroImage"), UriKind.Absolute, out var image) ? image : null,
            AdditionalData = rest,
        };

        string? Text(string name) => Take(name) as string;

        object? Take(string name)
        {
            var value = rest[name];
            rest.Remove(name);
            return value;
        }
    }

    /// <summary>The AIR.</summary>
    public override string ToString() => Model;
}
