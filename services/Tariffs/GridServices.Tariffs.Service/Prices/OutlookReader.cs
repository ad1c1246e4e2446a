using System.Collections.Immutable;
using System.Data.Common;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Service.Meters;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>What the store knows of the prices ahead of a meter: its tariff's series, and what was drawn in the billing cycle so far.</summary>
internal static class OutlookReader
{
    /// <summary>The inputs, without prices of programs; and what of them is not known.</summary>
    public static async Task<(OutlookInputs Inputs, string? Unknown)> ReadAsync(
        DbTransaction tx, TariffStore tariffs, StoredMeter meter, ImmutableArray<CompiledTariff> versions, Instant from, Instant until, Instant now)
    {
        var zone = versions[0].Zone;
        var cycle = BillingCycle.Containing(now.InZone(zone).Date, meter.Plan.ReadingDay);
        var (start, end) = (zone.AtStartOfDay(cycle.From).ToInstant(), zone.AtStartOfDay(cycle.Until).ToInstant());
        var (soFar, unknown) = ((IntervalSeries?)null, (string?)null);
        try
        {
            soFar = HasTiers(versions) ? (await SummedMeters.DataAsync(tx, tariffs, meter, MeterGrid.Create(zone, meter.Plan.Interval), start, Instant.Min(end, now)))?.Net : null;
        }
        catch (BillRefusedException e)
        {
            unknown = $"what was drawn in this billing cycle is not known, and prices begin with the first tier: {e.Message}";
        }

        var curves = await PriceStore.CurvesAsync(tx, meter.Tenant, versions, from, until);
        return (new OutlookInputs { Versions = versions, Cycle = cycle, CycleSoFar = soFar, Curves = curves }, unknown);
    }

    /// <summary>Whether the price of the next kWh depends on what was drawn before it.</summary>
    public static bool HasTiers(ImmutableArray<CompiledTariff> versions) => versions.Any(v => v.Source.Energy.Any(e => e.Rates.Any(r => r.Tiers.Length > 1)));

    /// <summary>The stored price series that the tariff's prices need.</summary>
    public static IEnumerable<string> GetSeries(ImmutableArray<CompiledTariff> versions) =>
        versions.SelectMany(v => v.Source.Energy).Select(e => e.Index?.Series).OfType<string>().Distinct(StringComparer.Ordinal);
}
