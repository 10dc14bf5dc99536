using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Models;

/// <summary>Gets the documents that Runware serves, and keeps them for the user. What can't be read changes nothing.</summary>
internal sealed class ModelUpdater(HttpClient http, ModelSources sources, ModelCatalog catalog, ModelCache cache, TimeProvider clock)
{
    // What is kept of a served document.
    private static readonly string[] s_members = ["info", "components", "requestSchema"];

    private const string Added = nameof(Added);
    private const string Changed = nameof(Changed);
    private const string Removed = nameof(Removed);
    private const string Replaced = nameof(Replaced);
    private const string Unchanged = nameof(Unchanged);

    private static readonly TimeSpan s_lookupTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(100);

    /// <summary>Whether it updates the user's catalog, and not one of a sandbox.</summary>
    public bool IsUsers { get; private init; }

    private string Today => clock.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>
    /// Updates the user's catalog. The documents of a sandbox aren't data about Runware's models, and are kept in a folder of their own.
    /// </summary>
    /// <param name="http">Gets the documents.</param>
    /// <param name="endpoint">The endpoint of the connection; null if there is none.</param>
    public static ModelUpdater Create(HttpClient http, Uri? endpoint)
    {
        if (endpoint is not { IsLoopback: true })
        {
            return new(http, ModelSources.Default, ModelCatalog.Default, new ModelCache(ModelCache.UserFolder), TimeProvider.System)
            { IsUsers = true };
        }

        var folder = ModelCache.UserFolder + "-sandbox";
        return new(http, ModelSources.At(new Uri(endpoint, "/")), ModelCatalog.Load(folder, TimeProvider.System), new ModelCache(folder),
            TimeProvider.System);
    }

    /// <summary>Updates one model.</summary>
    /// <param name="name">Its AIR or slug.</param>
    /// <param name="cancellationToken">Stops it; what is kept stays as it was.</param>
    /// <exception cref="RunwareException"><c>ModelNotFound</c>: neither the catalog nor Runware knows it. Others: the source can't be
    /// read.</exception>
    public async Task<RunwareModelChange> UpdateAsync(string name, CancellationToken cancellationToken)
    {
        var model = catalog.Find(name);
        var stored = model is null ? null : cache.Read(model.Air);
        var (found, url) = await FindAsync(model, name, stored, cancellationToken).ConfigureAwait(false);
        var entry = await EntryAsync(model?.Slug ?? name, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            return model is null
                ? throw new RunwareException(ErrorCodes.ModelNotFound, RunwareErrorCategory.NotFound,
                    Strings.ModelDocumentNotFound.With(url.Host, name))
                    { Parameter = "Model" }
                : Remove(model, entry, url);
        }

        return found.IsUnchanged ? Keep(model!, stored!.Value, entry, url) : Store(found.Root, entry, model, name, found.ETag, url);
    }

    /// <summary>Updates all models, from the list of all schemas and the catalog with prices.</summary>
    /// <exception cref="RunwareException">A list can't be read; nothing was changed.</exception>
    public async IAsyncEnumerable<RunwareModelChange> UpdateAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var bundle = await GetAsync(sources.Bundle, eTag: null, s_timeout, cancellationToken).ConfigureAwait(false);
        var rows = bundle?.Root.Member("inference").Items().Where(r => r.Member("air").AsText() is not null).ToArray() ?? [];
        if (rows.Length == 0)
        {
            throw Unreadable(sources.Bundle, Strings.ModelListMissing);
        }

