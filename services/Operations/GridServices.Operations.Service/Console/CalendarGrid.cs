using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Console;

/// <summary>
/// Days to choose a span from, week by week: the first link begins a span of one day, the second one ends it; a pointer that is drawn from day to day does both. Days
/// are those of the site that is chosen in the form.
/// </summary>
/// <param name="Today">In the zone of who looks.</param>
/// <param name="First">The first day that is chosen; null = none.</param>
/// <param name="Last">The last one, not before it; null with it.</param>
internal sealed record CalendarGrid(LocalDate Today, LocalDate? First, LocalDate? Last)
{
    private const int Shown = 6;

    internal static CalendarGrid Read(LocalDate today, string? first, string? last)
    {
        var (from, until) = (Parse(first), Parse(last) ?? Parse(first));
        return new CalendarGrid(today, from < until ? from : until, from < until ? until : from);
    }

    /// <summary>Six weeks from Monday on.</summary>
    internal IEnumerable<IReadOnlyList<LocalDate>> Weeks
    {
        get
        {
            var monday = Today.PlusDays(1 - (int)Today.DayOfWeek);
            return Enumerable.Range(0, Shown).Select(week => (IReadOnlyList<LocalDate>)[.. Enumerable.Range(0, 7).Select(day => monday.PlusDays((7 * week) + day))]);
        }
    }

    internal bool IsChosen(LocalDate day) => First <= day && day <= Last;

    /// <summary>Where a day leads: with one day chosen to the span up to it, else to the day alone.</summary>
    internal string CreateUrl(LocalDate day) => First is { } first && First == Last && first != day ? $"/calendar?first={Text(first)}&last={Text(day)}#plan" : $"/calendar?first={Text(day)}#plan";

    internal static string Text(LocalDate day) => LocalDatePattern.Iso.Format(day);

    private static LocalDate? Parse(string? text) => text is not null && LocalDatePattern.Iso.Parse(text) is { Success: true, Value: var day } && day.Year is > 1900 and < 3000 ? day : null;
}
