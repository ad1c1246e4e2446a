using System.Diagnostics;
using System.Globalization;
using GridServices.Tariffs;
using NodaTime;

namespace GridServices.Benchmarks.TariffBills;

/// <summary>
/// A site's month split among sessions, by energy and by load in the peak: time beside n log n, and the memory that the sessions' intervals take. Each session has the intervals of the
/// whole month (24 kB), so 100,000 of them need some 3 GB.
/// Options: a number = most sessions (default 10,000).
/// </summary>
internal static class AllocationScaling
{
    private const int Intervals = 31 * 96;
    private static readonly BillingCycle[] January = [BillingCycle.Year(2026)[0]];

    public static Task<int> RunAsync(string[] args)
    {
        var most = args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out var count) ? count : 10_000;
        var first = 0d;
        for (var sessions = 100; sessions <= most; sessions *= 10)
        {
            foreach (var method in new[] { DemandAllocationMethod.EnergyShare, DemandAllocationMethod.CoincidentPeak })
            {
                var (seconds, payable) = Split(sessions, method);
                first = first == 0 ? seconds : first;
                var fair = first * sessions * Math.Log2(sessions) / (100 * Math.Log2(100));
                Console.WriteLine($"{sessions,8} sessions, {method,-15} {seconds,8:F3} s (n log n from the first: {fair,8:F3} s), {payable} to the cent, {Environment.WorkingSet / 1_048_576} MB");
            }
        }

        return Task.FromResult(0);
    }

    private static (double Seconds, decimal Payable) Split(int sessions, DemandAllocationMethod method)
    {
        var random = new Random(sessions);
        var start = Instant.FromUtc(2026, 1, 1, 0, 0);
        var site = new decimal[Intervals];
        var users = new SiteUser[sessions];
        for (var s = 0; s < sessions; s++)
        {
            var kw = new decimal[Intervals];
            var (from, power) = (random.Next(0, Intervals - 8), random.Next(7, 150));
            for (var i = from; i < from + 8; i++)
            {
                (kw[i], site[i]) = (power, site[i] + power);
            }

            users[s] = new SiteUser($"s{s}", IntervalSeries.Of(start, Duration.FromMinutes(15), IntervalUnit.Kw, kw));
        }

        var data = MeterData.Of(IntervalSeries.Of(start, Duration.FromMinutes(15), IntervalUnit.Kw, [.. site.Select(kw => kw + 20)]));
        var plan = BillPlan.Create([CompiledTariff.Compile(Tariff)], January, data.Net);
        var bill = BillCalculator.Calculate(plan, data);
        var watch = Stopwatch.StartNew();
        var shares = BillAllocation.Allocate(plan, bill, data, users, method);
        var seconds = watch.Elapsed.TotalSeconds;
        return shares.Sum(s => s.Payable) == bill.Payable ? (seconds, bill.Payable) : throw new InvalidOperationException("the shares do not sum to the bill");
    }

    private static Tariff Tariff => new()
    {
        SchemaVersion = 1,
        Id = "allocation",
        Currency = "EUR",
        TimeZone = "Etc/UTC",
        Energy = [new EnergyCharge { Id = "energy", Rates = [new EnergyRate { Period = "all", Tiers = [new EnergyTier { Price = 0.2m }] }] }],
        Demand = [new DemandCharge { Id = "demand", Rates = [new DemandRate { Period = "all", Tiers = [new DemandTier { Price = 9 }] }], Window = new DemandWindow { Minutes = 15 } }],
    };
}
