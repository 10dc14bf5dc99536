using System.Text.Json;
using System.Text.Json.Nodes;

namespace RunwarePS.Core.Tests;

/// <summary>The schema language of model documents, keyword by keyword where documents could trip a reader.</summary>
public sealed class SchemaTests
{
    [Theory]
    [InlineData("""{"type":"integer","maximum":9223372036854776000}""", "9223372036854775807", true)]
    [InlineData("""{"type":"integer","maximum":9223372036854776000}""", "9223372036854776001", false)]
    [InlineData("""{"maximum":1e40}""", "7", true)]
    [InlineData("""{"multipleOf":0.01}""", "0.29", true)]
    [InlineData("""{"multipleOf":0.01}""", "0.07", true)]
    [InlineData("""{"multipleOf":0.01}""", "0.295", false)]
    [InlineData("""{"multipleOf":0.1}""", "0.3", true)]
    [InlineData("""{"type":"integer"}""", "5.0", true)]
    [InlineData("""{"type":"integer"}""", "5.5", false)]
    [InlineData("""{"const":5}""", "5.0", true)]
    [InlineData("""{"exclusiveMinimum":0}""", "0", false)]
    [InlineData("""{"exclusiveMaximum":1}""", "0.99", true)]
    [InlineData("""{"exclusiveMaximum":1}""", "1", false)]
    [InlineData("""{"maxLength":2}""", "\"👍👍\"", true)]
    [InlineData("""{"maxLength":2}""", "\"👍👍👍\"", false)]
    [InlineData("""{"type":["array","null"],"minItems":4}""", "null", true)]
    [InlineData("""{"type":["array","null"],"minItems":4}""", "[1]", false)]
    [InlineData("""{"pattern":"^#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})$"}""", "\"#fff\\n\"", false)]
    [InlineData("""{"properties":{"a":false}}""", """{"a":null}""", false)]
    [InlineData("""{"properties":{"a":false}}""", """{}""", true)]
    [InlineData("""{"contains":{"not":{"properties":{"frame":{"enum":["last",-1]}},"required":["frame"]}}}""", """[{"frame":"last"},{"frame":-1}]""", false)]
    [InlineData("""{"contains":{"not":{"properties":{"frame":{"enum":["last",-1]}},"required":["frame"]}}}""", """[{"frame":"last"},{"frame":0}]""", true)]
    [InlineData("""{"dependentSchemas":{"frame":{"not":{"required":["timestamp"]}}}}""", """{"frame":0,"timestamp":1}""", false)]
    [InlineData("""{"dependentSchemas":{"frame":{"not":{"required":["timestamp"]}}}}""", """{"timestamp":1}""", true)]
    [InlineData("""{"dependentRequired":{"width":["height"]}}""", """{"width":null}""", false)]
    [InlineData("""{"additionalProperties":{"type":"string"}}""", """{"a":"b"}""", true)]
    [InlineData("""{"additionalProperties":{"type":"string"}}""", """{"a":1}""", false)]
    [InlineData("""{"oneOf":[{"required":["a"]},{"required":["b"]}]}""", """{"a":1,"b":1}""", false)]
    [InlineData("""{"anyOf":[{"format":"uuid"},{"format":"uri"}]}""", "\"pictures/a.png\"", false)]
    [InlineData("""{"anyOf":[{"format":"uuid"},{"format":"uri"}]}""", "\"https://example.com/a b\"", false)]
    [InlineData("""{"if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]}}""", "{}", false)]
    [InlineData("""{"if":{"properties":{"a":{"const":1}},"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}}""", """{"a":2,"c":1}""", true)]
    public void A_value_fits_as_the_schema_is_written(string schema, string value, bool fits) => Read(schema).Accepts(JsonNode.Parse(value)).ShouldBe(fits);

    [Theory]
    [InlineData("""{"$ref":"#/x"}""", 1)]
    [InlineData("""{"unevaluatedProperties":false}""", 1)]
    [InlineData("""{"not":{"prefixItems":[{"const":1}]}}""", 1)]
    [InlineData("""{"if":{"$ref":"#/x"},"then":false}""", 1)]
    [InlineData("""{"oneOf":[{"$ref":"#/x"},{"$ref":"#/y"}]}""", 2)]
    [InlineData("""{"pattern":"(?<"}""", 1)]
    [InlineData("""{"minimum":"many"}""", 1)]
    public void What_cannot_be_read_is_counted_and_refuses_nothing(string schema, int unread)
    {
        Read(schema).Unread.ShouldBe(unread);
        Read(schema).Accepts(JsonNode.Parse("[1]")).ShouldBeNull();
    }

    [Fact]
    public void What_can_be_read_beside_it_still_refuses() => Read("""{"$ref":"#/x","type":"string"}""").Accepts(JsonValue.Create(1)).ShouldBe(false);

