using System.Text.Json.Nodes;
using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>A request goes into the journal and comes out bit for bit.</summary>
public sealed class JournalRequestTests
{
    public static TheoryData<string> Requests => [.. s_requests.Keys];

    private static readonly Dictionary<string, ImageRequest> s_requests = new(StringComparer.Ordinal)
    {
        ["plain"] = Some.Request(),
        ["all parameters"] = Some.Request("All") with
        {
            Count = 4,
            Background = "transparent",
            OutputType = "DataURI",
            OutputFormat = "PNG",
            OutputQuality = 80,
            CheckContent = true,
            SafetyMode = "fast",
            IncludeCost = false,
            WebhookUrl = new Uri("https://hook.example/x?token=a%20b&c=%C3%A4"),
        },
        ["a prompt that must be escaped"] = Some.Request("\"Füchse\" \\ <b>&'+ \u2028 \u0001 狐 🦊\r\n\t"),
        ["half a character"] = Some.Request("A fox \ud83e"),
        ["all kinds of references"] = Some.Request() with
        {
            ReferenceImages =
            [
                new MediaInput(Some.Picture(1)),
                new MediaInput("https://example.com/fox.png?a=1&b=2"),
                new MediaInput(Some.Picture(2, 100_000)),
                new MediaInput("data:image/png;base64,iVBORw0KGgo="),
                new MediaInput("c64351d5-4c59-42f7-95e1-eace013eddab"),
                new MediaInput(Some.Picture(1)),
            ],
        },
        ["other media"] = Some.Request() with
        {
            Model = "other:1@1",
            NegativePrompt = "sha256:no hash",
            SeedImage = new MediaInput(Some.Picture(3)),
            MaskImage = new MediaInput(Some.Picture(4)),
        },
        ["additional keys of every type"] = Some.Request() with
        {
            Model = "other:1@1",
            Additional = (JsonObject)JsonNode.Parse("""{"CFGScale":7.50,"steps":30,"huge":123456789012345678901234567890,"tiny":1e-7,"on":true,"off":null,"list":[1,"two",[3],{"four":4}],"text":"sha256:no hash","inputs":{"maskImage":"data:image/png;base64,AAAA"}}""")!,
        },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task It_comes_back_as_it_was(string name)
    {
        using var file = new TemporaryJournal();
        var journal = file.Open();
        var task = (s_requests[name] with { TaskUuid = Guid.NewGuid(), Tag = "Tag: ä", InputIndex = 12 }).ToTask();
        var (row, pictures) = JournalRequest.ToRow(task, reserved: null, Some.Seal);
        await journal.BeginAsync(Rows.Mine, row, pictures, dailyCap: null);
        journal.Dispose();

        var kept = (await file.Open().RequestAsync(Rows.Mine, task.TaskUuid)).ShouldNotBeNull();
        var back = JournalRequest.ToTask(row, kept, Some.Seal)!;

        back.Json().ShouldBe(task.Json());
        back.TaskUuid.ShouldBe(task.TaskUuid);
        back.Tag.ShouldBe(task.Tag);
        back.InputIndex.ShouldBe(12);
        back.Expected.ShouldBe(task.Expected);
        back.IsResumed.ShouldBeTrue();
        RequestFingerprint.Of(back.Body).ShouldBe(RequestFingerprint.Of(task.Body));
    }

    [Fact]
    public async Task A_sync_task_comes_back_as_async_and_otherwise_as_it_was()
    {
        using var file = new TemporaryJournal();
        var journal = file.Open();
        var task = Some.Task(async: false);
        var (row, pictures) = JournalRequest.ToRow(task, reserved: null, Some.Seal);
        await journal.BeginAsync(Rows.Mine, row, pictures, dailyCap: null);

        var kept = (await journal.RequestAsync(Rows.Mine, task.TaskUuid)).ShouldNotBeNull();
        var back = JournalRequest.ToTask(row, kept, Some.Seal)!;

        ((string?)back.Body["deliveryMethod"]).ShouldBe("async");
        back.Body.Remove("deliveryMethod");
        back.Json().ShouldBe(task.Json());
    }

    [Fact]
    public void The_request_itself_holds_no_image()
    {
        var picture = Some.Picture(1, 5000);
        var task = (Some.Request() with { ReferenceImages = [new MediaInput(picture), new MediaInput(picture)] }).ToTask();

        var (row, pictures) = JournalRequest.ToRow(task, reserved: null, Some.Seal);

        row.Request!.Length.ShouldBeLessThan(1000);
        var (name, medium) = pictures.ShouldHaveSingleItem();
        Some.Seal.Open(medium(), name).ShouldBe(picture);
    }

    [Fact]
    public void The_row_reports_what_was_asked_for()
    {
        var task = (Some.Request("Two foxes", count: 2) with { Width = 1536, Height = 1024, OutputFormat = "webp", Tag = "night", InputIndex = 3 }).ToTask();

        var row = JournalRequest.ToRow(task, 0.5m, Some.Seal).Row;

        (row.TaskUuid, row.Status, row.TaskType, row.Expected, row.Reserved).ShouldBe((task.TaskUuid, "Pending", "imageInference", 2, 0.5m));
        var facts = row.Metadata;
        (facts.Model, facts.Prompt, facts.Tag, facts.Width, facts.Height, facts.OutputFormat, facts.InputIndex).ShouldBe(("openai:1@1", "Two foxes", "night", 1536, 1024, "WEBP", 3));
    }

    [Fact]
    public void Media_come_back_wherever_they_were_and_texts_that_look_like_them_stay_texts()
    {
        var (first, last) = (new MediaInput(Some.Picture(1)), new MediaInput(Some.Picture(2)));
        var task = new TaskRequest(new JsonObject
        {
            ["taskType"] = "videoInference",
            ["taskUUID"] = Guid.NewGuid().ToString("D"),
            ["positivePrompt"] = "sha256:" + first.ContentHash,
            ["negativePrompt"] = "text:sha256:" + first.ContentHash,
            ["frameImages"] = new JsonArray(first.ToNode(), new JsonObject { ["inputImage"] = last.ToNode() }),
            ["settings"] = new JsonObject { ["deep"] = new JsonArray(new JsonArray(first.ToNode())), ["note"] = "text:" },
        });
        var (row, pictures) = JournalRequest.ToRow(task, reserved: null, Some.Seal);

        var back = JournalRequest.ToTask(row, new KeptRequest(row.Request!, pictures.ToDictionary(p => p.Key, p => p.Value(), StringComparer.Ordinal)), Some.Seal)!;

        pictures.Count.ShouldBe(2);
        back.Json().ShouldBe(task.Json());
        back.RequestHash.ShouldBe(task.RequestHash);
        back.Body["settings"]!["deep"]![0]![0]!.AsValue().TryGetValue<MediaInput>(out _).ShouldBeTrue();
    }

    [Fact]
    public void A_text_that_looks_like_an_image_is_another_request_than_the_image()
    {
        var picture = new MediaInput(Some.Picture(1));

        RequestFingerprint.Of(new JsonObject { ["inputs"] = "sha256:" + picture.ContentHash }).ShouldNotBe(RequestFingerprint.Of(new JsonObject { ["inputs"] = picture.ToNode() }));
    }
}
