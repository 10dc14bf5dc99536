using System.Collections;
using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests.Journal;

/// <summary>A journal keeps outputs of every kind, so that the results of an ended task need no poll.</summary>
public sealed class JournalOutputTests : IDisposable
{
    private const string Video = """ "taskType":"videoInference","videoUUID":"22222222-2222-4222-8222-222222222222","videoURL":"https://vm.example/1.mp4","seed":7,"NSFWContent":false,"cost":0.5,"extra":{"a":[1,2.5,"x"]} """;
    private const string Audio = """ "taskType":"audioInference","audioUUID":"22222222-2222-4222-8222-222222222222","audioURL":"https://am.example/1.mp3","cost":0.5 """;
    private const string Files = """ "taskType":"3dInference","outputs":{"files":[{"uuid":"22222222-2222-4222-8222-222222222222","url":"https://x.example/1.glb"},{"fileURL":"https://x.example/2.zip"}]},"cost":0.5 """;
    private const string Text = """ "taskType":"textInference","text":"Grüße \u0001 \"you\"","structuredData":{"age":7,"list":[{"b":null}]},"finishReason":"stop","usage":{"totalTokens":12},"cost":0.5 """;
    private const string Mask = """ "taskType":"imageMasking","maskImageUUID":"22222222-2222-4222-8222-222222222222","maskImageURL":"https://im.example/1.png","detections":[{"x_min":1}],"cost":0.5 """;
    private const string Trained = """ "taskType":"training","status":"success","air":"me:1@1","cost":0.5 """;

    private readonly Rig _rig = new(Nothing);

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(Video)]
    [InlineData(Audio)]
    [InlineData(Files)]
    [InlineData(Text)]
    [InlineData(Mask)]
    [InlineData(Trained)]
    public async Task The_results_of_an_ended_task_are_received_without_a_poll(string fields)
    {
        var polls = 0;
        using var rig = new Rig(call =>
        {
            polls += call.IsPoll ? 1 : 0;
            return ScriptedHandler.Answer($$"""{"data":[{"taskUUID":"{{call.Id:D}}",{{fields}}}]}""");
        });
        var task = Some.Task(async: false);
        var outputs = (await rig.RunAsync(task)).Outputs;
        outputs.ShouldNotBeEmpty();

        var row = await rig.RowAsync(task.TaskUuid);
        row.IsComplete.ShouldBeTrue();
        var again = await rig.Receiver.ReceiveAsync(new RunwareTask { TaskUuid = task.TaskUuid }, timeout: null, CancellationToken.None);
        polls.ShouldBe(0);
        again.Cost.ShouldBe(0.5m);
        again.Output.Select(Describe).ShouldBe(outputs.Select(Describe));
        again.Image.ShouldBe(again.Output.OfType<RunwareImage>());
    }

    [Fact]
    public async Task Media_that_came_as_data_are_with_the_server_only()
    {
        var polls = 0;
        using var rig = new Rig(call =>
        {
            polls += call.IsPoll ? 1 : 0;
            return ScriptedHandler.Answer($$"""{"data":[{"taskUUID":"{{call.Id:D}}","taskType":"audioInference","audioUUID":"{{Talk.B}}","audioBase64Data":"SUQz"}]}""");
        });
        var task = Some.Task(async: false);
        await rig.RunAsync(task);

        (await rig.RowAsync(task.TaskUuid)).IsComplete.ShouldBeFalse();
        var again = await rig.Receiver.ReceiveAsync(new RunwareTask { TaskUuid = task.TaskUuid }, timeout: null, CancellationToken.None);
        polls.ShouldBe(1);
        again.Output.ShouldHaveSingleItem().ShouldBeOfType<RunwareAudio>().Bytes.IsEmpty.ShouldBeFalse();
    }

    [Fact]
    public async Task A_saved_video_keeps_its_path_and_a_text_is_never_waited_for()
    {
        var journal = _rig.Journal;
        var task = Some.Task(async: false);
        await journal.BeginAsync(task, CancellationToken.None);
        var video = new RunwareVideo { TaskUuid = task.TaskUuid, Uuid = Talk.B, Url = new Uri("https://vm.example/1.mp4") };
        var text = new RunwareText { TaskUuid = task.TaskUuid, Text = "t", Index = 1 };
        journal.Ended(task.TaskUuid, new TaskResult { Outputs = [video, text], IsKnown = true }, DateTime.UtcNow);
        (await OpenAsync()).ShouldBe(1);

        journal.Saved(video, "/videos/1.mp4");
        ((RunwareMedia)(await _rig.RowAsync(task.TaskUuid)).Outputs[0]).Path.ShouldBe("/videos/1.mp4");
        (await OpenAsync()).ShouldBe(0);

        async Task<int> OpenAsync()
        {
            var count = 0;
            await foreach (var _ in journal.QueryAsync(new TaskQuery { OpenSince = DateTime.UtcNow.AddHours(-1) }, CancellationToken.None))
            {
                count++;
            }

            return count;
        }
    }

    private static HttpResponseMessage Nothing(ApiCall call) => throw new InvalidOperationException("Nothing is to be sent here.");

    /// <summary>All public properties, nested ones too.</summary>
    private static string Describe(object? value) => value switch
    {
        null => "null",
        string or Uri or ValueType => FormattableString.Invariant($"{value}"),
        IDictionary table => "{" + string.Join(", ", table.Keys.Cast<string>().Order(StringComparer.Ordinal).Select(k => k + "=" + Describe(table[k]))) + "}",
        IEnumerable list => "[" + string.Join(", ", list.Cast<object?>().Select(Describe)) + "]",
        _ => value.GetType().Name + string.Concat(value.GetType().GetProperties().Select(p => $"\n{p.Name}={Describe(p.GetValue(value))}")),
    };
}
