using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>
/// Validates a request against a model's schema and describes each finding: which parameter, what is allowed, and which value was
/// specified. The order is that of the API: unknown keys, missing keys, the prompt, other values, and what keys demand of each other.
/// </summary>
internal sealed class RequestValidator
{
    private readonly string _model;
    private readonly Schema _schema;
    private readonly JsonObject _task;
    private readonly List<(int Order, Finding Finding)> _found = [];
    private int? _rule;

    private RequestValidator(string model, Schema schema, JsonObject task) => (_model, _schema, _task) = (model, schema, task);

    /// <summary>Everything that is wrong with a task, the first thing to fix first.</summary>
    /// <param name="model">The model's name for messages.</param>
    /// <param name="schema">The model's rules.</param>
    /// <param name="task">The task.</param>
    public static IEnumerable<Finding> Validate(string model, Schema schema, JsonObject task)
    {
        var validator = new RequestValidator(model, schema, task);
        validator.Walk(schema, task, path: "", Cause.None);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (order, finding) in validator._found.OrderBy(f => f.Order))
        {
            // A key that is wrong by itself isn't held against others too.
            if (order < Order.Rule ? known.Add(finding.Path) : !finding.Paths.Any(known.Contains))
            {
                known.UnionWith(order < Order.Rule ? [] : finding.Paths);
                yield return finding;
            }
        }
    }

    private void Walk(Schema schema, JsonNode? value, string path, Cause cause)
    {
        if (schema.Accepts(value) is not false)
        {
            return;
        }

        var before = _found.Count;
        if (schema.IsNever)
        {
            Forbid(new ConditionTerm(path, Value: null), [], cause, value);
        }
        else if (!schema.HasType(value))
        {
            Add(cause, new Finding(path, FindingKind.WrongType,
                Strings.WrongType.With(path, Kind(value), string.Join(" or ", schema.Types)), value));
        }
        else if (!Choose(schema, value, path, cause))
        {
            Single(schema, value, path, cause);
            Keys(schema, value as JsonObject, path, cause);
            Items(schema, value as JsonArray, path, cause);
            Rules(schema, value, path, cause);
        }

        if (_found.Count == before)
        {
            Unnamed(path, value);
        }
    }

    private void Single(Schema schema, JsonNode? value, string path, Cause cause)
    {
        if (!schema.HasValue(value))
        {
            NotAllowed(path, value, SchemaText.Values(schema)!, cause);
        }
        else if (!schema.HasMeasure(value))
        {
            var bounds = SchemaText.BoundsOf(schema, value);
            var allowed = SchemaText.Range(schema, value);
            Add(cause, new Finding(path, cause.IsNone ? FindingKind.OutOfRange : FindingKind.Incompatible,
                (value.AsNumber() is null ? Strings.MeasureOutOfRange.With(path, allowed, cause.AsAddition, SchemaText.Measure(value))
                    : Strings.ValueOutOfRange.With(path, SchemaText.From(allowed), cause.AsAddition, SchemaText.Measure(value))), value)
            {
                Paths = [path, .. cause.Paths],
                Min = bounds.Min,
                Max = bounds.Max,
            });
        }
        else if (!schema.HasForm(value))
        {
            var form = TextFormat.Describe(schema);
            Add(cause, new Finding(path, FindingKind.NotAllowed, form is not null ? Strings.WrongForm.With(path, form)
                : Strings.PatternNotMatched.With(path, SchemaText.Quote(value), schema.Pattern?.ToString() ?? schema.Format), value));
        }
    }

    private void Keys(Schema schema, JsonObject? table, string path, Cause cause)
    {
        if (table is null)
        {
            return;
        }

        foreach (var (key, value) in table)
        {
            var inner = Condition.Join(path, key);
            if (schema.Properties.TryGetValue(key, out var property))
            {
                Walk(property, value, inner, cause);
            }
            else if (schema.IsClosed)
            {
                Unknown(schema, inner, value);
            }
            else if (schema.Additional is not null)
            {
                Walk(schema.Additional, value, inner, cause);
            }
        }

        Missing(schema, table, path, schema.Required, cause);
        foreach (var (key, required) in schema.DependentRequired.Where(d => table.ContainsKey(d.Key)))
        {
            Missing(schema, table, path, required, cause.With(Condition.Join(path, key)));
        }

        foreach (var (key, dependent) in schema.DependentSchemas.Where(d => table.ContainsKey(d.Key)))
        {
            Walk(dependent, table, path, cause.With(Condition.Join(path, key)));
        }
    }

    private void Items(Schema schema, JsonArray? list, string path, Cause cause)
    {
        foreach (var item in schema.Items is null ? [] : list ?? [])
        {
            Walk(schema.Items!, item, path, cause);
        }

        if (list is { Count: > 0 } && schema.Contains is { } contains && list.All(item => contains.Accepts(item) is false))
        {
            Add(cause.InRule, new Finding(path, FindingKind.Incompatible,
                contains.Not is { } not && Condition.Of(not, path) is { } excluded
                    ? Strings.OnlyExcludedItems.With(path, excluded.AsCause) : Strings.RequiredItemMissing.With(path),
                        list));
        }
    }

    private void Rules(Schema schema, JsonNode? value, string path, Cause cause)
    {
        for (var i = 0; i < schema.AllOf.Count; i++)
        {
            _rule = path.Length == 0 && ReferenceEquals(schema, _schema) ? i + 1 : _rule;
            Walk(schema.AllOf[i], value, path, ReferenceEquals(schema, _schema) ? cause.InRule : cause);
        }

        if (schema.Not?.Accepts(value) is true)
        {
            Excluded(schema.Not, value, path, cause.InRule);
        }

        switch (schema.If?.Accepts(value))
        {
            case true when schema.Then is not null:
                Walk(schema.Then, value, path, cause.When(schema.If!, path, value, isMet: true));
                break;
            case false when schema.Else is not null:
                Walk(schema.Else, value, path, cause.When(schema.If!, path, value, isMet: false));
                break;
        }

        _rule = path.Length == 0 && ReferenceEquals(schema, _schema) ? null : _rule;
    }

    /// <summary>
    /// Reports what is wrong if none, or too many, of several alternatives match; false if there are no such alternatives.
    /// </summary>
    private bool Choose(Schema schema, JsonNode? value, string path, Cause cause)
    {
        var parts = schema.AnyOf.Count > 0 ? schema.AnyOf : schema.OneOf;
        if (parts.Count == 0 || (parts.Any(p => p.Accepts(value) is not false) && schema.AnyOf.Count > 0))
        {
            return false;
        }

        var fitting = parts.Count(p => p.Accepts(value) is true);
        if (fitting == 1)
        {
            return false;
        }

        if (value is JsonObject table)
        {
            return ModelSizes.Read(parts) is { } sizes
                ? Size(sizes, table, cause)
                : OneOfKeys(parts, table, path, cause, isExact: schema.OneOf.Count > 0);
        }

        if (fitting == 0 && SchemaText.Alternatives(parts) is { } allowed)
        {
            var numbers = value.AsNumber() is null ? null : parts.FirstOrDefault(p => p.Range != Bounds.None);
            NotAllowed(path, value, SchemaText.Values(schema), cause, allowed, numbers?.Range);
            return true;
        }

        var alike = parts.Where(p => p.HasType(value)
            && (p.Types.Length > 0 || p.Values?.Any(v => JsonFacts.TypeOf(v) == JsonFacts.TypeOf(value)) != false)).ToArray();
        if (fitting == 0 && alike.Length == 1)
        {
            Walk(alike[0], value, path, cause);
            return true;
        }

        if (fitting == 0 && SchemaText.Forms(parts) is { } forms)
        {
            Add(cause,
                new Finding(path, FindingKind.NotAllowed, Strings.ValueOutOfRange.With(path, forms, "", SchemaText.Quote(value)), value));
            return true;
        }

        return false;
    }

    private bool Size(IReadOnlyList<ModelSize> sizes, JsonObject table, Cause cause)
    {
        var (width, height) = (table["width"].AsNumber(), table["height"].AsNumber());
        if (width is null || height is null)
        {
            var (given, missing) = width is null ? ("height", "width") : ("width", "height");
            Add(cause.InRule, new Finding(missing, FindingKind.Missing, $"'{given}' requires '{missing}'.", Value: null));
            return true;
        }

        var with = cause.Except("width", "height");
        Add(cause.InRule, new Finding("width", FindingKind.Incompatible,
            Strings.SizeNotListed.With(width, height, _model, with.AsAddition, ModelSizes.Say(sizes, width.Value, height.Value)),
                    table["width"])
        {
            Paths = ["width", "height", .. with.Paths],
            AllowedValues = [.. sizes.Select(s => s.ToString()).Distinct(StringComparer.Ordinal)],
        });
        return true;
    }

    private bool OneOfKeys(IReadOnlyList<Schema> parts, JsonObject table, string path, Cause cause, bool isExact)
    {
        var conditions = parts.Select(p => Condition.Of(p, path)).ToArray();
        if (Array.Exists(conditions, c => c is null or { Terms.Count: 0 }))
        {
            return parts.FirstOrDefault(p => p.HasType(table) && p.Types.Length > 0) is { } only && WalkInto(only);
        }

        var given = conditions.Where((_, i) => parts[i].Accepts(table) is true).ToArray();
        var names = string.Join(given.Length == 0 && !isExact ? ", " : " and ", conditions.Select(c => c!.AsCause));
        var first = path.Length > 0 ? path : (given.Length > 0 ? given[0]! : conditions[0]!).Terms[0].Path;
        var paths = conditions.SelectMany(c => c!.Paths);
        var count = isExact ? Strings.ExactlyOne : Strings.AtLeastOne;
        Add(cause.InRule, new Finding(first, path.Length == 0 && given.Length == 0 ? FindingKind.Missing : FindingKind.Incompatible,
            path.Length > 0
                ? Strings.KeysOfParameter.With(path, count, names)
                : Strings.KeysOfRequest.With(count, names, cause.AsAddition), At(first))
        {
            Paths = [first, .. paths.Where(p => p != first)],
        });
        return true;

        bool WalkInto(Schema part)
        {
            Walk(part, table, path, cause);
            return true;
        }
    }

    private void Missing(Schema schema, JsonObject table, string path, string[] required, Cause cause)
    {
        foreach (var key in required.Where(k => !table.ContainsKey(k)))
        {
            // What is missing is the inner key where an object is required only to hold it.
            var (missing, inner) = (Condition.Join(path, key), schema.Properties.GetValueOrDefault(key));
            while (inner is { Required: [var next, ..] })
            {
                (missing, inner) = (Condition.Join(missing, next), inner.Properties.GetValueOrDefault(next));
            }

            var allowed = inner is null || cause.IsNone ? null : SchemaText.Values(inner);
            var message = cause.Requires(missing, allowed is null ? "" : " to be " + SchemaText.Or(allowed));
            Add(cause, new Finding(missing, FindingKind.Missing, message, Value: null)
            {
                AllowedValues = allowed,
            });
        }
    }

    private void Excluded(Schema excluded, JsonNode? value, string path, Cause cause)
    {
        if (Condition.Of(excluded, path, value) is { Terms: { Count: > 0 } terms })
        {
            Forbid(terms[0], terms.Skip(1), cause, At(terms[0].Path));
        }
    }

    private void Forbid(ConditionTerm term, IEnumerable<ConditionTerm> others, Cause cause, JsonNode? value)
    {
        cause = cause.With([.. others]);
        var state = term.Value is null ? "used" : term.Value;
        Add(cause.InRule, new Finding(term.Path, FindingKind.Incompatible, $"'{term.Path}' can't be {state}{cause.AsAddition}.", value)
        {
            Paths = [term.Path, .. cause.Paths],
        });
    }

    private void NotAllowed(string path, JsonNode? value, IReadOnlyList<string>? values, Cause cause, IReadOnlyList<string>? allowed = null,
        Bounds? range = null)
    {
        const int Many = 12;
        var list = allowed ?? values!;
        var message = !cause.HasCause && list.Count > Many
            ? Strings.ValueNotListed.With(path, SchemaText.Quote(value), cause.AsAddition, string.Join(", ", list))
            : !cause.HasCause ? Strings.ValueOutOfRange.With(path, SchemaText.Or(list), cause.AsAddition, SchemaText.Quote(value))
            : cause.Requires(path, $" to be {SchemaText.Or(list)}, not {SchemaText.Say(value)}");
        var kind = !cause.IsNone ? FindingKind.Incompatible : range is null ? FindingKind.NotAllowed : FindingKind.OutOfRange;
        Add(cause, new Finding(path, kind, message, value)
        {
            Paths = [path, .. cause.Paths],
            AllowedValues = values,
            Min = range?.Min,
            Max = range?.Max,
        });
    }

    private void Unknown(Schema schema, string path, JsonNode? value)
    {
        const int FewKeys = 8;
        var dot = path.LastIndexOf('.') + 1;
        var hint = KeySuggestion.For(_schema, path, value) is { } key ? " " + Strings.DidYouMean.With(key)
            : dot > 0 && schema.Properties.Count is > 0 and <= FewKeys
            ? " " + Strings.ItsKeys.With(string.Join(", ", schema.Properties.Keys.Select(k => $"'{path[..dot] + k}'")))
            : "";
        _found.Add((Order.Unknown, new Finding(path, FindingKind.Unknown, Strings.ParameterNotOfModel.With(_model, path, hint), value)
        {
            AllowedValues = [.. schema.Properties.Keys.Select(k => path[..dot] + k)],
        }));
    }

    private void Unnamed(string path, JsonNode? value)
    {
        var rule = _rule is { } number ? Strings.DocumentRule.With(number) : Strings.ModelDocument;
        var parameter = path.Length > 0 ? path : (_rule is { } n ? RuleKeys.First(_schema.AllOf[n - 1], _task) : null) ?? _task.First().Key;
        Add(Cause.None.InRule,
            new Finding(parameter, FindingKind.Incompatible, Strings.RuleNotMet.With(parameter, rule), value as JsonValue));
    }

    private void Add(Cause cause, Finding finding) => _found.Add((
        cause.IsRule ? Order.Rule
        : finding.Kind == FindingKind.Missing ? Order.Missing
        : finding.Path == "positivePrompt" ? Order.Prompt
        : Order.Value,
        finding with { Rule = _rule }));

    private static string Kind(JsonNode? value) =>
        value switch { JsonObject => "an object", JsonArray => "a list", _ => SchemaText.Quote(value) };

    private JsonNode? At(string path) => _task.At(path);

    private static class Order
    {
        public const int Unknown = 0;
        public const int Missing = 1;
        public const int Prompt = 2;
        public const int Value = 3;
        public const int Rule = 4;
    }
}
