using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>Where a field of <see cref="GenerationMetadata"/> is used, beside the journal, which has all fields.</summary>
[Flags]
internal enum FieldUse
{
    Any = 0,

    /// <summary>In the metadata of files and in sidecars.</summary>
    File = 1,

    /// <summary>As a token of file names.</summary>
    Token = 2,

    /// <summary>As a parameter of the command that generates it again.</summary>
    Rerun = 4,
    All = File | Token | Rerun,
}

/// <summary>One field of <see cref="GenerationMetadata"/>, and how it is read and written in each form.</summary>
internal abstract record MetadataField(string Name, FieldUse Use)
{
    /// <summary>The name in JSON.</summary>
    public string JsonName { get; } = JsonNamingPolicy.CamelCase.ConvertName(Name);

    /// <summary>The path in the body of a request; null if it isn't fixed.</summary>
    public string? WireKey { get; init; }

    /// <summary>Another name that rows use.</summary>
    public string? Alias { get; init; }

    public bool Has(FieldUse use) => (Use & use) == use;

    public abstract object? Get(GenerationMetadata metadata);

    /// <summary>The value as text, in the invariant culture; null if it is unknown.</summary>
    public string? TextOf(GenerationMetadata metadata) => Get(metadata) switch
    {
        DateTime time => time.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        var value => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : null,
    };

    /// <summary>Reads a text that <see cref="TextOf"/> wrote. Text of another form is unknown.</summary>
    public abstract void ReadText(GenerationMetadata metadata, string? text);

    /// <summary>Reads a property of an object or a cell of a row.</summary>
    /// <exception cref="RunwareException">It can't be read.</exception>
    public abstract void ReadObject(GenerationMetadata metadata, object? value);

    public abstract void ReadJson(GenerationMetadata metadata, JsonElement value);

    public abstract void WriteJson(Utf8JsonWriter json, GenerationMetadata metadata);

    public abstract void ReadWire(GenerationMetadata metadata, JsonObject body);

    /// <summary>Copies a known value.</summary>
    public abstract void Copy(GenerationMetadata from, GenerationMetadata to);

    public static MetadataField Text(string name, Func<GenerationMetadata, string?> get, Action<GenerationMetadata, string?> set,
        FieldUse use) =>
        new Field<string?>(name, use, get, set)
        {
            FromText = text => text,
            FromObject = ReadValue.Text,
            FromJson = json => json.ValueKind == JsonValueKind.String ? json.GetString() : null,
            FromWire = (body, path) => body.Text(path),
            ToJson = (json, key, value) => json.WriteString(key, value),
        };

    public static MetadataField Integer(string name, Func<GenerationMetadata, int?> get, Action<GenerationMetadata, int?> set,
        FieldUse use) =>
        new Field<int?>(name, use, get, set)
        {
            FromText = text => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null,
            FromObject = ReadValue.Integer,
            FromJson = json => json.ValueKind == JsonValueKind.Number && json.TryGetInt32(out var number) ? number : null,
            FromWire = (body, path) => body.Integer(path),
            ToJson = (json, key, value) => json.WriteNumber(key, value!.Value),
        };

    public static MetadataField Long(string name, Func<GenerationMetadata, long?> get, Action<GenerationMetadata, long?> set, FieldUse use)
    {
        static long? Parse(string? text) =>
            long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

        return new Field<long?>(name, use, get, set)
        {
            FromText = Parse,
            FromObject = value => Parse(ReadValue.Text(value)),
            FromJson = json => json.ValueKind == JsonValueKind.Number && json.TryGetInt64(out var number) ? number : null,
            FromWire = (body, path) =>
                body.Number(path) is { } number && number == decimal.Truncate(number) ? Parse(ReadValue.Text(number)) : null,
            ToJson = (json, key, value) => json.WriteNumber(key, value!.Value),
        };
    }

    /// <summary>A decimal number, kept exactly.</summary>
    public static MetadataField Number(string name, Func<GenerationMetadata, decimal?> get, Action<GenerationMetadata, decimal?> set,
        FieldUse use) =>
        new Field<decimal?>(name, use, get, set)
        {
            FromText = text => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null,
            FromObject = ReadValue.Cost,
            FromJson = json => json.ValueKind == JsonValueKind.Number && json.TryGetDecimal(out var number) ? number : null,
            FromWire = (body, path) => body.Number(path),
            ToJson = (json, key, value) => json.WriteNumber(key, value!.Value),
        };

    public static MetadataField Id(string name, Func<GenerationMetadata, Guid?> get, Action<GenerationMetadata, Guid?> set, FieldUse use)
    {
        static Guid? Parse(string? text) => Guid.TryParse(text, out var id) && id != Guid.Empty ? id : null;

        return new Field<Guid?>(name, use, get, set)
        {
            FromText = Parse,
            FromObject = value => ReadValue.Id(value) is { } id && id != Guid.Empty ? id : null,
            FromJson = json => json.ValueKind == JsonValueKind.String ? Parse(json.GetString()) : null,
            FromWire = (body, path) => Parse(body.Text(path)),
            ToJson = (json, key, value) => json.WriteString(key, value!.Value),
        };
    }

    /// <summary>A time in UTC. A time without a zone could be any of 26: then it is unknown.</summary>
    public static MetadataField Time(string name, Func<GenerationMetadata, DateTime?> get, Action<GenerationMetadata, DateTime?> set,
        FieldUse use)
    {
        static DateTime? Utc(DateTime time) => time.Kind == DateTimeKind.Unspecified ? null : time.ToUniversalTime();

        string[] formats = ["yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"];
        return new Field<DateTime?>(name, use, get, set)
        {
            FromText = text => DateTime.TryParseExact(
                text?.Trim(), formats, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var time) ? Utc(time) : null,
            FromObject = ReadValue.Time,
            FromJson = json => json.ValueKind == JsonValueKind.String && json.TryGetDateTime(out var time) ? Utc(time) : null,
            FromWire = (_, _) => null,
            ToJson = (json, key, value) => json.WriteString(key, value!.Value),
        };
    }

    private sealed record Field<T>(string Name, FieldUse Use, Func<GenerationMetadata, T> Read, Action<GenerationMetadata, T> Write)
        : MetadataField(Name, Use)
    {
        public required Func<string?, T> FromText { get; init; }

        public required Func<object?, T> FromObject { get; init; }

        public required Func<JsonElement, T> FromJson { get; init; }

        public required Func<JsonObject, string, T> FromWire { get; init; }

        public required Action<Utf8JsonWriter, string, T> ToJson { get; init; }

        public override object? Get(GenerationMetadata metadata) => Read(metadata);

        public override void ReadText(GenerationMetadata metadata, string? text) => Write(metadata, FromText(text));

        public override void ReadObject(GenerationMetadata metadata, object? value) => Write(metadata, FromObject(value));

        public override void ReadJson(GenerationMetadata metadata, JsonElement value) => Write(metadata, FromJson(value));

        public override void ReadWire(GenerationMetadata metadata, JsonObject body) => Write(metadata, FromWire(body, WireKey!));

        public override void WriteJson(Utf8JsonWriter json, GenerationMetadata metadata)
        {
            if (Read(metadata) is { } value)
            {
                ToJson(json, JsonName, value);
            }
        }

        public override void Copy(GenerationMetadata from, GenerationMetadata to)
        {
            if (Read(from) is { } value)
            {
                Write(to, value);
            }
        }
    }
}
