using System.Collections;

namespace RunwarePS.Core.Tests;

public sealed class RequestRowTests
{
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
        Of(column, text).ShouldBe(json);

    [Theory]
    [InlineData("steps", "many")]
    [InlineData("steps", "7,5")]
    [InlineData("lora", "a:1@1")]
    [InlineData("settings", "12")]
    [InlineData("includeUsage", "perhaps")]
    public void A_column_that_cannot_be_read_as_the_type_of_its_key_is_named(string column, string text)
    {
        var e = Should.Throw<RunwareException>(() => Of(column, text));

        e.Code.ShouldBe("ParameterUnreadable");
        e.Message.ShouldContain($"Column '{column}'");
        e.Message.ShouldContain(text);
    }

    [Fact]
    public void A_number_of_any_length_stays_whole() =>
        Of("seed", System.Numerics.BigInteger.Parse("9223372036854775808", System.Globalization.CultureInfo.InvariantCulture))
            .ShouldBe("""{"seed":9223372036854775808}""");

    [Theory]
    [InlineData("name")]
    [InlineData("category")]
    [InlineData("comment")]
    [InlineData("taskUUID")]
    [InlineData("my.settings")]
    [InlineData("")]
    public void Other_columns_belong_to_the_user(string column) => ApiKeys.Find(column).ShouldBeNull();

    private static string Of(string column, object value) =>
        DictionaryConverter.ToObject(RequestRow.Cells(new Dictionary<string, object>(StringComparer.Ordinal) { [column] = value }, "P"), "P").ToJsonString();
}
