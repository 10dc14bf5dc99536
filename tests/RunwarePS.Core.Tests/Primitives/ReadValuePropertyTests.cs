using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace RunwarePS.Core.Tests;

public sealed class ReadValuePropertyTests
{
    private static readonly string[] s_cultures = ["de-DE", "ar-SA", "fa-IR", "tr-TR", "fr-CH", "hi-IN", ""];

    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(2000);

    [Fact]
    public void A_whole_number_written_for_a_machine_is_read_back_under_any_culture() =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), Cultures(), (number, culture) =>
            Under(culture, () => ReadValue.Integer(number.ToString(CultureInfo.InvariantCulture)) == number && ReadValue.Integer((double)number) == number)).Check(s_config);

    [Fact]
    public void A_duration_written_for_a_machine_is_read_back_under_any_culture() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), Cultures(), (milliseconds, culture) =>
            Under(culture, () =>
            {
                var span = TimeSpan.FromMilliseconds(milliseconds);
                return ReadValue.Duration(span.ToString("c", CultureInfo.InvariantCulture)) == span
                    && ReadValue.Duration(span.TotalSeconds.ToString("R", CultureInfo.InvariantCulture))!.Value.TotalMilliseconds is var read && Math.Abs(read - milliseconds) < 1;
            })).Check(s_config);

    [Fact]
    public void Any_text_is_a_text_and_the_same_text() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text => ReadValue.Text(text) == (string.IsNullOrWhiteSpace(text) ? null : text)).Check(s_config);

    [Fact]
    public void Whatever_a_cell_holds_it_is_read_or_refused_and_a_default_is_never_made_up() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), Cultures(), (text, culture) => Under(culture, () =>
        {
            var isEmpty = string.IsNullOrWhiteSpace(text);
            return IsNoneOnlyFor(isEmpty, () => ReadValue.Integer(text)) && IsNoneOnlyFor(isEmpty, () => ReadValue.Flag(text))
                && IsNoneOnlyFor(isEmpty, () => ReadValue.Id(text)) && IsNoneOnlyFor(isEmpty, () => ReadValue.Duration(text));
        })).Check(s_config);

    private static bool IsNoneOnlyFor<T>(bool isEmpty, Func<T?> read)
        where T : struct
    {
        try
        {
            return read() is null == isEmpty;
        }
        catch (RunwareException e)
        {
            return !isEmpty && e.Code == "ParameterUnreadable";
        }
    }

    private static Arbitrary<string> Cultures() => Gen.Elements(s_cultures).ToArbitrary();

    private static bool Under(string culture, Func<bool> holds)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
        try
        {
            return holds();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
