namespace RunwarePS.Core.Tests.Execution;

public sealed class DerivedIdTests
{
    [Fact]
    public void The_same_key_and_request_give_the_same_id_on_any_machine()
    {
        // Known values: a change of the derivation would let restarted runbooks buy again.
        var ids = new DeterministicTaskId("night run");
        ids.Next(Some.Task("A fox").RequestHash).ToString().ShouldBe("0a90873e-8c37-4a1a-8895-b45601457025");
        ids.Next(Some.Task("A fox").RequestHash).ToString().ShouldBe("b6d05806-af97-400a-9686-eb496f0ccc27");
    }

    [Fact]
    public void Ids_are_uuids_of_version_4()
    {
        var ids = new DeterministicTaskId("night run");
        var texts = Enumerable.Range(0, 200).Select(_ => ids.Next(Some.Task().RequestHash).ToString("D")).ToArray();

        texts.ShouldAllBe(t => t[14] == '4');
        texts.ShouldAllBe(t => "89ab".Contains(t[19]));
        texts.Distinct(StringComparer.Ordinal).Count().ShouldBe(200);
    }

    [Fact]
    public void Occurrences_count_per_request_and_begin_anew_with_each_run()
    {
        var first = new DeterministicTaskId("key");
        var second = new DeterministicTaskId("key");
        Guid[] ids = [first.Next(Fox()), first.Next(Bear()), first.Next(Fox()), first.Next(Bear())];

        ids.Distinct().Count().ShouldBe(4);
        new[] { second.Next(Fox()), second.Next(Fox()), second.Next(Bear()), second.Next(Bear()) }.ShouldBe([ids[0], ids[2], ids[1], ids[3]]);
    }

    [Theory]
    [InlineData("key", "Key")]
    [InlineData("key", "key ")]
    [InlineData("a", "aa")]
    public void Another_key_gives_another_id(string one, string other) =>
        new DeterministicTaskId(one).Next(Fox()).ShouldNotBe(new DeterministicTaskId(other).Next(Fox()));

    [Fact]
    public void Another_request_gives_another_id()
    {
        ImageRequest[] requests =
        [
            Some.Request(),
            Some.Request(count: 2),
            Some.Request() with { Quality = "low" },
            Some.Request() with { OutputFormat = "PNG" },
            Some.Request() with { ReferenceImages = [new MediaInput(Some.Picture(1))] },
            Some.Request() with { ReferenceImages = [new MediaInput(Some.Picture(2))] },
            Some.Request() with { ReferenceImages = [new MediaInput(Some.Picture(1)), new MediaInput(Some.Picture(2))] },
            Some.Request() with { ReferenceImages = [new MediaInput(Some.Picture(2)), new MediaInput(Some.Picture(1))] },
            Some.Request() with { ReferenceImages = [new MediaInput("https://example.com/fox.png")] },
            Some.Request() with { ReferenceImages = [new MediaInput("https://example.com/bear.png")] },
            Some.Request() with { ReferenceImages = [new MediaInput("data:image/png;base64,iVBORw0KGgo=")] },
            Some.Request() with { ReferenceImages = [new MediaInput("c64351d5-4c59-42f7-95e1-eace013eddab")] },
        ];

        requests.Select(r => new DeterministicTaskId("key").Next(r.ToTask().RequestHash)).Distinct().Count().ShouldBe(requests.Length);
    }

    [Fact]
    public void The_id_of_the_task_its_delivery_and_the_order_of_its_keys_do_not_matter()
    {
        var wire = Some.Task(async: true).Body;
        var turned = new System.Text.Json.Nodes.JsonObject(Some.Task(async: false).Body.Reverse().Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));

        RequestFingerprint.Of(turned).ShouldBe(RequestFingerprint.Of(wire));
    }

    [Fact]
    public void A_task_under_a_key_carries_its_id_everywhere()
    {
        var task = Some.Task().WithId(new DeterministicTaskId("key"));

        task.IsDerived.ShouldBeTrue();
        ((string?)task.Body["taskUUID"]).ShouldBe(task.TaskUuid.ToString("D"));
    }

    private static string Fox() => Some.Task("A fox").RequestHash;

    private static string Bear() => Some.Task("A bear").RequestHash;
}