        var entries = new Dictionary<string, JsonElement>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in await EntriesAsync(cancellationToken).ConfigureAwait(false))
        {
            entries[entry.Member("air").AsText() ?? ""] = entry;
        }

        foreach (var row in rows)
        {
            var air = row.Member("air").AsText()!;
            yield return Store(row, entries.GetValueOrDefault(air), catalog.Find(air), air, eTag: null, sources.Bundle);
        }

        var listed = rows.Select(r => r.Member("air").AsText()!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var model in catalog.Models.Where(m => !listed.Contains(m.Air) && m.Gone is null))
        {
            yield return Remove(model, entries.GetValueOrDefault(model.Air), sources.Bundle);
        }
    }

    /// <summary>The document of a model from where it's served; null where it isn't.</summary>
    private async Task<(Served? Document, Uri Url)> FindAsync(ModelInfo? model, string name, JsonElement? stored,
        CancellationToken cancellationToken)
    {
        var isAir = name.Contains(':', StringComparison.Ordinal);
        if (model is not null || !isAir)
        {
            var url = sources.Document(model?.Slug ?? name);
            var eTag = stored?.Member("url").AsText() == url.AbsoluteUri && stored?.Member("gone").ValueKind == JsonValueKind.Undefined
                ? stored?.Member("eTag").AsText()
                : null;
            var served = await GetAsync(url, eTag, s_timeout, cancellationToken).ConfigureAwait(false);
            if (served is not null || model is null)
            {
                return (served, url);
            }
        }

        var lookup = sources.Resolve(model?.Air ?? name);
        return (await GetAsync(lookup, eTag: null, s_lookupTimeout, cancellationToken).ConfigureAwait(false), lookup);
    }

    // Prices and dates are an extra: an update without them is better than none.
    private async Task<JsonElement> EntryAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await GetAsync(sources.Entry(name), eTag: null, s_timeout, cancellationToken).ConfigureAwait(false))?.Root ?? default;
        }
        catch (RunwareException)
        {
            return default;
        }
    }

    private async Task<IEnumerable<JsonElement>> EntriesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var list = (await GetAsync(sources.Entries, eTag: null, s_timeout, cancellationToken).ConfigureAwait(false))?.Root ?? default;
            return list.ValueKind == JsonValueKind.Array ? list.Items() : list.Member("items").Items();
        }
        catch (RunwareException)
        {
            return [];
        }
    }

    private RunwareModelChange Store(JsonElement served, JsonElement entry, ModelInfo? model, string name, string? eTag, Uri url)
    {
        var stored = model is null ? null : cache.Read(model.Air);
        entry = entry.ValueKind == JsonValueKind.Object ? entry : stored?.Member("entry") ?? default;
        var document = new JsonObject();
        foreach (var member in s_members.Where(m => served.Member(m).ValueKind == JsonValueKind.Object))
        {
            document[member] = JsonObject.Create(served.Member(member));
        }

        // The list of all schemas doesn't contain modes and prices; those of an earlier update remain valid.
        if (!document.ContainsKey("info") && stored?.Member("document").Member("info") is { ValueKind: JsonValueKind.Object } info)
        {
            document["info"] = JsonObject.Create(info);
        }

        var read = ModelDocument.Read(document.Count == 0 ? served : ToElement(document))
            ?? throw Unreadable(url, Strings.RequestSchemaMissing);
        var air = model?.Air ?? read.Air ?? entry.Member("air").AsText() ?? name;
        var type = model?.TaskType ?? read.TaskType ?? throw Unreadable(url, Strings.ModelTaskTypeMissing);
        var content = Header(air, model?.Slug ?? read.Slug ?? served.Member("slug").AsText() ?? name, type, url);
        content["eTag"] = eTag;
        content["entry"] = entry.ValueKind == JsonValueKind.Object ? JsonObject.Create(entry) : null;
        content["document"] = document.Count == 0 ? JsonObject.Create(served) : document;

        var before = model?.Document;
        var isSame = before is not null && !before.IsKeyTable && before.Signature == read.Signature && before.Gone is null
            && (before.Entry.ValueKind == JsonValueKind.Object ? IsSame(before.Entry, entry) : IsNoNews(before, entry));
        cache.Write(air, content);
        var replacedBy = entry.Member("replacedBy").AsText();
        return Change(content, entry, url, read.Schema.Unread, model is null
            ? Added
            : replacedBy is not null && model.ReplacedBy != replacedBy ? Replaced
            : isSame ? Unchanged
            : Changed);
    }

    /// <summary>The document is as it was; only its entry and its date can be new.</summary>
    private RunwareModelChange Keep(ModelInfo model, JsonElement stored, JsonElement entry, Uri url)
    {
        entry = entry.ValueKind == JsonValueKind.Object ? entry : stored.Member("entry");
        var content = JsonObject.Create(stored)!;
        content["entry"] = entry.ValueKind == JsonValueKind.Object ? JsonObject.Create(entry) : null;
        content["asOf"] = Today;
        var isSame = IsSame(stored.Member("entry"), entry);
        var replacedBy = entry.Member("replacedBy").AsText();
        cache.Write(model.Air, content);
        return Change(content, entry, url, model.UncheckedRules, replacedBy is not null && model.ReplacedBy != replacedBy
            ? Replaced
            : isSame ? Unchanged
            : Changed);
    }

    /// <summary>
    /// Notes that a model is no longer served. Its data is kept: requests of a model that is served again are still checked.
    /// </summary>
    private RunwareModelChange Remove(ModelInfo model, JsonElement entry, Uri url)
    {
        var content = Header(model.Air, model.Slug, model.TaskType, url);
        var document = model.Document;
        content["gone"] = Today;
        content["asOf"] = document?.AsOf;
        content["isKeyTable"] = document is not { IsKeyTable: false };
        content["entry"] = entry.ValueKind == JsonValueKind.Object
            ? JsonObject.Create(entry)
            : document?.Entry is { ValueKind: JsonValueKind.Object } known ? JsonObject.Create(known)
            : null;
        content["document"] = document is null ? new JsonObject { ["properties"] = new JsonObject() } : JsonObject.Create(document.Source);
        cache.Write(model.Air, content);
        var successor = entry.Member("replacedBy").AsText() ?? model.ReplacedBy;
        return Change(content, entry, url, unread: 0, successor is null ? Removed : Replaced, successor);
    }

    private JsonObject Header(string air, string slug, string taskType, Uri url) => new()
    {
        ["schemaVersion"] = ModelCache.Version,
        ["air"] = air,
        ["slug"] = slug,
        ["taskType"] = taskType,
        ["url"] = url.AbsoluteUri,
        ["asOf"] = Today,
    };

    private static RunwareModelChange Change(JsonObject content, JsonElement entry, Uri url, int unread, string change,
        string? successor = null) =>
        new()
    {
        Model = (string)content["air"]!,
        Slug = (string)content["slug"]!,
        Change = change,
        ReplacedBy = successor ?? entry.Member("replacedBy").AsText(),
        DeactivatesAt = entry.Member("deactivatesAt").AsText() is { Length: >= 10 } day ? day[..10] : null,
        UncheckedRule = unread,
        Source = url,
    };

    // The shipped documents don't contain an entry: the first one counts as a change only if it has more lifecycle data than they do.
    private static bool IsNoNews(ModelDocument before, JsonElement entry) =>
        entry.ValueKind != JsonValueKind.Object
            || (entry.Member("replacedBy").AsText() is null && entry.Member("deactivatesAt").AsText() is null
            && (entry.Member("status").AsText() ?? before.Status) == before.Status);

    private static bool IsSame(JsonElement before, JsonElement after) =>
        after.ValueKind != JsonValueKind.Object || before.ValueKind == JsonValueKind.Object
            && Array.TrueForAll(["status", "replacedBy", "deactivatesAt", "pricingRates", "pricingMeasured", "pricingExamples"],
                key => IsEqual(before.Member(key), after.Member(key)));

    private static bool IsEqual(JsonElement left, JsonElement right) =>
        left.ValueKind == right.ValueKind && (left.ValueKind == JsonValueKind.Undefined || left.GetRawText() == right.GetRawText());

    private static JsonElement ToElement(JsonObject value) => JsonSerializer.SerializeToElement(value, CatalogJson.Default.JsonObject);

    /// <summary>Gets a JSON document; null for a 404. The content of a 304 response is empty.</summary>
    private async Task<Served?> GetAsync(Uri url, string? eTag, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(timeout);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (eTag is not null && EntityTagHeaderValue.TryParse(eTag, out var tag))
            {
                request.Headers.IfNoneMatch.Add(tag);
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
            {
                return null;
            }

            if (response.StatusCode == HttpStatusCode.NotModified)
            {
                return new Served(default, eTag, IsUnchanged: true);
            }

            if (!response.IsSuccessStatusCode)
            {
                throw new RunwareException(ErrorCodes.HttpStatus, ErrorCatalog.OfStatus((int)response.StatusCode),
                    Strings.ModelDataStatus.With(url, (int)response.StatusCode))
                    { StatusCode = (int)response.StatusCode };
            }

            var body = await response.Content.ReadAsStreamAsync(limit.Token).ConfigureAwait(false);
            var document = await JsonDocument.ParseAsync(body, cancellationToken: limit.Token).ConfigureAwait(false);
            return new Served(document.RootElement, response.Headers.ETag?.ToString(), IsUnchanged: false);
        }
        catch (JsonException e)
        {
            throw Unreadable(url, Strings.ModelDataNotJson, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new RunwareException(ErrorCodes.ConnectionFailed, RunwareErrorCategory.Connection,
                Strings.ModelDataNotReachable.With(url), e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RunwareException(ErrorCodes.RequestTimeout, RunwareErrorCategory.Timeout,
                Strings.ModelDataTimedOut.With(url, timeout.TotalSeconds));
        }
    }

    private static RunwareException Unreadable(Uri url, string why, Exception? inner = null) =>
        new(ErrorCodes.UnreadableReply, RunwareErrorCategory.Server,
            Strings.ModelDataUnreadable.With(url, why), inner);

    private sealed record Served(JsonElement Root, string? ETag, bool IsUnchanged);
}
