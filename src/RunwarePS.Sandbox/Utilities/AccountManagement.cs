using System.Globalization;
using System.Text.Json.Nodes;
using RunwarePS.Sandbox.Protocol;

namespace RunwarePS.Sandbox.Utilities;

/// <summary>Reports the account's balance and details, and its usage of at most 30 days.</summary>
internal sealed class AccountManagement() : UtilityType(
    TaskTypes.AccountManagement, "operation", "startDate", "endDate", "models", "apiKeys", "groupBy", "timezone")
{
    private const decimal InitialBalance = 1000;
    private const int LongestPeriod = 30;
    private const string Details = "getDetails";

    private static readonly string[] s_operations = [Details, "getUsageActivity", "getUsagePerformance", "getUsageErrors"];
    private static readonly string s_organization = "5d6a3e0c-8f21-4c7b-9a54-1b2c3d4e5f60";
    private static readonly string s_key = "0f9e8d7c-6b5a-4948-8372-615049382716";

    public override TaskError? Answer(UtilityCall call)
    {
        call.Add(call.Task.Text("operation") == Details ? DetailsOf(call.State) : new Usage(call).Report());
        return null;
    }

    protected override TaskError? CheckOwn(JsonObject task) =>
        Rule.Required(task, "operation")
        ?? Rule.Among(task, "operation", s_operations)
        ?? (task.Text("operation") == Details ? Rule.Closed(task, path: null, ["taskType", "taskUUID", "operation"]) : CheckUsage(task));

    private static TaskError? CheckUsage(JsonObject task) =>
        Rule.Required(task, "startDate", "endDate")
        ?? CheckDate(task, "startDate")
        ?? CheckDate(task, "endDate")
        ?? CheckPeriod(Date(task, "startDate")!.Value, Date(task, "endDate")!.Value)
        ?? Rule.Texts(task, "models")
        ?? Rule.Texts(task, "apiKeys")
        ?? Rule.Texts(task, "groupBy")
        ?? ((task["groupBy"] as JsonArray)?.FirstOrDefault(g => (string?)g is not ("date" or "model" or "apiKey")) is null ? null
            : TaskError.Invalid("groupBy", "must contain only date, model, and apiKey")
                with { AllowedValues = ["date", "model", "apiKey"] })
        ?? (task.ContainsKey("timezone") && (task.Text("timezone") is not { } zone || !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
            ? TaskError.Invalid("timezone", "must be an IANA time zone name") : null);

    private static TaskError? CheckDate(JsonObject task, string key) =>
        Date(task, key) is null ? TaskError.Invalid(key, "must be a date such as 2026-07-31") : null;

    private static TaskError? CheckPeriod(DateOnly start, DateOnly end) =>
        end < start ? TaskError.Invalid("endDate", "must not be before startDate")
        : end.DayNumber - start.DayNumber >= LongestPeriod
            ? TaskError.Invalid("endDate", "must be at most 30 days after startDate, inclusive") with { Max = LongestPeriod }
        : null;

    private static DateOnly? Date(JsonObject task, string key) =>
        DateOnly.TryParseExact(task.Text(key), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    private static JsonObject DetailsOf(SandboxState state) => new()
    {
        ["operation"] = Details,
        ["organizationName"] = "Sandbox",
        ["organizationUUID"] = s_organization,
        ["balance"] = InitialBalance - state.Tasks.TotalCost(),
        ["team"] = new JsonArray(new JsonObject
        {
            ["name"] = "Sandbox user",
            ["email"] = "user@sandbox.example",
            ["roles"] = new JsonArray("Owner"),
        }),
        ["apiKeys"] = new JsonArray(new JsonObject
        {
            ["apiKey"] = "sand****box",
            ["name"] = "Sandbox",
            ["enabled"] = true,
            ["createdAt"] = "2026-01-01T00:00:00Z",
        }),
        ["usage"] = new JsonObject
        {
            ["today"] = Spent(state, 1),
            ["last7Days"] = Spent(state, 7),
            ["last30Days"] = Spent(state, 30),
            ["total"] = Spent(state, days: null),
        },
    };

    private static JsonObject Spent(SandboxState state, int? days)
    {
        var recent = state.Tasks.Generations.Snapshot().Where(g => days is null || g.At > state.Now.Date.AddDays(1 - days.Value)).ToList();
        return new JsonObject { ["credits"] = recent.Sum(g => g.Cost ?? 0), ["requests"] = recent.Count };
    }

    /// <summary>One usage report: a table for each value of groupBy, and what all rows add up to.</summary>
    private sealed class Usage
    {
        private readonly JsonObject _task;
        private readonly List<(string Date, string Model, decimal? Cost, int Count, int? Error)> _events;

        public Usage(UtilityCall call)
        {
            _task = call.Task;
            var zone = call.Task.Text("timezone") is { } id ? TimeZoneInfo.FindSystemTimeZoneById(id) : TimeZoneInfo.Utc;
            var (start, end) = (Date(_task, "startDate")!.Value, Date(_task, "endDate")!.Value);
            var models = (_task["models"] as JsonArray)?.Select(m => (string?)m).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var isKnownKey = _task["apiKeys"] is not JsonArray keys || keys.Any(k => (string?)k == s_key);
            _events =
            [
                .. from e in call.State.Tasks.Generations.Snapshot().Select(g => (g.At, g.Model, g.Cost, g.Count, Error: (int?)null))
                       .Concat(call.State.Errors.Snapshot().Select(e =>
                           (e.At, Model: e.Model ?? "", Cost: (decimal?)null, Count: 0, Error: (int?)e.Status)))
                   let date = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(e.At, zone))
                   where isKnownKey && date >= start && date <= end && (models is null || models.Contains(e.Model))
                   select (date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), e.Model, e.Cost, e.Count, e.Error),
            ];
        }

        public JsonObject Report()
        {
            var usage = new JsonObject();
            foreach (var group in (_task["groupBy"] as JsonArray)?.Select(g => (string)g!) ?? ["date"])
            {
                var rows = _events.GroupBy(e => group switch { "date" => e.Date, "model" => e.Model, _ => s_key }, StringComparer.Ordinal)
                    .OrderBy(g => g.Key, StringComparer.Ordinal)
                    .Select(g => Row(group, g.Key, [.. g]));
                usage[group == "date" ? "timeseries" : group] =
                    new JsonObject { ["data"] = new JsonArray([.. rows]), ["meta"] = Figures([.. _events], isTotal: true) };
            }

            return new JsonObject
            {
                ["operation"] = _task.Text("operation"),
                ["startDate"] = _task.Text("startDate"),
                ["endDate"] = _task.Text("endDate"),
                ["usage"] = usage,
            };
        }

        private JsonObject Row(string group, string key, (string Date, string Model, decimal? Cost, int Count, int? Error)[] events)
        {
            var row = new JsonObject { [group] = key };
            if (group == "model")
            {
                row["modelName"] = ModelCatalog.Default.Find(key)?.Name ?? key;
            }

            foreach (var (name, value) in Figures(events, isTotal: false))
            {
                row[name] = value?.DeepClone();
            }

            return row;
        }

        private JsonObject Figures((string Date, string Model, decimal? Cost, int Count, int? Error)[] events, bool isTotal)
        {
            var errors = events.Count(e => e.Error is not null);
            return _task.Text("operation") switch
            {
                "getUsageActivity" => new JsonObject
                {
                    [isTotal ? "totalRequests" : "count"] = events.Length - errors,
                    [isTotal ? "totalSpend" : "spend"] = events.Sum(e => e.Cost ?? 0),
                },
                "getUsageErrors" when isTotal => new JsonObject
                {
                    ["totalErrors"] = errors,
                    ["errorRate"] = events.Length == 0 ? 0 : 100m * errors / events.Length,
                },
                "getUsageErrors" => new JsonObject
                {
                    ["clientErrors"] = events.Count(e => e.Error < 500),
                    ["serverErrors"] = events.Count(e => e.Error >= 500),
                },
                _ => new JsonObject
                {
                    [isTotal ? "totalRequests" : "count"] = events.Length - errors,
                    ["avgInferenceTime"] = null,
                    ["p90InferenceTime"] = null,
                },
            };
        }
    }
}
