using System.Collections;
using System.Text.RegularExpressions;

namespace RunwarePS.Tasks;

/// <summary>The checks that cost nothing: the catalog's findings about a request, in terms of the cmdlet's parameters.</summary>
/// <param name="task">The request.</param>
/// <param name="places">The parameters of the cmdlet with the key of each, and whether the user specified it.</param>
/// <param name="rest">The parameter that takes all other keys.</param>
internal sealed partial class ParameterCheck(TaskRequest task, IEnumerable<(RequestKey Key, string Path, bool IsGiven)> places,
    string rest)
{
    private static readonly Dictionary<string, string> s_own = new(StringComparer.Ordinal)
    { ["model"] = "Model", ["taskType"] = "TaskType", ["taskUUID"] = "TaskUuid" };

    /// <summary>Throws for the first thing that is wrong. A model outside the catalog goes unchecked.</summary>
    /// <param name="words">The parameter with the prompt or text; null if there is none.</param>
    public void Check(string? words)
    {
        if (task.ModelInfo is not { } model)
        {
            return;
        }

        RequireUrl();
        var finding = model.Check(task.Body).FirstOrDefault();
        if (finding is null or { Path: "outputFormat", Kind: FindingKind.Missing or FindingKind.Incompatible })
        {
            RequireAlpha(model);
        }

        if (finding is not null)
        {
            var inputs = finding is { Path: "inputs", Kind: FindingKind.Missing } ? Inputs(model) : [];
            var parameter = inputs is [var input, ..] ? input : Parameter(finding);
            var isPrompt = finding.Kind == FindingKind.Missing && parameter == words;
            var code = isPrompt ? ErrorCodes.PromptMissing : ErrorCodes.ParameterOutOfRange;
            var message = inputs is [] ? Say(finding, parameter) : Strings.InputsMissing.With(model.Air, string.Join(", ", inputs));
            throw new RunwareException(code, RunwareErrorCategory.Validation, message)
            {
                Parameter = parameter,
                AdditionalData = Facts(finding, model),
            };
        }
    }

    // The parameters for media, where the table only has that some are required: those for the known keys of inputs, else all.
    private string[] Inputs(ModelInfo model)
    {
        if (model.Knowledge != ModelKnowledge.Keys)
        {
            return [];
        }

        var media = places.Where(p => p.Key.IsMedia).ToArray();
        var known = Array.FindAll(media, p => model.Inputs.Any(key => p.Path == "inputs." + key));
        return [.. (known is [] ? media : known).Select(p => p.Key.Parameter).Distinct(StringComparer.Ordinal)];
    }

    // A key that the model doesn't have is named by the parameter that brought it, a bad value by the parameter that is meant for it.
    private string Parameter(Finding finding) =>
        Named(finding.Path, givenOnly: true)
            ?? (finding.Kind == FindingKind.Unknown ? null : Named(finding.Path, givenOnly: false) ?? s_own.GetValueOrDefault(finding.Path))
            ?? rest;

    // What is wrong may be an object that holds the key, or a part of the value.
    private string? Named(string path, bool givenOnly) => (
        from place in places
        where (!givenOnly || place.IsGiven) && (place.Path == path || path.StartsWith(place.Path + ".", StringComparison.Ordinal)
            || (givenOnly && place.Path.StartsWith(path + ".", StringComparison.Ordinal)))
        orderby place.IsGiven descending
        select place.Key.Parameter).FirstOrDefault();

    // Whatever the model: what is returned in the response isn't kept at a URL.
    private void RequireUrl()
    {
        if (task.Body.ContainsKey("ttl") && task.Body.Text("outputType") is { } type and not "URL")
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, Named("ttl", givenOnly: false) ?? rest,
                Strings.TimeToLiveNeedsUrl.With(type));
        }
    }

    private void RequireAlpha(ModelInfo model)
    {
        if (task.Body.Option(model, "background") != "transparent" || model.AlphaFormats is not { } formats)
        {
            return;
        }

        var given = task.Body.Text("outputFormat");
        var format = given ?? task.OutputFormat ?? "";
        if (!formats.Contains(format, StringComparer.Ordinal))
        {
            throw RunwareException.Invalid(ErrorCodes.TransparencyNeedsAlpha, "OutputFormat",
                (given is null ? Strings.BackgroundNeedsAlphaByDefault : Strings.BackgroundNeedsAlpha)
                    .With(format, string.Join(", ", formats)));
        }
    }

    private string Say(Finding finding, string parameter) => parameter == rest ? finding.Message
        : QuotedPath().Replace(finding.Message, match =>
            Named(match.Groups["path"].Value, givenOnly: true) ?? Named(match.Groups["path"].Value, givenOnly: false) ?? match.Value);

    private const RegexOptions Options = RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"'(?<path>[A-Za-z]+(?:\.[A-Za-z]+)*)'", Options, matchTimeoutMilliseconds: 1000)]
    private static partial Regex QuotedPath();

    /// <summary>The limits and allowed values of a finding, in the API's terms.</summary>
    private static Hashtable Facts(Finding finding, ModelInfo model)
    {
        var facts = new Hashtable(StringComparer.OrdinalIgnoreCase);
        if (finding.Min is { } min)
        {
            facts["min"] = AsNumber(min);
        }

        if (finding.Max is { } max)
        {
            facts["max"] = AsNumber(max);
        }

        if (finding.AllowedValues is { } allowed)
        {
            facts["allowedValues"] = allowed.ToArray();
        }

        // Whose rule it is and where it comes from, since it can be out of date.
        facts["model"] = model.Air;
        facts["source"] = $"{(model.Knowledge == ModelKnowledge.Full ? "model document" : "table of parameters")} of {model.AsOf}";
        if (finding.Rule is { } rule)
        {
            facts["rule"] = rule;
        }

        return facts;
    }

    // As the API's own errors have it: a whole number is an integer.
    private static object AsNumber(decimal value) => decimal.IsInteger(value) ? (long)value : value;
}
