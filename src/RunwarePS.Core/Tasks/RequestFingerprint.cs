using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace RunwarePS.Tasks;

/// <summary>What a request is recognized by: a hash over what it asks for.</summary>
internal static class RequestFingerprint
{
    private const string IncludeCost = "includeCost";

    /// <summary>The ID, and how results are delivered, which a new signature changes, aren't part of the requested content.</summary>
    private static readonly string[] s_notAskedFor = ["taskUUID", "deliveryMethod", "webhookURL", "uploadEndpoint", IncludeCost];

    /// <summary>A hash over the requested content, without the ID, the delivery and the order of the keys.</summary>
    public static byte[] Of(JsonObject body)
    {
        using var canonical = new PooledBuffer();
        MediaMarks.Write(body, canonical, table => (table == body ? Asked(table) : table).OrderBy(p => p.Key, StringComparer.Ordinal));
        return SHA256.HashData(canonical.Written.Span);
    }

    // Whether the cost is reported makes no other request: it counts as reported.
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Asked(JsonObject body) =>
        body.Where(p => !s_notAskedFor.Contains(p.Key, StringComparer.Ordinal)).Append(KeyValuePair.Create(IncludeCost, (JsonNode?)true));
}
