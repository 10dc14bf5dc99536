using RunwarePS.Core.Tests.Execution;

namespace RunwarePS.Core.Tests;

public sealed class TaskSeriesTests
{
    private readonly TaskBatch _series = new();

    [Fact]
    public void A_given_id_serves_the_first_record_alone()
    {
        _series.Prepare((Some.Request(id: Talk.A) with { IsIdGiven = true }).ToTask()).TaskUuid.ShouldBe(Talk.A);

        Refusal(() => _series.Prepare((Some.Request(id: Talk.A) with { IsIdGiven = true, InputIndex = 1 }).ToTask())).ShouldBe(("TaskUuidReused", "TaskUuid"));
    }

    [Fact]
    public void An_id_that_was_made_for_each_record_is_nobodys_to_refuse() =>
        _series.Prepare((Some.Request(id: Talk.B) with { InputIndex = 1 }).ToTask()).TaskUuid.ShouldBe(Talk.B);

    [Fact]
    public void One_upload_url_serves_one_record_by_parameter_and_by_additional_key_alike()
    {
        var address = new Uri("https://put.example/a?sig=1");
        _series.Prepare((Some.Request() with { UploadEndpoint = address }).ToTask());
        _series.Prepare((Some.Request() with { UploadEndpoint = new Uri("https://put.example/b?sig=1") }).ToTask());

        Refusal(() => _series.Prepare((Some.Request() with { UploadEndpoint = address }).ToTask())).ShouldBe(("UploadEndpointNeedsSingleResult", "UploadEndpoint"));
        Refusal(() => _series.Prepare((Some.Request() with { Additional = new() { ["uploadEndpoint"] = "https://put.example/b?sig=1" } }).ToTask()))
            .ShouldBe(("UploadEndpointNeedsSingleResult", "UploadEndpoint"));
    }

    [Fact]
    public void A_key_gives_equal_records_ids_in_their_order_and_the_same_ones_in_the_next_pipeline()
    {
        var ids = Ids(_series);

        ids.Distinct().Count().ShouldBe(3);
        Ids(new TaskBatch()).ShouldBe(ids);
        _series.Prepare(Some.Request().ToTask(), key: "night").IsDerived.ShouldBeTrue();

        static Guid[] Ids(TaskBatch series) => [series.Prepare(Some.Request().ToTask(), key: "night").TaskUuid, series.Prepare(Some.Request().ToTask(), key: "night").TaskUuid, series.Prepare(Some.Request().ToTask(), key: "day").TaskUuid];
    }

    [Fact]
    public void A_key_beside_a_given_id_is_a_conflict() =>
        Refusal(() => _series.Prepare((Some.Request(id: Talk.A) with { IsIdGiven = true }).ToTask(), key: "night")).ShouldBe(("ParameterConflict", "TaskUuid"));

    private static (string Code, string? Parameter) Refusal(Action act)
    {
        var e = Should.Throw<RunwareException>(act);
        return (e.Code, e.Parameter);
    }
}
