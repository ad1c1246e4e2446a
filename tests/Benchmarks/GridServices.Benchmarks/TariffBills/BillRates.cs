using System.Diagnostics;
using System.Globalization;
using System.Text;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Benchmarks.TariffBills;

/// <summary>
/// Bills per second and core with a compiled tariff, beside the kernel of NREL's ssc in double (4,230/s at 8,760 and 1,480/s at 35,040 intervals);
/// request to answer; appending to an open bill; memory of a thousand open bills; a portfolio of meter-years.
/// Options: a number = meter-years of the portfolio (default 1,000).
/// </summary>
internal static class BillRates
{
    private const string Zone = "Etc/GMT+7";
    private static readonly BillingCycle[] Year = [.. BillingCycle.Year(2018)];

    public static Task<int> RunAsync(string[] args)
    {
        var tariff = CompiledTariff.Compile(Commercial());
        foreach (var (minutes, baseline) in new[] { (60, 4_230), (15, 1_480) })
        {
            Rate(tariff, minutes, baseline);
        }

        RequestToAnswer();
        Append(tariff);
        OpenBills(tariff);
        Portfolio(tariff, args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out var count) ? count : 1_000);
        return Task.FromResult(0);
    }

    private static void Rate(CompiledTariff tariff, int minutes, int baseline)
    {
        var data = MeterData.From(Load(minutes, seed: 1));
        var plan = BillPlan.Create([tariff], Year, data.Net);
        var options = new BillOptions { HashData = false };
        _ = data.Net.Hash;
        var best = 0d;
        for (var round = 0; round < 6; round++)
        {
            var (watch, bills) = (Stopwatch.StartNew(), 0);
            while (watch.ElapsedMilliseconds < 700)
            {
                _ = BillCalculator.Calculate(plan, data, options: options).Total;
                bills++;
            }

            best = Math.Max(best, bills / watch.Elapsed.TotalSeconds);
        }

        Console.WriteLine($"{data.Net.Count,7} intervals: {best,8:F0} bills/s on one core, decimal-exact (ssc kernel, double: {baseline}; ratio {best / baseline:F1})");
    }

    private static void RequestToAnswer()
    {
        var load = Load(15, seed: 2);
        var request = new StringBuilder("{\"tariff\":").Append(Encoding.UTF8.GetString(TariffJson.Write(Commercial())))
            .Append(",\"year\":2018,\"intervals\":{\"minutes\":15,\"kW\":[").AppendJoin(',', Enumerable.Range(0, load.Count).Select(i => load[i].ToString(CultureInfo.InvariantCulture))).Append("]}}");
        var bytes = Encoding.UTF8.GetBytes(request.ToString());
        var times = Enumerable.Range(0, 20).Select(round =>
        {
            var watch = Stopwatch.StartNew();
            GC.KeepAlive(BillJson.Write(BillRequestJson.Read(bytes).OrThrow().Bill()));
            return watch.Elapsed.TotalMilliseconds;
        }).ToArray();
        Console.WriteLine($"JSON request to JSON answer, 35,040 intervals: first {times[0]:F1} ms, median {times.Order().ElementAt(10):F1} ms (asked: 50 ms)");
    }

    private static void Append(CompiledTariff tariff)
    {
        var bill = new OpenBill([tariff], Year[0], Duration.FromMinutes(15));
        var meter = new DemandMeter(tariff, DemandLines.Create(tariff.Source, Account.Plain, Year[0].Month, [])[0], Year[0], new DemandMemory { AsOf = bill.Start });
        var watch = Stopwatch.StartNew();
        var appended = 0;
        for (; !bill.IsFull; appended++)
        {
            var from = bill.Next;
            bill.Append(from, 12.345m);
            meter.Add(from, bill.Next, 12.345m);
        }

        Console.WriteLine($"appending one reading to an open bill and its demand window: {watch.Elapsed.TotalMicroseconds / appended:F2} us (asked: 20 us)");
        watch.Restart();
        for (var i = 0; i < 100; i++)
        {
            _ = bill.SoFar().Total;
        }

        Console.WriteLine($"the bill so far of a full month: {watch.Elapsed.TotalMicroseconds / 100:F0} us");
    }

    private static void OpenBills(CompiledTariff tariff)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var bills = Enumerable.Range(0, 1_000).Select(_ => new OpenBill([tariff], Year[0], Duration.FromMinutes(15))).ToArray();
        foreach (var bill in bills)
        {
            bill.Append(bill.Next, 1);
            _ = bill.SoFar();
        }

        Console.WriteLine($"1,000 open bills: {(GC.GetTotalMemory(forceFullCollection: true) - before) / 1048576.0:F1} MiB (asked: 50 MB)");
        GC.KeepAlive(bills);
    }

    private static void Portfolio(CompiledTariff tariff, int meters)
    {
        var plan = BillPlan.Create([tariff], Year, Load(15, seed: 0));
        var loads = Enumerable.Range(0, 50).Select(seed => MeterData.From(Load(15, seed))).ToArray();
        var watch = Stopwatch.StartNew();
        var total = 0m;
        for (var meter = 0; meter < meters; meter++)
        {
            total += BillCalculator.Calculate(plan, loads[meter % loads.Length], options: new BillOptions { HashData = false }).Total;
        }

        using var self = Process.GetCurrentProcess();
        Console.WriteLine($"portfolio of {meters:N0} meter-years of 15-min data ({loads.Length} distinct loads), one core: {watch.Elapsed.TotalSeconds:F1} s, {meters / watch.Elapsed.TotalSeconds:F0}/s, working set {self.WorkingSet64 >> 20} MiB (total {total:F2})");
    }

    /// <summary>Two seasons, weekday peak, tiered demand by time of use: the shape of the reference engine's commercial test rate.</summary>
    private static Tariff Commercial() => new()
    {
        SchemaVersion = 1,
        Id = "commercial",
        Currency = "USD",
        TimeZone = Zone,
        DayTypes = [new DayType { Id = "weekday", Days = [.. Enumerable.Range(1, 5).Select(d => (IsoDayOfWeek)d)] }],
        Schedules =
        [
            new Schedule
            {
                Id = "energy",
                Rules =
                [
                    new ScheduleRule { Period = "summer-on", Months = [5, 6, 7, 8, 9, 10], DayTypes = ["weekday"], From = new DayTime(900), Until = new DayTime(1200) },
                    new ScheduleRule { Period = "summer-off", Months = [5, 6, 7, 8, 9, 10] },
                    new ScheduleRule { Period = "winter-on", DayTypes = ["weekday"], From = new DayTime(900), Until = new DayTime(1200) },
                    new ScheduleRule { Period = "winter-off" },
                ],
            },
            new Schedule
            {
                Id = "demand",
                Rules = [new ScheduleRule { Period = "on", DayTypes = ["weekday"], From = new DayTime(900), Until = new DayTime(1200) }, new ScheduleRule { Period = "off" }],
            },
        ],
        Energy = [new EnergyCharge { Id = "energy", Schedule = "energy", Rates = [Energy("summer-on", 0.05m), Energy("summer-off", 0.075m), Energy("winter-on", 0.06m), Energy("winter-off", 0.05m)] }],
        Demand = [new DemandCharge { Id = "demand", Schedule = "demand", Rates = [Demand("on", 20, 15), Demand("off", 10, 5)] }],
        Fixed = [new FixedCharge { Id = "fixed", Amount = 30 }],
    };

    private static EnergyRate Energy(string period, decimal price) => new() { Period = period, Tiers = [new EnergyTier { Price = price }] };

    private static DemandRate Demand(string period, decimal first, decimal rest) => new() { Period = period, Tiers = [new DemandTier { UpTo = 100, Price = first }, new DemandTier { Price = rest }] };

    private static IntervalSeries Load(int minutes, int seed)
    {
        var random = new Random(seed);
        var kw = new decimal[8760 * 60 / minutes];
        for (var i = 0; i < kw.Length; i++)
        {
            kw[i] = random.Next(20_0000, 280_0000) / 10_000m;
        }

        return IntervalSeries.Create(DateTimeZoneProviders.Tzdb[Zone].AtStartOfDay(new LocalDate(2018, 1, 1)).ToInstant(), Duration.FromMinutes(minutes), IntervalUnit.Kw, kw);
    }
}
