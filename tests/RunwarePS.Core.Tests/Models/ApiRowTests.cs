using System.Collections;

namespace RunwarePS.Core.Tests;

public sealed class ApiRowTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("sync", false)]
    [InlineData("Async", true)]
    public void A_delivery_method_says_whether_a_task_is_wanted(string? method, bool isAsync) => new ApiRow(deliveryMethod: method).IsAsync.ShouldBe(isAsync);

    [Theory]
    [InlineData("imageInference", "webhook", "DeliveryMethod")]
    [InlineData("videoInference", "async", "TaskType")]
    [InlineData("", null, "TaskType")]
    public void A_row_for_something_else_is_refused(string taskType, string? method, string parameter)
    {
        var e = Should.Throw<RunwareException>(() => new ApiRow(taskType, method));

        (e.Code, e.Parameter).ShouldBe(("ParameterOutOfRange", parameter));
    }

    [Fact]
    public void Nested_objects_become_keys_of_the_request_beside_those_given()
    {
        var row = new ApiRow(
            "imageInference",
            providerSettings: new Hashtable { ["openai"] = new Hashtable { ["quality"] = "high" } },
            inputs: new Hashtable { ["mask"] = "m" },
            safety: new Hashtable { ["mode"] = "fast" });

        var keys = row.Additional(new Hashtable { ["providerSettings.openai.background"] = "opaque", ["seed"] = 7 })!;

        keys.Text("providerSettings.openai.quality").ShouldBe("high");
        keys.Text("providerSettings.openai.background").ShouldBe("opaque");
        keys.Text("inputs.mask").ShouldBe("m");
        keys.Text("safety.mode").ShouldBe("fast");
        keys.Integer("seed").ShouldBe(7);
    }

    [Fact]
    public void The_references_among_the_inputs_are_kept_apart_and_the_given_table_as_it_was()
    {
        var inputs = new Hashtable { ["referenceImages"] = new[] { "a.png" } };

        var row = new ApiRow(inputs: inputs);

        row.References.ShouldBe(new[] { "a.png" });
        row.Additional(given: null).ShouldBeNull();
        inputs.ContainsKey("referenceImages").ShouldBeTrue();
    }

    [Fact]
    public void What_a_row_and_an_additional_key_both_say_is_a_conflict()
    {
        var row = new ApiRow(safety: new Hashtable { ["mode"] = "fast" });

        Should.Throw<RunwareException>(() => row.Additional(new Hashtable { ["safety.mode"] = "none" })).Code.ShouldBe("ParameterConflict");
    }

    [Fact]
    public void Nothing_unfolds_into_nothing() => new ApiRow(providerSettings: new Hashtable()).Additional(new Hashtable()).ShouldBeNull();
}
