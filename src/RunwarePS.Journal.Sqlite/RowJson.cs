using System.Text.Json.Serialization;

namespace RunwarePS.Journal.Sqlite;

/// <summary>What a row of an output holds beside its columns.</summary>
internal sealed record OutputData(long? Seed, bool? NsfwContent);

/// <summary>The JSON in the file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImageFacts))]
[JsonSerializable(typeof(OutputData))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(long[]))]
internal sealed partial class RowJson : JsonSerializerContext;
