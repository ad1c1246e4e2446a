using GridServices.Operations.Money;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Money;

/// <summary>A settlement of ours as lines to be held against the utility's statement; amounts are to the customer.</summary>
internal static class StatementLines
{
    private static readonly LocalDateTimePattern Clock = LocalDateTimePattern.CreateWithInvariantCulture("HH:mm");
    private static readonly LocalDateTimePattern DayAndClock = LocalDateTimePattern.CreateWithInvariantCulture("uuuu-MM-dd HH:mm");

    /// <summary>By interval where the statement is: its lines then have the interval's start in the site's time as their period.</summary>
    internal static InvoiceComparison Compare(Settlement ours, IReadOnlyList<InvoiceLine> theirs)
    {
        var unit = LedgerLines.GetDigits(ours.Currency) switch { 0 => 1m, 3 => 0.001m, _ => 0.01m };
        var energy = theirs.Any(l => l.Period is not null) ? ByInterval(ours) : [Energy(ours, null, ours.EnergyKwh, ours.EnergyPayment)];
        return InvoiceComparison.Compare(energy.Concat(Others(ours, energy.Sum(l => l.Amount))), theirs, unit);
    }

    private static IReadOnlyList<InvoiceLine> ByInterval(Settlement ours)
    {
        var zone = DateTimeZoneProviders.Tzdb[ours.Zone];
        var pattern = ours.From.InZone(zone).Date == (ours.Until - Duration.Epsilon).InZone(zone).Date ? Clock : DayAndClock;
        return [.. ours.Intervals.Where(i => i.DeliveredKwh is not null).Select(i =>
            Energy(ours, pattern.Format(i.From.InZone(zone).LocalDateTime), i.DeliveredKwh!.Value, i.DeliveredKwh.Value * ours.EnergyPricePerKwh))];
    }

    private static InvoiceLine Energy(Settlement ours, string? period, decimal kwh, decimal amount) =>
        new() { Kind = "energy", Name = "energy", Period = period, Quantity = kwh, Unit = "kWh", Rate = ours.EnergyPricePerKwh, Amount = amount };

    /// <summary>What the program's terms make of the sum, and what is held back for too little: our lines sum to our total.</summary>
    private static IEnumerable<InvoiceLine> Others(Settlement ours, decimal energy)
    {
        if (energy != ours.EnergyPayment)
        {
            yield return new InvoiceLine { Kind = "adjustment", Name = "adjustment of the energy", Amount = ours.EnergyPayment - energy };
        }

        if (ours.Total != ours.EnergyPayment)
        {
            yield return new InvoiceLine { Kind = "adjustment", Name = "shortfall", Quantity = ours.ShortfallKwh, Unit = "kWh", Amount = ours.Total - ours.EnergyPayment };
        }
    }
}
