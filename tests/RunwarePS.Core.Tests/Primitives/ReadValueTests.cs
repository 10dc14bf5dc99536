using System.Globalization;

namespace RunwarePS.Core.Tests;

/// <summary>What a cell of a row may be and how it is read, always under a culture with a comma for a point.</summary>
public sealed class ReadValueTests : IDisposable
{
    private readonly GermanCulture _german = new();

    public void Dispose() => _german.Dispose();

    public static TheoryData<object?, int?> Integers => new()
    {
        { null, null }, { "", null }, { " ", null }, { "\t", null },
        { "1024", 1024 }, { " 1024 ", 1024 }, { "-5", -5 }, { "+7", 7 }, { "2147483647", int.MaxValue },
        { 1536, 1536 }, { 1536L, 1536 }, { (short)12, 12 }, { (byte)12, 12 }, { 7.0, 7 }, { 7.0f, 7 }, { 7.0m, 7 }, { 20u, 20 },
    };

    [Theory]
    [MemberData(nameof(Integers))]
    public void Whole_numbers_are_read(object? value, int? expected) => ReadValue.Integer(value).ShouldBe(expected);

    public static TheoryData<object> NoIntegers => new()
    {
        "abc", "7,5", "7.5", "1.024", "1,024", "1e3", "0x10", "1 024", "2147483648", "-2147483649", "１２", "NaN",
        7.5, 7.5m, 7.5f, double.NaN, double.PositiveInfinity, 3_000_000_000L, ulong.MaxValue, decimal.MaxValue,
        true, DayOfWeek.Monday, DateTime.UnixEpoch, new object(), new[] { 1 }, new System.Collections.Hashtable(),
    };

    [Theory]
    [MemberData(nameof(NoIntegers))]
    public void What_is_no_whole_number_is_an_error_and_never_a_default(object value) => Unreadable(() => ReadValue.Integer(value));

