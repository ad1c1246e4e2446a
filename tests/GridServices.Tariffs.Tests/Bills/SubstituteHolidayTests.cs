using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Holidays of a weekend that are kept on the next free weekday (United Kingdom, Ireland, Australia, New Zealand).</summary>
public sealed class SubstituteHolidayTests
{
    [Theory]
    [InlineData(2026, "2026-01-01 2026-12-25 2026-12-28")]
    [InlineData(2027, "2027-01-01 2027-12-27 2027-12-28")]
    [InlineData(2022, "2022-01-03 2022-12-26 2022-12-27")]
    public void A_holiday_of_a_weekend_is_kept_on_the_next_weekday_that_is_none(int year, string days)
    {
        var calendar = new HolidayCalendar([Kept(1, 1), Kept(12, 25), Kept(12, 26)]);
        var first = new LocalDate(year, 1, 1);
        var found = Enumerable.Range(0, 365).Select(first.PlusDays).Where(calendar.IsHoliday).Select(d => d.ToString("uuuu-MM-dd", null));
        Assert.Equal(days, string.Join(' ', found));
    }

    private static Holiday Kept(int month, int day) => new() { Annual = new AnnualDate(month, day), Observed = Observance.SubstituteDay };
}
