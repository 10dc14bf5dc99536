using System.Text;
using System.Text.Json;

namespace RunwarePS.Core.Tests;

public sealed class ReplyReaderTests
{
    [Fact]
    public void Wherever_a_response_breaks_off_the_results_before_the_break_are_kept()
    {
        var items = Enumerable.Range(0, 4).Select(i => Talk.Item(Talk.A, $"https://im.example.test/{i}.jpg", ""","extra":{"a":[1,2,{"b":null}]}""")).ToArray();
        var whole = $$"""{"data":[{{string.Join(',', items)}}],"errors":[{{Talk.Error("providerError", Talk.B)}}]}""";
        var ends = items.Select(i => whole.IndexOf(i, StringComparison.Ordinal) + i.Length).ToArray();
        for (var length = 0; length < whole.Length; length++)
        {
            var reply = Read(whole[..length]);

            reply.IsReadable.ShouldBeFalse($"cut at {length}");
            reply.Items.Count.ShouldBe(ends.Count(end => end <= length), $"cut at {length}");
        }

        Read(whole).IsReadable.ShouldBeTrue();
        Read(whole).Errors.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("seed")]
    [InlineData("NSFWContent")]
    [InlineData("cost")]
    [InlineData("status")]
    [InlineData("progress")]
    [InlineData("taskType")]
    [InlineData("imageUUID")]
    [InlineData("imageBase64Data")]
    [InlineData("imageDataURI")]
    [InlineData("error")]
    [InlineData("somethingNew")]
    public void No_field_of_any_type_costs_the_image(string field)
    {
        foreach (var value in new[]
        {
            "null", "true", "false", "0", "-1", "1.5", "1e400", "-1E-400", "99999999999999999999999999", "\"\"", "\" \"", "\"text\"", "\"\\ud800\"", "\"\\u0000\"",
            "[]", "{}", "[[[]]]", """{"amount":1}""", """["a",1,null]""", "\"data:\"", "\"data:image/png;base64,\"", "\"data:;,AAAA\"", "\"====\"",
        })
        {
            var reply = Read($$"""{"data":[{"{{field}}":{{value}},"taskUUID":"{{Talk.A}}","imageURL":"https://im.example.test/1.jpg"}]}""");

            var item = reply.Items.ShouldHaveSingleItem($"{field}: {value}");
            item.ImageUrl.ShouldBe("https://im.example.test/1.jpg", $"{field}: {value}");
            item.TaskUuid.ShouldBe(Talk.A, $"{field}: {value}");
            reply.Errors.ShouldBeEmpty($"{field}: {value}");
        }
    }

