using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>Why a rule applies: what the request holds, or doesn't hold.</summary>
internal sealed record Cause
{
    public static readonly Cause None = new();

    /// <summary>What the request holds.</summary>
    private IReadOnlyList<ConditionTerm> Held { get; init; } = [];

    /// <summary>What it would have to hold for the rule not to apply.</summary>
    private Condition? Unless { get; init; }

    /// <summary>Whether it is a rule between keys, not the definition of one.</summary>
    public bool IsRule { get; private init; }

    public bool IsNone => !HasCause && Unless is null;

    public bool HasCause => Held.Count > 0;

    public Cause InRule => IsRule ? this : this with { IsRule = true };

    public IEnumerable<string> Paths => Held.Select(t => t.Path).Distinct(StringComparer.Ordinal);

    /// <summary>After a statement.</summary>
    public string AsAddition => (HasCause ? $" with {Text}" : "") + (Unless is null ? "" : $" unless {Unless.AsClause}");

    private string Text => string.Join(" and ", Held.Select(t => t.AsCause));

    public Cause With(string path) => With(new ConditionTerm(path, Value: null));

    public Cause With(params ConditionTerm[] terms) => this with { Held = [.. Held.Concat(terms).Distinct()], IsRule = true };

    /// <summary>The cause without some keys that the message names anyway.</summary>
    public Cause Except(params string[] paths) =>
        this with { Held = [.. Held.Where(t => !paths.Contains(t.Path, StringComparer.Ordinal))] };

    /// <summary>The cause of what follows a condition that a value meets, or doesn't meet.</summary>
    public Cause When(Schema condition, string path, JsonNode? value, bool isMet)
    {
        // "If not A" is met where A isn't given: the rule holds unless A is given.
        var (inner, isHeld) = condition is { Not: { } not, Required.Length: 0, Properties.Count: 0 } ? (not, !isMet) : (condition, isMet);
        return isHeld ? With([.. Condition.Of(inner, path, value)?.Terms ?? []])
            : (this with { IsRule = true, Unless = Condition.Of(inner, path) ?? Unless });
    }

    /// <summary>That a key is required, as a sentence.</summary>
    /// <param name="path">The key.</param>
    /// <param name="what">What it has to be.</param>
    public string Requires(string path, string what)
    {
        var unless = Unless is null ? "" : " " + Strings.RuleUnless.With(Unless.AsClause);
        return !HasCause ? Strings.RuleRequired.With(path, what, unless)
            : (Held.Count == 1 ? Strings.RuleOneRequires : Strings.RuleSeveralRequire).With(Text, path, what, unless);
    }
}
