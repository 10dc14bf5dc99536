namespace RunwarePS.Core.Tests;

public sealed class ViewTextTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("a tram", "a tram")]
    [InlineData("a\ntram\tin\r\nrain", "a tram in  rain")]
    [InlineData("a \e[31mred\e[0m tram", "a [31mred[0m tram")]
    [InlineData("\e]0;title\a", "]0;title")]
    [InlineData("\u009b31m and \u007f and \0", "31m and  and ")]
    [InlineData("turned \u202Eround\u2066", "turned round")]
    [InlineData("電車 🚋", "電車 🚋")]
    public void A_line_holds_nothing_that_speaks_to_the_terminal(string? text, string expected) => DisplayText.Line(text).ShouldBe(expected);

    [Fact]
    public void A_torn_character_is_replaced() => DisplayText.Line("a\ud83d").ShouldBe("a\uFFFD");

    [Theory]
    [InlineData("a tram", 6, "a tram")]
    [InlineData("a tram", 5, "a tr…")]
    [InlineData("a🚋tram", 3, "a…")]
    [InlineData("a🚋tram", 4, "a🚋…")]
    public void A_long_line_is_cut_between_characters(string text, int length, string expected) => DisplayText.Line(text, length).ShouldBe(expected);

    [Theory]
    [InlineData("a tram", 6, "a tram")]
    [InlineData("a tram", 5, "a tr…")]
    [InlineData("赤い電車", 8, "赤い電車")]
    [InlineData("赤い電車", 7, "赤い電…")]
    [InlineData("赤い電車", 6, "赤い…")]
    [InlineData("🚋🚋🚋", 5, "🚋🚋…")]
    [InlineData("🚋🚋🚋", 4, "🚋…")]
    [InlineData("", 5, "")]
    public void A_column_is_never_wider_than_its_cells(string text, int cells, string expected) => DisplayText.Column(text, cells).ShouldBe(expected);

    [Fact]
    public void Lines_keep_their_breaks_and_nothing_else() => DisplayText.Lines("one\r\ntwo\n\e[2Jthree").ShouldBe("one \ntwo\n[2Jthree");

    [Fact]
    public void Amounts_have_a_point_and_unknown_is_no_zero()
    {
        using var german = new GermanCulture();

        DisplayText.Usd(0.1674m, 3).ShouldBe("0.167");
        DisplayText.Usd(0m, 3).ShouldBe("0");
        DisplayText.Usd(usd: null, 3).ShouldBe("unknown");
    }

    [Fact]
    public void Where_a_picture_is_says_no_query_and_no_control_character()
    {
        var id = Guid.Parse("3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21");

        DisplayText.Where("/pictures/\e[2Ja.png", new Uri("https://a.example/b.png"), id).ShouldBe("/pictures/[2Ja.png");
        DisplayText.Where(path: null, new Uri("https://me:secret@a.example/b%1b.png?sig=secret"), id).ShouldBe("https://a.example/b%1b.png");
        DisplayText.Where("", url: null, id).ShouldBe("in memory, 3f0c1d5e-8a55-4f1c-9d6b-0a3c5e7f9b21");
    }

    [Theory]
    [InlineData("")]
    [InlineData("her")]
    [InlineData("elsewhere")]
    [InlineData("here/a.png")]
    public void Where_a_file_is_says_the_way_from_the_current_folder_if_it_is_in_there(string elsewhere)
    {
        var root = Path.Combine(Path.GetTempPath(), "pictures");
        var file = Path.Combine(root, "here", "a.png");

        DisplayText.Where(file, url: null, Guid.Empty, root).ShouldBe(Path.Combine("here", "a.png"));
        DisplayText.Where(file, url: null, Guid.Empty, Path.Combine(root, "here") + Path.DirectorySeparatorChar).ShouldBe("a.png");
        DisplayText.Where(file, url: null, Guid.Empty, elsewhere.Length == 0 ? "" : Path.Combine(root, elsewhere)).ShouldBe(file);
    }

    [Theory]
    [InlineData(-5, "just now")]
    [InlineData(59, "just now")]
    [InlineData(60, "1 min ago")]
    [InlineData(200, "3 min ago")]
    [InlineData(3600, "1 h ago")]
    [InlineData(86399, "23 h ago")]
    [InlineData(86400, "1 day ago")]
    [InlineData(3 * 86400, "3 days ago")]
    public void Ages_are_said_in_the_largest_unit(int seconds, string expected) => DisplayText.Age(TimeSpan.FromSeconds(seconds)).ShouldBe(expected);

    [Fact]
    public void A_state_tells_how_far_it_is_where_that_is_known()
    {
        DisplayText.Status("Processing", 40).ShouldBe("Processing 40%");
        DisplayText.Status("Submitted", progress: null).ShouldBe("Submitted");
    }

    [Fact]
    public void Sizes_and_limits_are_empty_where_nothing_is_known()
    {
        DisplayText.Size(1024, 1536).ShouldBe("1024x1536");
        DisplayText.Size(width: null, height: null).ShouldBe("");
        ModelText.Allowed(new RunwareModelParameter { Allowed = ["a", "b"] }).ShouldBe("a b");
        ModelText.Allowed(new RunwareModelParameter { Min = 1 }).ShouldBe("1..");
        ModelText.Allowed(new RunwareModelParameter()).ShouldBe("");
        ModelText.Prices([]).ShouldBe("unknown");
        ModelText.PriceList(prices: null).ShouldBe(["unknown"]);
        ModelText.Prices([new RunwareModelPrice { Usd = 0.25m }, new RunwareModelPrice { Usd = 0.011m }, new RunwareModelPrice { Usd = 0.25m }]).ShouldBe("0.011 / 0.25");
        DisplayText.Utc(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)).ShouldBe("2026-01-02 03:04:05");
        DisplayText.Utc(at: null).ShouldBe("");
    }

    [Fact]
    public void Lists_are_counted_and_told_item_by_item()
    {
        DisplayText.Count(items: null).ShouldBe(0);
        DisplayText.Count(new System.Collections.ArrayList { 1, 2 }).ShouldBe(2);
        DisplayText.Each(items: null).ShouldBeEmpty();
        DisplayText.Each(new[] { new RunwareFailure { Code = "a", Message = "b\nc\e[2J" } }).ShouldBe(["a: b c[2J"]);
        DisplayText.Different(["b", "a", "b"]).ShouldBe("b a");
        ModelText.ParameterName(new RunwareModelParameter { Name = "model", Required = true }).ShouldBe("model *");
        DisplayText.KeySource(isSandbox: true, "None").ShouldBe("sandbox");
        DisplayText.KeySource(isSandbox: false, "Environment").ShouldBe("Environment");
    }

    [Theory]
    [InlineData("", 3, "")]
    [InlineData("abc", 3, "abc")]
    [InlineData("abcd", 3, "abc…")]
    [InlineData("ab🚋", 3, "ab…")]
    [InlineData("a🚋b", 3, "a🚋…")]
    public void What_is_cut_carries_a_mark_and_tears_no_character(string text, int length, string cut) => DisplayText.Cut(text, length).ShouldBe(cut);
}
