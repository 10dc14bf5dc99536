using System.Collections;

namespace RunwarePS.Core.Tests;

public sealed class ApiRowTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("sync", false)]
    [InlineData("Async", true)]
    public void A_delivery_method_says_whether_a_task_is_wanted(string? method, bool isAsync) => new RequestRow(deliveryMethod: method).IsAsync.ShouldBe(isAsync);

    [Theory]
    [InlineData("imageInference", "webhook", "DeliveryMethod")]
    [InlineData("videoInference", "async", "TaskType")]
    [InlineData("", null, "TaskType")]
    public void A_row_for_something_else_is_refused(string taskType, string? method, string parameter)
    {
        var e = Should.Throw<RunwareException>(() => new RequestRow(taskType, method));

        (e.Code, e.Parameter).ShouldBe(("ParameterOutOfRange", parameter));
    }

    [Fact]
    public void Nested_objects_become_keys_of_the_request_beside_those_given()
    {
        var row = new RequestRow(
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

        var row = new RequestRow(inputs: inputs);

        row.References.ShouldBe(new[] { "a.png" });
        row.Additional(given: null).ShouldBeNull();
        inputs.ContainsKey("referenceImages").ShouldBeTrue();
    }

    [Fact]
    public void The_media_that_parameters_take_are_kept_apart_from_the_other_inputs()
    {
        var row = new RequestRow(inputs: new Hashtable { ["seedImage"] = "s", ["maskImage"] = "m", ["video"] = "v" });

        (row.SeedImage, row.MaskImage).ShouldBe(("s", "m"));
        row.Additional(given: null)!.ToJsonString().ShouldBe("""{"inputs":{"video":"v"}}""");
    }

    [Theory]
    [InlineData("STEPS", "30", """{"steps":30}""")]
    [InlineData("cfgScale", "7.5", """{"CFGScale":7.5}""")]
    [InlineData("negativePrompt", "7", """{"negativePrompt":"7"}""")]
    [InlineData("layerDiffuse", "True", """{"layerDiffuse":true}""")]
    [InlineData("lora", """[{"model":"a"}]""", """{"lora":[{"model":"a"}]}""")]
    [InlineData("duration", "auto", """{"duration":"auto"}""")]
    [InlineData("Duration", "5", """{"duration":5}""")]
    [InlineData("hiresFix", "true", """{"hiresFix":true}""")]
    [InlineData("Settings.topP", "0.5", """{"settings":{"topP":0.5}}""")]
    [InlineData("settings.lyrics", "la la", """{"settings":{"lyrics":"la la"}}""")]
    public void A_column_that_no_parameter_takes_goes_as_the_type_of_its_key(string column, string text, string json) =>
        Of(column, text).Additional(given: null)!.ToJsonString().ShouldBe(json);

    [Theory]
    [InlineData("steps", "many")]
    [InlineData("steps", "7,5")]
    [InlineData("lora", "a:1@1")]
    [InlineData("settings", "12")]
    [InlineData("includeUsage", "perhaps")]
    public void A_column_that_cannot_be_read_as_the_type_of_its_key_is_named(string column, string text)
    {
        var e = Should.Throw<RunwareException>(() => Of(column, text).Additional(given: null));

        e.Code.ShouldBe("ParameterUnreadable");
        e.Message.ShouldContain($"Column '{column}'");
        e.Message.ShouldContain(text);
    }

    [Fact]
    public void A_number_of_any_length_stays_whole() =>
        Of("seed", System.Numerics.BigInteger.Parse("9223372036854775808", System.Globalization.CultureInfo.InvariantCulture)).Additional(given: null)!.ToJsonString()
            .ShouldBe("""{"seed":9223372036854775808}""");

    [Theory]
    [InlineData("name")]
    [InlineData("category")]
    [InlineData("comment")]
    [InlineData("taskUUID")]
    [InlineData("my.settings")]
    [InlineData("")]
    public void Other_columns_belong_to_the_user(string column) => ApiKeys.Find(column).ShouldBeNull();

    private static RequestRow Of(string column, object value) => new() { Unbound = new Dictionary<string, object>(StringComparer.Ordinal) { [column] = value } };

    [Fact]
    public void What_a_row_and_an_additional_key_both_say_is_a_conflict()
    {
        var row = new RequestRow(safety: new Hashtable { ["mode"] = "fast" });

        Should.Throw<RunwareException>(() => row.Additional(new Hashtable { ["safety.mode"] = "none" })).Code.ShouldBe("ParameterConflict");
    }

    [Fact]
    public void Nothing_unfolds_into_nothing() => new RequestRow(providerSettings: new Hashtable()).Additional(new Hashtable()).ShouldBeNull();
}
