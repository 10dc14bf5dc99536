namespace RunwarePS.Core.Tests;

public sealed class FileNameTemplateTests
{
    private static readonly RunwareImage s_image = new()
    {
        TaskUuid = Talk.A, ImageUuid = Talk.B, Index = 2, InputIndex = 7, Prompt = "a fox: red/white", Model = "openai:1@1", Width = 1536, Height = 1024, Seed = 42, Tag = "set",
        CreatedAt = new DateTime(2031, 2, 3, 4, 5, 6, DateTimeKind.Utc),
    };

    [Theory]
    [InlineData(null, "8a8a8a8a-0001-4000-8000-000000000001-2.png")]
    [InlineData("  ", "8a8a8a8a-0001-4000-8000-000000000001-2.png")]
    [InlineData("{TaskUuid}-{Index}", "8a8a8a8a-0001-4000-8000-000000000001-2.png")]
    [InlineData("{imageuuid}", "8b8b8b8b-0002-4000-8000-000000000002.png")]
    [InlineData("{InputIndex}-{Prompt}", "7-a fox red white.png")]
    [InlineData("{Model} {Width}x{Height} {Seed}", "openai 1@1 1536x1024 42.png")]
    [InlineData("{Date:yyyyMMdd}-{Date:HHmm}", "20310203-0405.png")]
    [InlineData("{Date}", "20310203.png")]
    [InlineData("{Tag}/{Index}", "set|2.png")]
    [InlineData("{Tag}\\sub/{Index}", "set|sub|2.png")]
    [InlineData("fox.png", "fox.png")]
    [InlineData("fox.jpg", "fox.png")]
    [InlineData("fox.v2", "fox.v2.png")]
    [InlineData("[{Tag}]", "[set].png")]
    [InlineData("a}b", "a}b.png")]
    [InlineData("nul", "_nul.png")]
    [InlineData("con/{Index}", "_con|2.png")]
    [InlineData("a<b>:c", "abc.png")]
    public void A_template_becomes_a_path(string? template, string expected) =>
        FileNameTemplate.Parse(template).PathOf(s_image, ImageFormat.Png).ShouldBe(expected.Replace('|', Path.DirectorySeparatorChar));

    [Fact]
    public void The_extension_follows_the_bytes()
    {
        var template = FileNameTemplate.Parse("fox");

        template.PathOf(s_image, ImageFormat.Jpeg).ShouldBe("fox.jpg");
        template.PathOf(s_image, ImageFormat.Webp).ShouldBe("fox.webp");
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../{Index}")]
    [InlineData("a/../b")]
    [InlineData("a/..\\b")]
    [InlineData("a/.../b")]
    [InlineData("a/ .. /b")]
    [InlineData("/tmp/{Index}")]
    [InlineData("\\\\server\\share\\x")]
    [InlineData("C:\\x")]
    [InlineData("c:x")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData(".")]
    public void A_template_that_leaves_its_folder_is_refused(string template)
    {
        var e = Should.Throw<RunwareException>(() => FileNameTemplate.Parse(template));

        e.Code.ShouldBe("FileNameNotPlain");
        e.Parameter.ShouldBe("FileName");
    }

    [Theory]
    [InlineData("{Nonsense}")]
    [InlineData("{}")]
    [InlineData("{Index }")]
    [InlineData("{Prompt:5}")]
    [InlineData("{Date:%}")]
    [InlineData("a{b")]
    [InlineData("{Date:yyyy/MM}")]
    public void A_token_that_is_not_one_is_refused_with_those_that_are(string template)
    {
        var e = Should.Throw<RunwareException>(() => FileNameTemplate.Parse(template));

        e.Code.ShouldBe("ParameterOutOfRange");
        e.Message.ShouldContain("{TaskUuid}");
        e.Message.ShouldContain("{Date:yyyyMMdd}");
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../..")]
    [InlineData("/etc")]
    [InlineData("C:\\")]
    [InlineData("")]
    [InlineData("nul")]
    [InlineData("{Prompt}")]
    public void No_value_makes_a_folder_or_leaves_one(string tag)
    {
        var path = FileNameTemplate.Parse("{Tag}/{Index}").PathOf(new RunwareImage { Tag = tag }, ImageFormat.Jpeg).Split(Path.DirectorySeparatorChar);

        path.Length.ShouldBe(2);
        path[0].Trim('.').ShouldNotBeEmpty();
        path[1].ShouldBe("0.jpg");
    }

    [Theory]
    [InlineData("{Prompt}", ".NET mascot", "_.NET mascot.png")]
    [InlineData("{Prompt}", "...and then", "_...and then.png")]
    [InlineData("{Prompt}", " \u200B.x", "_.x.png")]
    [InlineData("{Tag}/{Prompt}", ".draft", "_.draft|_.draft.png")]
    [InlineData("{Prompt}/{Index}", "...", "_|0.png")]
    [InlineData("{Seed}.{Prompt}", "a", "_.a.png")]
    [InlineData("{Seed}.x/{Index}", "a", "_.x|0.png")]
    [InlineData(" {Seed} .{Prompt}", "a", "_.a.png")]
    [InlineData(".{Prompt}", "a", ".a.png")]
    [InlineData(".drafts/{Prompt}", ".a", ".drafts|_.a.png")]
    public void A_value_never_hides_a_file_and_the_user_still_may(string template, string value, string expected) =>
        FileNameTemplate.Parse(template).PathOf(new RunwareImage { Prompt = value, Tag = value }, ImageFormat.Png).ShouldBe(expected.Replace('|', Path.DirectorySeparatorChar));

    [Fact]
    public void Dates_are_written_with_the_invariant_culture()
    {
        var before = System.Globalization.CultureInfo.CurrentCulture;
        System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.GetCultureInfo("ar-SA");
        try
        {
            FileNameTemplate.Parse("{Date:yyyyMMdd} {Index}").PathOf(s_image, ImageFormat.Jpeg).ShouldBe("20310203 2.jpg");
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Every_token_that_is_offered_is_taken()
    {
        var tokens = FileNameTemplate.Tokens.ToArray();

        tokens.Length.ShouldBe(16);
        foreach (var token in tokens)
        {
            FileNameTemplate.Parse(token).PathOf(s_image, ImageFormat.Png).ShouldNotContain("{");
        }
    }
}
