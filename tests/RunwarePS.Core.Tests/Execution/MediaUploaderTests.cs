using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests.Execution;

/// <summary>Tasks with the same content share one upload, and one that is stopped takes no other with it.</summary>
public sealed class MediaUploaderTests
{
    [Fact]
    public async Task The_stop_of_the_task_that_uploads_leaves_the_others_their_upload()
    {
        using var rig = new Rig(Answer);
        using var stop = new CancellationTokenSource();
        var first = rig.Delivery.StoreAsync(Video(), stop.Token);
        await Eventually.TrueAsync(() => rig.Api.Calls.Count == 1, "the upload is in flight");
        var second = rig.Delivery.StoreAsync(Video(), CancellationToken.None);

        await stop.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => first);
        (await second).Uuid.ShouldBe(Talk.B);
        (await rig.Delivery.StoreAsync(Video(), CancellationToken.None)).Uuid.ShouldBe(Talk.B);
        rig.Api.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_stop_of_a_task_that_waits_leaves_the_upload()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var rig = new Rig(async call =>
        {
            await release.Task;
            return Stored(call);
        });
        using var stop = new CancellationTokenSource();
        var first = rig.Delivery.StoreAsync(Video(), CancellationToken.None);
        var second = rig.Delivery.StoreAsync(Video(), stop.Token);

        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => second);
        release.SetResult();

        (await first).Uuid.ShouldBe(Talk.B);
        rig.Api.Calls.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_file_that_changed_since_its_request_was_made_is_refused()
    {
        using var rig = new Rig(Stored);
        using var folder = new TempFolder();
        var path = folder.Of("a.mp4");
        await File.WriteAllBytesAsync(path, [1, 2, 3]);
        var media = MediaInput.UploadOf(path);
        await File.WriteAllBytesAsync(path, [4, 5, 6]);

        var refused = await Should.ThrowAsync<RunwareException>(() => rig.Delivery.StoreAsync(media, CancellationToken.None));

        refused.Code.ShouldBe("ParameterUnreadable");
        refused.Message.ShouldContain("changed");
        rig.Api.Calls.ShouldBeEmpty();
        await File.WriteAllBytesAsync(path, [1, 2, 3]);
        (await rig.Delivery.StoreAsync(media, CancellationToken.None)).Uuid.ShouldBe(Talk.B);
    }

    // The first upload takes until it's stopped.
    private static async Task<HttpResponseMessage> Answer(ApiCall call)
    {
        if (call.Number == 0)
        {
            await Task.Delay(Timeout.Infinite, call.Cancellation);
        }

        return Stored(call);
    }

    private static HttpResponseMessage Stored(ApiCall call) => Say.Reply(
        [new JsonObject { ["taskType"] = "mediaStorage", ["taskUUID"] = call.Id.ToString("D"), ["operation"] = "upload", ["mediaUUID"] = Talk.B.ToString("D") }]);

    private static MediaInput Video() => MediaInput.UploadOf(new byte[] { 1, 2, 3 });
}