    [Theory]
    [InlineData("7", 7L)]
    [InlineData("\"7\"", 7L)]
    [InlineData("7.0", 7L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", null)]
    [InlineData("7.5", null)]
    [InlineData("\"7,5\"", null)]
    [InlineData("1e3", 1000L)]
    public void A_seed_is_read_from_whatever_means_a_whole_number(string seed, long? expected)
    {
        using var german = new GermanCulture();
        Read($$"""{"data":[{"seed":{{seed}} }]}""").Items[0].Seed.ShouldBe(expected);
    }

    [Theory]
    [InlineData("0.25", 0.25)]
    [InlineData("\"0.25\"", 0.25)]
    [InlineData("2.5e-1", 0.25)]
    [InlineData("\"0,25\"", null)]
    [InlineData("true", null)]
    public void A_cost_is_read_from_whatever_means_a_number(string cost, double? expected)
    {
        using var german = new GermanCulture();
        Read($$"""{"data":[{"cost":{{cost}} }]}""").Items[0].Cost.ShouldBe((decimal?)expected);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\"true\"", true)]
    [InlineData("1", null)]
    public void A_flag_is_read_from_whatever_means_one(string flag, bool? expected) =>
        Read($$"""{"data":[{"NSFWContent":{{flag}} }]}""").Items[0].NsfwContent.ShouldBe(expected);

    [Theory]
    [InlineData("seed")]
    [InlineData("NSFWContent")]
    [InlineData("cost")]
    public void A_field_that_is_absent_is_unknown(string field)
    {
        var item = Read("""{"data":[{}]}""").Items[0];
        (field switch { "seed" => (object?)item.Seed, "cost" => item.Cost, _ => item.NsfwContent }).ShouldBeNull();
    }

    [Fact]
    public void Keys_are_read_in_their_exact_case()
    {
        var item = Read("""{"data":[{"imageUrl":"https://im.example.test/1.jpg","Cost":1}]}""").Items[0];

        item.ImageUrl.ShouldBeNull();
        item.Cost.ShouldBeNull();
        item.Unknown.ShouldNotBeNull().Keys.ShouldBe(["imageUrl", "Cost"], ignoreOrder: true);
    }

    [Fact]
    public void Unknown_fields_of_a_result_are_kept()
    {
        var unknown = Read("""{"data":[{"imageURL":"https://im.example.test/1.jpg","timings":{"ms":12},"model":"x"}]}""").Items[0].Unknown.ShouldNotBeNull();

        unknown["timings"].GetProperty("ms").GetInt32().ShouldBe(12);
        unknown["model"].GetString().ShouldBe("x");
    }

    [Fact]
    public void Base64_and_data_uris_become_bytes()
    {
        var picture = Pictures.Png(601);
        var text = Convert.ToBase64String(picture);
        var items = Read($$"""{"data":[{"imageBase64Data":"{{text}}"},{"imageDataURI":"data:image/png;base64,{{text}}"},{"imageDataURI":"data:;base64,{{text}}"}]}""").Items;

        items[0].ImageBase64Data.ShouldNotBeNull().Bytes.ShouldBe(picture);
        items[0].ImageBase64Data!.MediaType.ShouldBeNull();
        items[1].ImageDataUri.ShouldNotBeNull().Bytes.ShouldBe(picture);
        items[1].ImageDataUri!.MediaType.ShouldBe("image/png");
        items[2].ImageDataUri.ShouldNotBeNull().MediaType.ShouldBe("application/octet-stream");
        items.ShouldAllBe(i => i.HasImage);
    }

    [Fact]
    public void Escaped_slashes_in_base64_are_read()
    {
        byte[] picture = [255, 255, 255, 255, 255, 255];
        var text = Convert.ToBase64String(picture);
        text.ShouldContain("/");
        var item = Read($$"""{"data":[{"imageBase64Data":"{{text.Replace("/", "\\/", StringComparison.Ordinal)}}"}]}""").Items[0];

        item.ImageBase64Data.ShouldNotBeNull().Bytes.ShouldBe(picture);
    }

    [Fact]
    public void Base64_in_lines_is_read()
    {
        var picture = Pictures.Jpeg();
        var text = Convert.ToBase64String(picture, Base64FormattingOptions.InsertLineBreaks).Replace("\r\n", "\\r\\n", StringComparison.Ordinal);

        Read($$"""{"data":[{"imageBase64Data":"{{text}}"}]}""").Items[0].ImageBase64Data.ShouldNotBeNull().Bytes.ShouldBe(picture);
    }

    [Fact]
    public void An_image_is_decoded_without_passing_through_text()
    {
        const int Size = 8 * 1024 * 1024;
        var reply = Encoding.UTF8.GetBytes($$"""{"data":[{"imageBase64Data":"{{Convert.ToBase64String(Pictures.Jpeg(Size))}}"}]}""");
        ResponseReader.Read("""{"data":[{"imageBase64Data":"AAAA"}]}"""u8); // what is made once is not counted

        var before = GC.GetAllocatedBytesForCurrentThread();
        var items = ResponseReader.Read(reply).Items;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        items[0].ImageBase64Data.ShouldNotBeNull().Bytes.Length.ShouldBe(Size);
        // As text it would take twice the length of its base64, which is more than five bytes for two.
        allocated.ShouldBeLessThan(Size * 5L / 2);
    }

    [Theory]
    [InlineData(40, true)]
    [InlineData(5000, false)]
    public void Nesting_is_read_to_a_depth_and_never_beyond(int depth, bool isReadable)
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":[", depth / 2)) + "1" + string.Concat(Enumerable.Repeat("]}", depth / 2));
        var reply = Read($$"""{"data":[{{Talk.Item(Talk.A)}},{"imageURL":"https://im.example.test/2.jpg","deep":{{deep}} }]}""");

        reply.IsReadable.ShouldBe(isReadable);
        reply.Items.Count.ShouldBe(isReadable ? 2 : 1);
    }

    [Fact]
    public void A_thousand_results_are_a_thousand_results()
    {
        var reply = Read(Talk.Envelope(string.Join(',', Enumerable.Range(0, 1000).Select(i => Talk.Item(Talk.A, $"https://im.example.test/{i}.jpg")))));

        reply.Items.Select(i => i.ImageUrl).Distinct(StringComparer.Ordinal).Count().ShouldBe(1000);
    }

    [Fact]
    public void A_failed_result_stays_a_result_with_its_error()
    {
        var items = Read($$"""{"data":[{"taskUUID":"{{Talk.A}}","status":"error","error":{"code":"timeoutProvider","message":"Too slow."} },{"taskUUID":"{{Talk.A}}","status":"error","code":"x","message":"m"}]}""").Items;

        items.Count.ShouldBe(2);
        items[0].Error.ShouldNotBeNull().ValueKind.ShouldBe(JsonValueKind.Object);
        items[1].Status.ShouldBe("error");
    }

    private static ApiResponse Read(string text) => ResponseReader.Read(Encoding.UTF8.GetBytes(text));
}
