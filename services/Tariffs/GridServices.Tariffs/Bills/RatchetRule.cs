using GridServices.Tariffs.Model;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>What a ratchet makes of a peak and the peaks before it. Bills and live meters share it, so that both know the same floor.</summary>
internal static class RatchetRule
{
    /// <summary>The kW billed, and which earlier peak bound if it was not the month's own.</summary>
    public static (decimal Kw, string? Note) Apply(Ratchet ratchet, YearMonth month, decimal own, IEnumerable<(YearMonth Month, decimal Kw)> history)
    {
        if (!ratchet.AppliesInMonths.IsEmpty && !ratchet.AppliesInMonths.Contains(month.Month))
        {
            return (own, null);
        }

        var inFull = ratchet.CurrentInFullMonths.IsEmpty || ratchet.CurrentInFullMonths.Contains(month.Month);
        var billed = (Kw: inFull ? own : own * Percent(ratchet, month.Month) / 100, Note: (string?)null);
        foreach (var (at, kw) in history.Where(p => Counts(ratchet, p.Month, month)))
        {
            var floor = kw * Percent(ratchet, at.Month) / 100;
            if (floor > billed.Kw)
            {
                billed = (floor, $"ratchet: {Percent(ratchet, at.Month):0.##} % of {kw:0.######} kW of {at.Year}-{at.Month:00}; own peak {own:0.######} kW");
            }
        }

        return billed;
    }

    public static int Number(YearMonth month) => month.Year * 12 + month.Month;

    private static bool Counts(Ratchet ratchet, YearMonth at, YearMonth now) =>
        (ratchet.SourceMonths.IsEmpty || ratchet.SourceMonths.Contains(at.Month)) && (ratchet.Basis == RatchetBasis.CalendarYear
            ? at.Year == now.Year
            : Number(at) < Number(now) && Number(at) >= Number(now) - ratchet.LookbackMonths);

    private static decimal Percent(Ratchet ratchet, int month) => ratchet.Percent ?? ratchet.PercentByMonth[month - 1];
}
