using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests;

/// <summary>Small tariffs and loads that tests are made of.</summary>
internal static class Sample
{
    public static Tariff Empty(string zone = "Etc/UTC") => new() { SchemaVersion = 1, Id = "t", Currency = "EUR", TimeZone = zone };

    public static EnergyCharge Flat(decimal price) => new() { Id = "energy", Rates = [Rate("all", price)] };

    public static EnergyRate Rate(string period, decimal price) => new() { Period = period, Tiers = [new EnergyTier { Price = price }] };

    public static DemandRate PerKw(string period, decimal price) => new() { Period = period, Tiers = [new DemandTier { Price = price }] };

    /// <summary>"on" between two local hours every day, "off" otherwise.</summary>
    public static Schedule OnOff(int from, int until) => new()
    {
        Id = "tou",
        Rules = [new ScheduleRule { Period = "on", From = new DayTime(from * 60), Until = new DayTime(until * 60) }, new ScheduleRule { Period = "off" }],
    };

    /// <summary>One price of demand per calendar month.</summary>
    public static (Schedule Schedule, ImmutableArray<DemandRate> Rates) ByMonth(IReadOnlyList<decimal> prices) => (
        new Schedule { Id = "months", Rules = [.. prices.Select((_, m) => new ScheduleRule { Period = $"m{m + 1}", Months = [m + 1] })] },
        [.. prices.Select((p, m) => PerKw($"m{m + 1}", p))]);

    public static IntervalSeries Constant(string zone, LocalDate from, LocalDate until, int minutes, decimal kw)
    {
        var tz = DateTimeZoneProviders.Tzdb[zone];
        var (start, end) = (tz.AtStartOfDay(from).ToInstant(), tz.AtStartOfDay(until).ToInstant());
        var values = new decimal[(int)((end - start).TotalMinutes / minutes)];
        Array.Fill(values, kw);
        return IntervalSeries.Create(start, Duration.FromMinutes(minutes), IntervalUnit.Kw, values);
    }

    public static IntervalSeries Hourly(int year, decimal otherwise, params (int HourOneBased, decimal Kw)[] overrides)
    {
        var values = new decimal[8760];
        Array.Fill(values, otherwise);
        foreach (var (hour, kw) in overrides)
        {
            values[hour - 1] = kw;
        }

        return IntervalSeries.Create(Instant.FromUtc(year, 1, 1, 0, 0), Duration.FromHours(1), IntervalUnit.Kw, values);
    }

    public static Bill Bill(Tariff tariff, IntervalSeries series, params ImmutableArray<BillingCycle> cycles) =>
        BillCalculator.Calculate(CompiledTariff.Compile(tariff), MeterData.From(series), cycles);
}
