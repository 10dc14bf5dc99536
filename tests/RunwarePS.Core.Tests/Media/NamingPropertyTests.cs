using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace RunwarePS.Core.Tests;

/// <summary>Names from random prompts and templates in every script: always under the folder, always takable by a file system.</summary>
public sealed class NamingPropertyTests : IDisposable
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(3000);

    private static readonly string[] s_reserved =
    [
        "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", .. from device in new[] { "COM", "LPT" } from number in "0123456789¹²³" select device + number,
    ];

    private static readonly string[] s_pieces =
    [
        "..", ".", "/", "\\", ":", "C:", " ", "  ", "\t", "\0", "\u0007", "\u202E", "\u200B", "\uFEFF", "\uD83E", "\uDD8A", "🦊", "👩‍👩‍👧", "e\u0301", "\u0301", "東京", "Å", "ﬁ", "İ", "ẞ",
        "CON", "con", "nul", "LPT1", "com¹", "AUX.", "~", "-", "%2e%2e", "<", ">", "|", "?", "*", "\"", "a", "fox", "\uFFFE", "\uE000", "\u0378", "\r\n", "\u2028", new('x', 300), new('東', 150),
    ];

    private static readonly string[] s_tokens = ["{Prompt}", "{Tag}", "{Index}", "{TaskUuid}", "{Model}", "{Date:yyyyMMdd}", "{Seed}"];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_value_of_any_text_holds_nothing_that_a_name_may_not_hold() => Prop.ForAll(Texts(), text =>
    {
        var value = SafeName.Value(text);

        value.ShouldAllBe(c => !char.IsControl(c) && !"<>:\"/\\|?*".Contains(c, StringComparison.Ordinal));
        value.ShouldBe(value.Trim(' '));
        value.ShouldNotContain("  ");
        Encoding.UTF8.GetByteCount(value).ShouldBeLessThanOrEqualTo(100);
        IsWellFormed(value).ShouldBeTrue();
    }).Check(s_config);

    [Fact]
    public void Any_prompt_in_any_template_stays_under_its_folder_and_makes_names_that_every_file_system_takes() => Prop.ForAll(Templates(), Texts(), Texts(), (text, prompt, tag) =>
    {
        var template = FileNameTemplate.Parse(text);
        var image = new RunwareImage { TaskUuid = Talk.A, Prompt = prompt, Tag = tag, Model = "openai:1@1", Seed = -1, CreatedAt = DateTime.UnixEpoch };
        var path = template.PathOf(image, ImageFormat.Webp);

        Path.IsPathRooted(path).ShouldBeFalse();
        var names = path.Split(Path.DirectorySeparatorChar);
        names.Length.ShouldBe(text.Split('/').Length, "a value makes no folder");
        names.ShouldAllBe(n => IsTakable(n) && n[0] != '.', "no value hides a file");
        path.ShouldEndWith(".webp");
        Path.GetFullPath(Path.Combine(_folder.Root, path)).ShouldStartWith(_folder.Root + Path.DirectorySeparatorChar);
    }).Check(s_config);

    [Fact]
    public void The_names_can_be_made_on_this_disk() => Prop.ForAll(Templates(), Texts(), (text, prompt) =>
    {
        var path = _folder.Of(FileNameTemplate.Parse(text).PathOf(new RunwareImage { Prompt = prompt, Tag = prompt }, ImageFormat.Jpeg));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "x");

        Directory.EnumerateFiles(Path.GetDirectoryName(path)!).ShouldContain(file => file == path);
        File.Delete(path);
    }).Check(s_config.WithMaxTest(500));

    [Fact]
    public void Any_text_as_a_template_is_taken_or_refused_and_never_leaves_the_folder() => Prop.ForAll(Texts(), text =>
    {
        FileNameTemplate template;
        try
        {
            template = FileNameTemplate.Parse(text);
        }
        catch (RunwareException e)
        {
            new[] { "FileNameNotPlain", "ParameterOutOfRange" }.ShouldContain(code => code == e.Code);
            return;
        }

        var path = template.PathOf(new RunwareImage { TaskUuid = Talk.A }, ImageFormat.Png);
        path.Split(Path.DirectorySeparatorChar).ShouldAllBe(n => IsTakable(n));
        Path.GetFullPath(Path.Combine(_folder.Root, path)).ShouldStartWith(_folder.Root + Path.DirectorySeparatorChar);
    }).Check(s_config);

    private static Arbitrary<string> Texts() => Gen.OneOf(
        ArbMap.Default.GeneratorFor<string?>().Select(text => text ?? ""),
        Gen.Elements(s_pieces).ArrayOf().Select(string.Concat)).ToArbitrary();

    // Up to three folders deep, each with a token or plain text that is not empty.
    private static Arbitrary<string> Templates()
    {
        var plain = Gen.Elements("a", "shot ", "-", "x.y", "[1]", "ü", "con", "nul", "_ ");
        var segment = from pieces in Gen.OneOf(Gen.Elements(s_tokens), plain).NonEmptyListOf() select string.Concat(pieces.Append("#"));
        return (from depth in Gen.Choose(1, 3) from segments in segment.ArrayOf(depth) select string.Join('/', segments)).ToArbitrary();
    }

    private static bool IsTakable(string name) =>
        name.Length > 0 && name is not "." and not ".." && Encoding.UTF8.GetByteCount(name) <= 255
            && name[^1] is not ' ' and not '.'
            && !name.Any(c => char.IsControl(c) || "<>:\"/\\|?*".Contains(c, StringComparison.Ordinal))
            && !s_reserved.Contains(name.Split('.')[0].TrimEnd(' '), StringComparer.OrdinalIgnoreCase);

    private static bool IsWellFormed(string text)
    {
        try
        {
            _ = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetBytes(text);
            return true;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }
}