    public static TheoryData<object?, string?> Texts => new()
    {
        { null, null }, { "", null }, { " ", null }, { "\t\r\n", null }, { " a fox ", " a fox " }, { "a fox", "a fox" }, { 'x', "x" },
        { 7.5, "7.5" }, { 7.5m, "7.5" }, { 1000000, "1000000" }, { true, "True" },
        { new Uri("https://example.test/a b?c=%20"), "https://example.test/a b?c=%20" },
        { new Guid("8a8a8a8a-0001-4000-8000-000000000001"), "8a8a8a8a-0001-4000-8000-000000000001" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Texts_are_read_with_the_invariant_culture(object? value, string? expected) => ReadValue.Text(value).ShouldBe(expected);

    public static TheoryData<object> NoTexts => new() { new object(), new[] { "a", "b" }, DateTime.UnixEpoch, new System.Collections.Hashtable(), new Exception("no prompt") };

    [Theory]
    [MemberData(nameof(NoTexts))]
    public void What_is_no_text_is_an_error_and_never_the_name_of_a_type(object value) => Unreadable(() => ReadValue.Text(value));

    public static TheoryData<object?, bool?> Flags => new()
    {
        { null, null }, { "", null }, { "  ", null }, { true, true }, { false, false },
        { "true", true }, { "TRUE", true }, { "False", false }, { " true ", true }, { "1", true }, { "0", false }, { 1, true }, { 0, false }, { 1L, true }, { 0L, false },
    };

    [Theory]
    [MemberData(nameof(Flags))]
    public void Flags_are_read(object? value, bool? expected) => ReadValue.Flag(value).ShouldBe(expected);

    public static TheoryData<object?, decimal?> Amounts => new()
    {
        { null, null }, { "", null }, { "  ", null }, { "2.50", 2.50m }, { " 3 ", 3m }, { "-1", -1m }, { 2.5m, 2.5m }, { 3, 3m }, { 3L, 3m }, { (byte)4, 4m }, { 0.25, 0.25m }, { 0.5f, 0.5m },
    };

    [Theory]
    [MemberData(nameof(Amounts))]
    public void Amounts_are_read_with_a_point(object? value, decimal? expected) => ReadValue.Money(value).ShouldBe(expected);

    [Theory]
    [InlineData("7", "7")]
    [InlineData("7.50", "7.5")]
    [InlineData(" 1e-3 ", "0.001")]
    [InlineData(7.0, "7")]
    [InlineData(0.1f, "0.1")]
    [InlineData(0, "0")]
    [InlineData(long.MaxValue, "9223372036854775807")]
    [InlineData(" ", null)]
    [InlineData(null, null)]
    public void Numbers_are_read_with_a_point(object? value, string? expected) =>
        ReadValue.Number(value)?.ToString(System.Globalization.CultureInfo.InvariantCulture).ShouldBe(expected);

    [Theory]
    [InlineData("7,5")]
    [InlineData("1.000,0")]
    [InlineData("many")]
    [InlineData(double.NaN)]
    [InlineData(true)]
    public void What_is_no_number_is_an_error(object value) => Unreadable(() => ReadValue.Number(value));

    [Theory]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData(-1.0, -1L)]
    [InlineData("", null)]
    public void Whole_numbers_of_64_bits_are_read(object value, long? expected) => ReadValue.Long(value).ShouldBe(expected);

    [Theory]
    [InlineData("1.5")]
    [InlineData("9223372036854775808")]
    public void What_has_more_than_64_bits_or_a_fraction_is_an_error(object value) => Unreadable(() => ReadValue.Long(value));

    public static TheoryData<object> NoAmounts => new() { "2,50", "1e3", "abc", "$2", double.NaN, double.PositiveInfinity, 1e20, new object(), true };

    [Theory]
    [MemberData(nameof(NoAmounts))]
    public void What_is_no_amount_is_an_error_and_never_a_wrong_one(object value) => Unreadable(() => ReadValue.Money(value));

    public static TheoryData<object> NoFlags => new() { "yes", "wahr", "2", 2, -1, 1.5, new object(), new[] { true } };

    [Theory]
    [MemberData(nameof(NoFlags))]
    public void What_is_no_flag_is_an_error(object value) => Unreadable(() => ReadValue.Flag(value));

    public static TheoryData<object?, string?> Ids => new()
    {
        { null, null }, { "", null }, { " ", null },
        { "8a8a8a8a-0001-4000-8000-000000000001", "8a8a8a8a-0001-4000-8000-000000000001" },
        { " {8A8A8A8A-0001-4000-8000-000000000001} ", "8a8a8a8a-0001-4000-8000-000000000001" },
        { "8a8a8a8a000140008000000000000001", "8a8a8a8a-0001-4000-8000-000000000001" },
        { new Guid("8a8a8a8a-0001-4000-8000-000000000001"), "8a8a8a8a-0001-4000-8000-000000000001" },
    };

    [Theory]
    [MemberData(nameof(Ids))]
    public void Ids_are_read(object? value, string? expected) => ReadValue.Id(value)?.ToString("D").ShouldBe(expected);

    [Theory]
    [InlineData("42")]
    [InlineData("8a8a8a8a-0001-4000-8000-00000000000")]
    [InlineData(42)]
    public void What_is_no_id_is_an_error(object value) => Unreadable(() => ReadValue.Id(value));

    public static TheoryData<object?, double?> Durations => new()
    {
        { null, null }, { "", null }, { " ", null },
        { 3600, 3600 }, { "3600", 3600 }, { 0, 0 }, { 0.5, 0.5 }, { "0.5", 0.5 }, { 2.5m, 2.5 }, { 90L, 90 }, { "1e3", 1000 },
        { "00:05:00", 300 }, { "1.00:00:00", 86400 }, { TimeSpan.FromMinutes(2), 120 },
    };

    [Theory]
    [MemberData(nameof(Durations))]
    public void A_bare_number_of_a_duration_is_seconds(object? value, double? seconds) => ReadValue.Duration(value)?.TotalSeconds.ShouldBe(seconds!.Value);

    [Fact]
    public void A_duration_that_is_not_given_is_none()
    {
        ReadValue.Duration(null).ShouldBeNull();
        ReadValue.Duration("").ShouldBeNull();
        ReadValue.Duration("  ").ShouldBeNull();
    }

    public static TheoryData<object> NoDurations => new()
    {
        "soon", "0,5", "5 min", -1, "-1", TimeSpan.FromSeconds(-1), "-00:00:01", "99:99", double.NaN, double.PositiveInfinity, "NaN", 1e300, true, DateTime.UnixEpoch, new object(),
    };

    [Theory]
    [MemberData(nameof(NoDurations))]
    public void What_is_no_duration_is_an_error(object value) => Unreadable(() => ReadValue.Duration(value));

    // A cost as CSV files of several cultures hold it. Read right or unknown, never another amount.
    [Theory]
    [InlineData("0.167", "0.167")]
    [InlineData("0,167", "0.167")]
    [InlineData("0\u066B167", "0.167")]
    [InlineData("1,5", "1.5")]
    [InlineData("12,3456", "12.3456")]
    [InlineData("1,234", null)]
    [InlineData("1,234.5", null)]
    [InlineData("1.234,5", null)]
    [InlineData("1,2,3", null)]
    [InlineData(",", null)]
    [InlineData("0,", null)]
    [InlineData("free", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_cost_is_read_right_or_unknown(string? text, string? expected) =>
        ReadValue.Cost(text).ShouldBe(expected is null ? null : decimal.Parse(expected, CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("2026-11-05", "2026-11-05T00:00:00")]
    [InlineData(" 2026-11-05 ", "2026-11-05T00:00:00")]
    [InlineData("2026-11-05 14:30", "2026-11-05T14:30:00")]
    [InlineData("2026-11-05 14:30:15", "2026-11-05T14:30:15")]
    [InlineData("2026-11-05T14:30:15.25Z", "2026-11-05T14:30:15.25")]
    [InlineData("2026-11-05T14:30:15.1234567Z", "2026-11-05T14:30:15.1234567")]
    [InlineData("2026-11-05T14:30:15+02:00", "2026-11-05T12:30:15")]
    [InlineData("05/11/2026 14:30:15", null)]
    [InlineData("11/5/2026 2:30:15 PM", null)]
    [InlineData("05.11.2026 14:30:15", null)]
    [InlineData("5/11/2569 14:30:15", null)]
    [InlineData("2569-11-05", null)]
    [InlineData("1448-05-24", null)]
    [InlineData("1405/8/14 14:30:15", null)]
    [InlineData("2026-13-05", null)]
    [InlineData("", null)]
    public void A_time_of_a_row_is_read_right_or_unknown(string text, string? expected)
    {
        var time = ReadValue.Time(text);

        time.ShouldBe(expected is null ? null : DateTime.Parse(expected, CultureInfo.InvariantCulture));
        (time?.Kind ?? DateTimeKind.Utc).ShouldBe(DateTimeKind.Utc);
    }

    [Fact]
    public void A_time_of_an_argument_is_local_unless_it_states_otherwise()
    {
        var local = new DateTime(2026, 11, 5, 14, 30, 0, DateTimeKind.Local);

        ReadValue.LocalTime("2026-11-05 14:30").ShouldBe(local.ToUniversalTime());
        ReadValue.LocalTime(DateTime.SpecifyKind(local, DateTimeKind.Unspecified)).ShouldBe(local.ToUniversalTime());
        ReadValue.LocalTime("2026-11-05 14:30Z").ShouldBe(DateTime.SpecifyKind(local, DateTimeKind.Utc));
        ReadValue.LocalTime(new DateTimeOffset(2026, 11, 5, 14, 30, 0, TimeSpan.FromHours(2))).ShouldBe(new DateTime(2026, 11, 5, 12, 30, 0, DateTimeKind.Utc));
        ReadValue.LocalTime(null).ShouldBeNull();
    }

    public static TheoryData<object> NoTimes => new() { "05/11/2026", "5.11.2026", "2569-11-05", "soon", "", 20261105, true };

    [Theory]
    [MemberData(nameof(NoTimes))]
    public void A_time_of_an_argument_that_could_be_another_is_an_error(object value) => Unreadable(() => ReadValue.LocalTime(value));

    [Fact]
    public void The_culture_of_these_tests_is_one_with_a_comma() => (7.5).ToString(CultureInfo.CurrentCulture).ShouldBe("7,5");

    [Fact]
    public void An_error_shows_the_value_cut_short()
    {
        var e = Should.Throw<RunwareException>(() => ReadValue.Integer(new string('9', 5000)));

        e.Message.Length.ShouldBeLessThan(150);
        e.Message.ShouldStartWith("'99999");
        e.Category.ShouldBe(RunwareErrorCategory.Validation);
    }

    private static void Unreadable(Func<object?> read) => Should.Throw<RunwareException>(read).Code.ShouldBe("ParameterUnreadable");
}
