using GridServices.Operations.Programs;
using NodaTime;

namespace GridServices.Operations.Tests.Programs;

public sealed class ProgramCalendarTests
{
    private static readonly DateTimeZone Montreal = DateTimeZoneProviders.Tzdb["America/Toronto"];

    // Dates of Easter Sunday as the US Naval Observatory lists them.
    [Theory]
    [InlineData("2024-03-31")]
    [InlineData("2025-04-20")]
    [InlineData("2026-04-05")]
    [InlineData("2027-03-28")]
    [InlineData("2028-04-16")]
    [InlineData("2038-04-25")]
    [InlineData("2285-03-22")]
    public void Easter_is_where_the_tables_have_it(string sunday) => Assert.Equal(Sample.Day(sunday), Easter.Sunday(int.Parse(sunday[..4])));

    [Theory]
    [InlineData("2026-11-30", false)] // before the season
    [InlineData("2026-12-01", true)]
    [InlineData("2026-12-24", false)]
    [InlineData("2026-12-28", true)]
    [InlineData("2026-12-31", false)]
    [InlineData("2027-01-01", false)]
    [InlineData("2027-01-04", true)]
    [InlineData("2027-01-09", false)] // Saturday
    [InlineData("2027-03-26", false)] // Good Friday
    [InlineData("2027-03-29", false)] // Easter Monday
    [InlineData("2027-03-30", true)]
    [InlineData("2027-03-31", true)]
    [InlineData("2027-04-01", false)]
    public void Hydro_Quebec_calls_on_winter_weekdays_without_the_holidays_by_the_Easter_rule(string day, bool calls) =>
        Assert.Equal(calls, TemplateCatalog.Find("HQ-COMMITMENT")!.Calendar.IsCallDay(Sample.Day(day)));

    [Theory]
    [InlineData("2027-05-31", false)] // Memorial Day
    [InlineData("2027-07-05", false)] // Independence Day on a Sunday is observed on Monday
    [InlineData("2027-07-06", true)]
    [InlineData("2027-09-06", false)] // Labor Day
    [InlineData("2027-10-29", true)]
    public void CBP_does_not_call_on_NERC_off_peak_days(string day, bool calls) =>
        Assert.Equal(calls, TemplateCatalog.Find("PGE-CBP")!.Calendar.IsCallDay(Sample.Day(day)));

    [Theory]
    [InlineData("2026-11-30", "2026-12-01", "2027-03-31")]
    [InlineData("2027-02-01", "2026-12-01", "2027-03-31")]
    [InlineData("2027-03-31", "2026-12-01", "2027-03-31")]
    [InlineData("2027-04-01", "2027-12-01", "2028-03-31")]
    public void A_season_over_the_new_year_is_the_one_that_is_on_or_comes_next(string day, string first, string last) =>
        Assert.Equal((Sample.Day(first), Sample.Day(last)), TemplateCatalog.Find("HQ-COMMITMENT")!.Calendar.Seasons[0].OnOrAfter(Sample.Day(day)));

    [Fact]
    public void Windows_are_in_the_program_s_local_time()
    {
        var spans = TemplateCatalog.Find("HQ-COMMITMENT")!.Calendar.CallSpans(Sample.Day("2026-12-01"), Montreal);
        Assert.Equal([new Interval(Sample.At("2026-12-01T11:00:00Z"), Sample.At("2026-12-01T14:00:00Z")), new Interval(Sample.At("2026-12-01T21:00:00Z"), Sample.At("2026-12-02T01:00:00Z"))], spans);
        Assert.Empty(TemplateCatalog.Find("HQ-COMMITMENT")!.Calendar.CallSpans(Sample.Day("2026-12-25"), Montreal));
    }

    [Fact]
    public void A_window_up_to_midnight_ends_with_the_day() =>
        Assert.Equal(Sample.At("2027-07-02T04:00:00Z"), Assert.Single(TemplateCatalog.Find("CONED-DLRP")!.Calendar.CallSpans(Sample.Day("2027-07-01"), Montreal)).End);

    [Theory]
    [InlineData("2027-03-14", 23)] // 02:00 to 03:00 is missing
    [InlineData("2027-11-07", 25)] // 01:00 to 02:00 comes twice
    [InlineData("2027-11-08", 24)]
    public void A_day_without_windows_has_the_hours_of_its_day(string day, int hours) =>
        Assert.Equal(Duration.FromHours(hours), Assert.Single(new ProgramCalendar().CallSpans(Sample.Day(day), Montreal)).Duration);

    [Theory]
    [InlineData("2027-11-07", 3)] // from the first 01:00 to 03:00
    [InlineData("2027-03-14", 1)] // 01:00 to 03:00, of which 02:00 to 03:00 is missing
    public void A_window_over_a_clock_change_has_its_real_length(string day, int hours)
    {
        var window = new CallWindow("night", "01:00 to 03:00", new LocalTime(1, 0), new LocalTime(3, 0), "test", Certainty.Judgement);
        Assert.Equal(Duration.FromHours(hours), window.On(Sample.Day(day), Montreal).Duration);
    }

    [Theory]
    [InlineData("2027-07-01", "2027-12-01")]
    [InlineData("2027-01-15", "2026-12-01")]
    [InlineData("2026-12-01", "2026-12-01")]
    public void The_season_that_is_on_or_comes_next_is_found_over_the_new_year(string day, string start) =>
        Assert.Equal(Sample.Day(start), TemplateCatalog.Find("HQ-COMMITMENT")!.Calendar.SeasonStart(Sample.Day(day)));

    [Fact]
    public void The_last_weekday_of_a_month_is_counted_from_its_end()
    {
        Assert.True(new NthWeekday(5, IsoDayOfWeek.Monday, -1).Is(Sample.Day("2027-05-31")));
        Assert.False(new NthWeekday(5, IsoDayOfWeek.Monday, -1).Is(Sample.Day("2027-05-24")));
        Assert.True(new NthWeekday(11, IsoDayOfWeek.Thursday, 4).Is(Sample.Day("2027-11-25")));
    }
}
