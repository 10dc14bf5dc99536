using System.Collections;
using System.Collections.Specialized;
using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests.Primitives;

/// <summary>A number in a request is the same number, whichever type it was given with.</summary>
public sealed class JsonPathTests
{
    public static TheoryData<JsonNode> Twos => new() { 2, 2L, 2m, 2.0m, 2d, (short)2, JsonNode.Parse("2")!, JsonNode.Parse("2.0")!, JsonNode.Parse("2e0")! };

    public static TheoryData<JsonNode> Others => new() { 2.5m, 1e300, -3e9, "2", true, JsonNode.Parse("1e999")!, new JsonObject() };

    [Theory]
    [MemberData(nameof(Twos))]
    public void A_whole_number_of_any_type_is_an_integer(JsonNode value) =>
        new JsonObject { ["a"] = new JsonObject { ["n"] = value.DeepClone() } }.Integer("a.n").ShouldBe(2);

    [Theory]
    [MemberData(nameof(Others))]
    public void Any_other_value_is_no_integer(JsonNode value) => new JsonObject { ["n"] = value.DeepClone() }.Integer("n").ShouldBeNull();

    [Fact]
    public void What_was_read_from_JSON_or_returned_by_CLIXML_becomes_the_same_JSON() =>
        ValueReader.ToNode(new ArrayList { 1, 2L, "a", new Hashtable { ["b"] = new List<object?> { 0.5m, null } } })!
            .ToJsonString().ShouldBe("""[1,2,"a",{"b":[0.5,null]}]""");

    [Fact]
    public void A_value_of_any_number_type_is_written_as_it_is()
    {
        var table = DictionaryConverter.ToObject(new Hashtable { ["seed"] = ulong.MaxValue, ["strength"] = 0.1f }, "AdditionalParameter");

        table["seed"]!.ToJsonString().ShouldBe("18446744073709551615");
        table["strength"]!.ToJsonString().ShouldBe("0.1");
    }

    [Fact]
    public void An_error_of_a_key_names_the_parameter_that_has_it() =>
        Should.Throw<RunwareException>(() => DictionaryConverter.ToObject(new OrderedDictionary { ["a"] = 1, ["a.b"] = 2 }, "Setting"))
            .Parameter.ShouldBe("Setting");
}
