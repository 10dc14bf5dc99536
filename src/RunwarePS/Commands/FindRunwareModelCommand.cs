using System.Management.Automation;
using System.Text.Json.Nodes;

namespace RunwarePS.Commands;

/// <summary>Searches the models that the API serves, those of the community and your own included.</summary>
[Cmdlet(VerbsCommon.Find, "RunwareModel", HelpUri = HelpLinks.Base + "Find-RunwareModel.md")]
[OutputType(typeof(RunwareModelSummary))]
public sealed class FindRunwareModelCommand : RunwareCmdlet
{
    /// <summary>
    /// Words of the model's name, or a pattern with * and ? for its name or AIR. Source: https://runware.ai/docs/tools/model-search, search.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [TextTransformation(RequiresValue = true)]
    [SupportsWildcards]
    public string? Name { get; set; }

    /// <summary>The kind of model, such as <c>lora</c>. Source: https://runware.ai/docs/tools/model-search, category.</summary>
    [Parameter]
    [TextTransformation(RequiresValue = true)]
    [ArgumentCompleter(typeof(WordCompleter))]
    public string? Category { get; set; }

    /// <summary>The architecture that the model is made for. Source: https://runware.ai/docs/tools/model-search, architecture.</summary>
    [Parameter]
    [TextTransformation(RequiresValue = true)]
    public string? Architecture { get; set; }

    /// <summary>
    /// What the model must be able to do, in the API's words. Source: https://runware.ai/docs/tools/model-search, capabilities.
    /// </summary>
    [Parameter]
    [TextsTransformation]
    public string[]? Capability { get; set; }

    /// <summary>Whose models. Source: https://runware.ai/docs/tools/model-search, visibility.</summary>
    [Parameter]
    [TextTransformation(RequiresValue = true)]
    [ArgumentCompleter(typeof(WordCompleter))]
    public string? Visibility { get; set; }

    /// <summary>How many models to find.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    /// <summary>How many models to omit.</summary>
    [Parameter]
    [IntegerTransformation]
    [ValidateRange(0, int.MaxValue)]
    public int Skip { get; set; }

    private protected override void Begin() =>
        RequireValues(nameof(Category), nameof(Architecture), nameof(Capability), nameof(Visibility), nameof(First));

    private protected override void Process()
    {
        RequireValues(nameof(Name));
        var search = new ModelFinder(Context.Delivery);
        foreach (var model in Stream(cancellationToken => search.FindAsync(Query(), Pattern(), Skip, First, cancellationToken)))
        {
            WriteObject(model);
        }
    }

    // The API knows no wildcards: it's searched for the longest text of a pattern. Brackets are a part of names, such as FLUX.1 [dev].
    private string? Words() => Name?.Split('*', '?').MaxBy(part => part.Trim().Length)!.Trim() is { Length: > 0 } words ? words : null;

    private Func<RunwareModelSummary, bool>? Pattern()
    {
        if (Name?.AsSpan().ContainsAny('*', '?') != true)
        {
            return null;
        }

        var name = Name.Replace("[", "`[", StringComparison.Ordinal).Replace("]", "`]", StringComparison.Ordinal);
        var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        return model => pattern.IsMatch(model.Name ?? "") || pattern.IsMatch(model.Model);
    }

    private JsonObject Query()
    {
        var query = new JsonObject();
        Add("search", Words());
        Add("category", WordCompleter.NormalizeCase(nameof(Category), Category));
        Add("architecture", Architecture);
        Add("capabilities", Capability is null ? null : new JsonArray([.. Capability.Select(c => JsonValue.Create(c))]));
        Add("visibility", WordCompleter.NormalizeCase(nameof(Visibility), Visibility));
        return query;

        void Add(string key, JsonNode? value)
        {
            if (value is not null)
            {
                query[key] = value;
            }
        }
    }
}
