namespace RunwarePS.Core.Tests.Api;

/// <summary>One rule reads the results of all task types: what an item holds is said by its fields.</summary>
public sealed class OutputReaderTests
{
    private const string Id = "8c8c8c8c-0003-4000-8000-000000000003";

    private static readonly Guid s_id = Guid.Parse(Id);

    [Theory]
    [InlineData("imageInference", $$"""{"imageUUID":"{{Id}}","imageURL":"https://a.example/1.jpg"}""", typeof(RunwareImage))]
    [InlineData("upscale", $$"""{"imageUUID":"{{Id}}","imageURL":"https://a.example/1.png"}""", typeof(RunwareImage))]
    [InlineData("imageMasking", $$"""{"maskImageUUID":"{{Id}}","maskImageURL":"https://a.example/1.png","detections":[{"x_min":1}]}""", typeof(RunwareImage))]
    [InlineData("controlNetPreprocess", $$"""{"guideImageUUID":"{{Id}}","guideImageURL":"https://a.example/1.png"}""", typeof(RunwareImage))]
    [InlineData("videoInference", $$"""{"videoUUID":"{{Id}}","videoURL":"https://a.example/1.mp4"}""", typeof(RunwareVideo))]
    [InlineData("videoInference", $$"""{"mediaUUID":"{{Id}}","mediaURL":"https://a.example/1.mp4"}""", typeof(RunwareVideo))]
    [InlineData("audioInference", $$"""{"audioUUID":"{{Id}}","audioURL":"https://a.example/1.mp3"}""", typeof(RunwareAudio))]
    [InlineData("mediaStorage", $$"""{"mediaUUID":"{{Id}}"}""", typeof(RunwareMediaReference))]
    [InlineData("3dInference", $$"""{"outputs":{"files":[{"uuid":"{{Id}}","url":"https://a.example/1.glb"}] } }""", typeof(RunwareFile))]
    [InlineData("madeUpTomorrow", $$"""{"videoUUID":"{{Id}}"}""", typeof(RunwareVideo))]
    public async Task Media_are_recognized_by_their_fields(string taskType, string fields, Type kind)
    {
        var result = await ReadAsync(taskType, fields, ",\"cost\":0.5,\"seed\":7,\"newField\":true");

        var media = result.Outputs.ShouldHaveSingleItem().ShouldBeAssignableTo<RunwareMedia>()!;
        media.GetType().ShouldBe(kind);
        (media.Uuid, media.Cost, media.Seed, media.TaskUuid).ShouldBe((s_id, 0.5m, 7L, Talk.A));
        media.AdditionalData["newField"].ShouldBe(true);
        result.Status.ShouldBe(RunwareTaskStatus.Succeeded);
        result.HasEnded(expected: 1).ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"audioBase64Data":"UklGRg=="}""", null)]
    [InlineData("""{"audioDataURI":"data:audio/wav;base64,UklGRg=="}""", "audio/wav")]
    public async Task Data_is_decoded(string field, string? mediaType)
    {
        var audio = (await ReadAsync("audioInference", field)).Outputs.ShouldHaveSingleItem().ShouldBeOfType<RunwareAudio>();

        audio.Bytes.ToArray().ShouldBe("RIFF"u8.ToArray());
        (audio.Base64Data, audio.DataUri).ShouldBe(mediaType is null ? ("UklGRg==", null) : (null, "data:audio/wav;base64,UklGRg=="));
    }

    [Fact]
    public async Task Files_have_a_url_under_either_name_and_the_cost_counts_once()
    {
        var result = await ReadAsync("3dInference", $$"""{"outputs":{"files":[{"uuid":"{{Id}}","url":"https://a.example/1.glb"},{"fileURL":"https://a.example/2.fbx"},{}]},"cost":0.3}""");

        result.Outputs.ShouldAllBe(o => o is RunwareFile);
        result.Outputs.Cast<RunwareFile>().Select(f => f.Url!.OriginalString).ShouldBe(["https://a.example/1.glb", "https://a.example/2.fbx"]);
        result.Outputs.Select(o => o.Index).ShouldBe([0, 1]);
        (result.Cost, result.IsCostKnown, result.Count).ShouldBe((0.3m, true, 1));
    }

    [Fact]
    public async Task A_text_has_what_is_known_of_it()
    {
        var result = await ReadAsync("textInference", """{"text":"a poem","finishReason":"stop","usage":{"totalTokens":12}}""");

        var text = result.Outputs.ShouldHaveSingleItem().ShouldBeOfType<RunwareText>();
        (text.Text, text.FinishReason, text.Usage!["totalTokens"], text.AdditionalData.Count).ShouldBe(("a poem", "stop", 12L, 0));
    }

    [Theory]
    [InlineData("caption", """{"structuredData":{"age":{"min":20}}}""", typeof(RunwareText))]
    [InlineData("training", """{"air":"me:1@1"}""", typeof(RunwareResult))]
    [InlineData("training", """{"status":"success"}""", typeof(RunwareResult))]
    [InlineData("videoInference", """{"outputs":{"id":5}}""", typeof(RunwareResult))]
    [InlineData("accountManagement", """{"balance":5}""", typeof(RunwareResult))]
    public async Task Anything_else_is_a_result_too(string taskType, string fields, Type kind) =>
        (await ReadAsync(taskType, fields)).Outputs.ShouldHaveSingleItem().ShouldBeOfType(kind);

    [Theory]
    [InlineData("videoInference", null)]
    [InlineData("textInference", null)]
    [InlineData("imageMasking", $$"""{"inputImageUUID":"{{Id}}"}""")]
    public async Task Nothing_of_these_and_no_status_is_an_acknowledgment(string taskType, string? fields)
    {
        var result = await ReadAsync(taskType, fields);

        result.Outputs.ShouldBeEmpty();
        (result.Status, result.HasEnded(expected: null)).ShouldBe((RunwareTaskStatus.Submitted, false));
    }

    [Theory]
    [InlineData("processing")]
    [InlineData("pending")]
    [InlineData("queued")]
    [InlineData("scheduled")]
    [InlineData("waiting")]
    public async Task A_task_that_is_in_progress_has_not_ended(string status)
    {
        var result = await ReadAsync("videoInference", $$"""{"status":"{{status}}","progress":40}""");

        (result.Status, result.Progress, result.HasEnded(expected: null)).ShouldBe((RunwareTaskStatus.Processing, 40, false));
    }

    [Fact]
    public async Task One_returned_twice_is_one()
    {
        var item = $$"""{"taskType":"videoInference","taskUUID":"{{Talk.A}}","videoUUID":"{{Id}}","videoURL":"https://a.example/1.mp4"}""";

        ResultReader.Read(await Talk.ReplyToAsync(Talk.Envelope($"{item},{item}")), Talk.A, TimeProvider.System).Outputs.ShouldHaveSingleItem();
    }

    private static async Task<TaskResult> ReadAsync(string taskType, string? fields, string more = "")
    {
        var item = $$"""{"taskType":"{{taskType}}","taskUUID":"{{Talk.A}}"{{(fields is null ? "" : "," + fields[1..^1])}}{{more}}}""";
        return ResultReader.Read(await Talk.ReplyToAsync(Talk.Envelope(item)), Talk.A, TimeProvider.System);
    }
}
