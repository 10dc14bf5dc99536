using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace RunwarePS.Execution;

/// <summary>
/// Searches models page by page, until a page is short: the total that the API reports isn't reliable.
/// Source: https://runware.ai/docs/tools/model-search.
/// </summary>
internal sealed class ModelFinder(TaskExecutor executor)
{
    /// <summary>The largest page that the API documents. A page takes the same time whatever its size.</summary>
    private const int PageSize = 100;

    /// <summary>Finds models.</summary>
    /// <param name="query">The keys of the search.</param>
    /// <param name="isMatch">What the API can't search for; null if it finds what is needed.</param>
    /// <param name="skip">How many models to omit.</param>
    /// <param name="first">How many to find; null for all.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="RunwareException">A page was refused, or its response was lost.</exception>
    public async IAsyncEnumerable<RunwareModelSummary> FindAsync(
        JsonObject query, Func<RunwareModelSummary, bool>? isMatch, int skip, int? first,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The API can omit models only if each model that it finds counts.
        var (offset, omit) = isMatch is null ? (skip, 0) : (0, skip);
        var (seen, found) = (new HashSet<string>(StringComparer.OrdinalIgnoreCase), 0);
        var isLast = false;
        while (!isLast && !(found >= first))
        {
            var limit = isMatch is null && first is { } most ? Math.Min(PageSize, most - found) : PageSize;
            var page = await PageAsync(query, offset, limit, cancellationToken).ConfigureAwait(false);
            offset += page.Length;

            // The order can change between two pages, so a model can come twice. A page without any new one isn't progress.
            var summaries = page.OfType<System.Collections.IDictionary>().Select(RunwareModelSummary.From).OfType<RunwareModelSummary>();
            RunwareModelSummary[] models = [.. summaries.Where(m => seen.Add(m.Model))];
            isLast = page.Length < limit || models.Length == 0;
            foreach (var model in models.Where(m => isMatch?.Invoke(m) != false && omit-- <= 0).Take((first ?? int.MaxValue) - found))
            {
                found++;
                yield return model;
            }
        }
    }

    private async Task<object?[]> PageAsync(JsonObject query, int offset, int limit, CancellationToken cancellationToken)
    {
        var body = (JsonObject)query.DeepClone();
        body["taskType"] = TaskTypes.ModelSearch;
        body["taskUUID"] = Guid.NewGuid().ToString("D");
        body["limit"] = limit;
        if (offset > 0)
        {
            body["offset"] = offset;
        }

        var result = await executor.AnswerAsync(new TaskRequest(body), cancellationToken).ConfigureAwait(false);
        return result.Failures is [var failure, ..] ? throw failure
            : result.Outputs is [{ AdditionalData: var data }, ..] && data["results"] is object?[] results ? results
            : throw RetryPolicy.MissingResponse(Guid.Parse(body.Text("taskUUID")!));
    }
}
