using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>January 2026 in UTC in quarter hours, and the bill of it: what brute-force counts are made over.</summary>
internal static class Loads
{
    public const int PerDay = 96;
    public const int Count = 31 * PerDay;

    public static readonly LocalDate First = new(2026, 1, 1);
    public static readonly BillingCycle January = new(First, new LocalDate(2026, 2, 1));

    /// <summary>Whole tenths of kW from 0 to <paramref name="most"/>; the same seed gives the same load.</summary>
    public static decimal[] Any(int seed, int most = 150, int count = Count)
    {
        var state = seed * 7919L;
        var load = new decimal[count];
        for (var i = 0; i < count; i++)
        {
            state = (state * 1103515245 + 12345) % 2147483648;
            load[i] = state / 65536 % (most * 10) / 10m;
        }

        return load;
    }

    public static IntervalSeries Series(decimal[] kw) => IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromMinutes(15), IntervalUnit.Kw, kw);

    public static IntervalSeries Constant(decimal kw) => Sample.Constant("Etc/UTC", January.From, January.Until, 15, kw);

    public static Bill Bill(Tariff tariff, IntervalSeries net, IntervalSeries? kvar = null, Account? account = null, ImmutableArray<BillingCycle> cycles = default) => BillCalculator.Calculate(
        CompiledTariff.Compile(tariff), new MeterData { Net = net, Reactive = kvar }, cycles.IsDefault ? [January] : cycles, account);

    public static Bill Bill(Tariff[] versions, IntervalSeries net) =>
        BillCalculator.Calculate(BillPlan.Create([.. versions.Select(CompiledTariff.Compile)], [January], net), MeterData.From(net));

    public static DemandCharge Demand(decimal price) => new() { Id = "d", Rates = [Sample.PerKw("all", price)] };
}