    [Theory]
    [InlineData("""{"allOf":[{"if":{"required":["a"]},"then":{"properties":{"b":{"pattern":"^x"}}}}]}""", """{"a":1,"b":"y"}""", "b", "'b' must match ^x. You specified 'y'.")]
    [InlineData("""{"allOf":[{"required":["a"]},{"not":{"properties":{"a":{"not":{"const":2}}},"required":["a"]}}]}""", """{"a":3}""", "a", "'a' doesn't follow rule 2 of the model's document.")]
    [InlineData("""{"properties":{"a":{"type":["integer","string"],"oneOf":[{"type":"integer","minimum":4,"maximum":30},{"const":"auto"}]}}}""", """{"a":"never"}""", "a", "'a' must be from 4 to 30 or auto. You specified 'never'.")]
    [InlineData("""{"additionalProperties":false,"properties":{"settings":{"properties":{"quality":{}},"additionalProperties":false}}}""", """{"quality":"high"}""", "quality", "m:1@1 doesn't have the parameter 'quality'. Did you mean 'settings.quality'?")]
    [InlineData("""{"additionalProperties":false,"properties":{"negativePrompt":{}}}""", """{"negativePromt":"high"}""", "negativePromt", "m:1@1 doesn't have the parameter 'negativePromt'. Did you mean 'negativePrompt'?")]
    [InlineData("""{"required":["inputs"],"properties":{"inputs":{"required":["image"]}}}""", "{}", "inputs.image", "'inputs.image' is required.")]
    [InlineData("""{"allOf":[{"if":{"properties":{"f":{"const":"MP3"}},"required":["f"]},"then":{"allOf":[{"if":{"required":["r"]},"then":{"not":{"required":["b"]}}}]}}]}""", """{"f":"MP3","r":1,"b":1}""", "b", "'b' can't be used with 'f' MP3 and 'r'.")]
    [InlineData("""{"properties":{"a":{"type":"integer","minimum":1,"maximum":20}}}""", """{"a":0}""", "a", "'a' must be from 1 to 20. You specified 0.")]
    [InlineData("""{"properties":{"a":{"minimum":60}}}""", """{"a":5}""", "a", "'a' must be at least 60. You specified 5.")]
    [InlineData("""{"properties":{"a":{"minLength":2,"maxLength":4}}}""", """{"a":"x"}""", "a", "'a' must have 2 to 4 characters. You specified 1 character.")]
    [InlineData("""{"properties":{"a":{"maxItems":1}}}""", """{"a":[1,2]}""", "a", "'a' must have at most 1 item. You specified 2 items.")]
    [InlineData("""{"properties":{"a":{"enum":["x","y","z"]}}}""", """{"a":"w"}""", "a", "'a' must be x, y, or z. You specified 'w'.")]
    [InlineData("""{"properties":{"a":{"enum":[5,10]}}}""", """{"a":7}""", "a", "'a' must be 5 or 10. You specified 7.")]
    [InlineData("""{"properties":{"a":{"type":"string"}}}""", """{"a":7}""", "a", "'a' must be of type string. You specified 7.")]
    [InlineData("""{"allOf":[{"if":{"required":["b"]},"then":{"properties":{"a":{"maximum":3}}}}]}""", """{"a":7,"b":1}""", "a", "'a' must be at most 3 with 'b'. You specified 7.")]
    [InlineData("""{"allOf":[{"if":{"not":{"required":["b"]}},"then":{"properties":{"a":{"enum":[1,2]}}}}]}""", """{"a":7}""", "a", "'a' must be 1 or 2 unless 'b' is specified. You specified 7.")]
    public void A_refusal_states_what_is_allowed_and_what_was_specified(string schema, string task, string path, string message)
    {
        var finding = RequestValidator.Validate("m:1@1", Read(schema), JsonNode.Parse(task)!.AsObject()).First();

        (finding.Path, finding.Message).ShouldBe((path, message));
    }

    [Fact]
    public void Media_in_a_request_fits_any_form_of_a_text()
    {
        var image = new MediaInput(new byte[] { 1, 2, 3 }).ToNode();

        Read("""{"type":"string","anyOf":[{"format":"uuid"},{"format":"uri"}]}""").Accepts(image).ShouldBe(true);
        Read("""{"type":"object"}""").Accepts(image).ShouldBe(false);
        Read("""{"const":"AQID"}""").Accepts(image).ShouldBe(false);
        Read("""{"format":"uri"}""").Accepts(new MediaInput("not a URL").ToNode()).ShouldBe(false);
    }

    private static Schema Read(string schema) => Schema.Read(JsonDocument.Parse(schema).RootElement);
}
