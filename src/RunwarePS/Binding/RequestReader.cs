using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using System.Reflection;
using System.Text.Json.Nodes;

namespace RunwarePS.Binding;

/// <summary>Reads the parameters of a cmdlet that are keys of a task, and the columns of its rows that no parameter takes.</summary>
internal sealed class RequestReader
{
    private const string AdditionalParameter = "AdditionalParameter";

    private static readonly ConcurrentDictionary<Type, Parameter[]> s_parameters = new();

    private readonly PSCmdlet _cmdlet;
    private readonly Parameter[] _parameters;
    private readonly TaskBodyReader _body;

    public RequestReader(PSCmdlet cmdlet)
    {
        _cmdlet = cmdlet;
        _body = new TaskBodyReader(text => cmdlet.FindFiles(text, literal: true), AdditionalParameter);
        _parameters = s_parameters.GetOrAdd(cmdlet.GetType(), ParametersOf);
    }

    /// <summary>All the parameters, specified or not.</summary>
    public IReadOnlyList<RequestKey> Keys => Array.ConvertAll(_parameters, p => p.Key);

    /// <summary>The values of the cmdlet's parameters.</summary>
    /// <param name="given">Values in the place of those of the parameters.</param>
    /// <param name="cells">The other columns of the row. Media that a parameter could take are taken out of it, and read as those of the
    /// parameter.</param>
    /// <exception cref="RunwareException">The first that can't be read.</exception>
    /// <param name="isSpecified">Whether the user specified a parameter.</param>
    public List<RequestValue> Values(IReadOnlyDictionary<string, object?> given, Hashtable cells, Func<string, bool> isSpecified)
    {
        var values = new List<RequestValue>();
        foreach (var parameter in _parameters)
        {
            var value = given.TryGetValue(parameter.Property.Name, out var other) ? other : parameter.Property.GetValue(_cmdlet);
            if (parameter.Key.IsMedia && Taken(parameter, cells) is { } cell)
            {
                value = value is null ? cell : throw RunwareException.Invalid(ErrorCodes.ParameterConflict, parameter.Key.Parameter,
                    Strings.KeyInInputsToo.With(parameter.Key.Parameter));
            }

            if (Node(parameter, value, isSpecified) is not { } node)
            {
                continue;
            }

            // Parameters with the same keys are one list.
            var list = values.Find(v => v.Key.IsMedia && v.Key.Paths.SequenceEqual(parameter.Key.Paths));
            if (list?.Value is JsonArray there && node is JsonArray more)
            {
                JsonNode?[] items = [.. more];
                more.Clear();
                Array.ForEach(items, there.Add);
            }
            else
            {
                values.Add(new RequestValue(parameter.Key, node) { IsOptional = parameter.Declared.IsOptional });
            }
        }

        return values;
    }

    /// <summary>The keys of a table, with files, bytes and results as media.</summary>
    public JsonObject Read(IDictionary? table) => table is null ? [] : _body.Read(table);

    private static object? Taken(Parameter parameter, Hashtable cells)
    {
        if (Array.Find(parameter.Key.Paths, cells.ContainsKey) is { } dotted)
        {
            var cell = cells[dotted];
            cells.Remove(dotted);
            return cell;
        }

        foreach (var parts in parameter.Key.Paths.Select(p => p.Split('.')).Where(p => p.Length == 2))
        {
            if (cells[parts[0]] is Hashtable table && table[parts[1]] is { } value)
            {
                table.Remove(parts[1]);
                if (table.Count == 0)
                {
                    cells.Remove(parts[0]);
                }

                return value;
            }
        }

        return null;
    }

    private JsonNode? Node(Parameter parameter, object? value, Func<string, bool> isSpecified) => value switch
    {
        null => null,
        SwitchParameter { IsPresent: false } when !parameter.Declared.SendsFalse || !isSpecified(parameter.Property.Name) => null,
        _ when parameter.Key.IsMedia => Media(parameter, value),
        SwitchParameter flag => JsonValue.Create(flag.IsPresent),
        TimeSpan span => JsonValue.Create(Seconds(parameter.Key.Parameter, span)),
        string?[] texts => texts is [{ } text] ? JsonValue.Create(text) : null,
        _ => DictionaryConverter.ToObject(new Hashtable { ["value"] = value }, parameter.Key.Parameter)["value"]?.DeepClone(),
    };

    private JsonArray? Media(Parameter parameter, object? value)
    {
        var reader = new ReferenceReader(text => _cmdlet.FindFiles(text), parameter.Key.Parameter, parameter.Declared.Kind);
        var items = ReferencesTransformationAttribute.Items(value);
        if (items.Length > 1 && !parameter.Property.PropertyType.IsArray)
        {
            throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, parameter.Key.Parameter,
                Strings.SeveralMedia.With(items.Length, parameter.Key.Parameter));
        }

        return items.Length == 0 ? null
            : parameter.Declared.Frame is null && !Array.Exists(items, IsTable)
            ? new JsonArray([.. reader.Read(items).Select(m => m.ToNode())])
            : new JsonArray([.. items.SelectMany(Item)]);

        IEnumerable<JsonNode> Item(object item)
        {
            if (IsTable(item) && DictionaryTransformationAttribute.Plain(item) is IDictionary frame)
            {
                var image = frame["image"] ?? frame["Image"];
                yield return DictionaryConverter.ToObject(
                    frame, parameter.Key.Parameter, v => ReferenceEquals(v, image) ? reader.ReadOne(v)!.ToNode() : null);
                yield break;
            }

            foreach (var medium in reader.Read([item]))
            {
                yield return parameter.Declared.Frame is { } position
                    ? new JsonObject { ["image"] = medium.ToNode(), ["frame"] = position }
                    : medium.ToNode();
            }
        }
    }

    private static bool IsTable(object item) => PropertyReader.Unwrap(item) is IDictionary or PSObject;

    private static int Seconds(string parameter, TimeSpan span) =>
        span.TotalSeconds == Math.Truncate(span.TotalSeconds) && span.TotalSeconds <= int.MaxValue
            ? (int)span.TotalSeconds
            : throw RunwareException.Invalid(ErrorCodes.ParameterOutOfRange, parameter,
                Strings.SecondsNotWhole.With(parameter, span.TotalSeconds));

    private static Parameter[] ParametersOf(Type cmdlet)
    {
        const BindingFlags Flags = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        return [.. from property in cmdlet.GetProperties(Flags)
                   let declared = property.GetCustomAttribute<RequestKeyAttribute>()
                   where declared is not null
                   select new Parameter(property, declared,
                       new RequestKey(declared.Parameter ?? property.Name, declared.Paths, declared.IsMedia))];
    }

    private sealed record Parameter(PropertyInfo Property, RequestKeyAttribute Declared, RequestKey Key);
}
