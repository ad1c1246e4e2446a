using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Requests;

namespace GridServices.Benchmarks.TariffBills;

/// <summary>
/// A site's month split among sessions given as rows of start, end and kWh: the request read, the bill made, every charge shared, by each method; beside n log n, and the memory that it took.
/// Options: a number = most sessions (default 100,000).
/// </summary>
internal static class AllocationScaling
{
    private const int Quarters = 31 * 96;
    private const int Fewest = 1_000;

    public static Task<int> RunAsync(string[] args)
    {
        var most = args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out var count) ? count : 100_000;
        foreach (var method in Enum.GetValues<DemandAllocationMethod>())
        {
            _ = Split(Request(100, method));
            var first = 0d;
            for (var sessions = Fewest; sessions <= most; sessions *= 10)
            {
                first = Measured(sessions, method, first);
            }
        }

        return Task.FromResult(0);
    }

    /// <summary>Prints one line and gives the seconds of the first one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double Measured(int sessions, DemandAllocationMethod method, double first)
    {
        var request = Request(sessions, method);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (watch, cpu) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var (read, payable) = Split(request);
        var (seconds, busy) = (watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        first = first == 0 ? seconds : first;
        var fair = first * sessions * Math.Log2(sessions) / (Fewest * Math.Log2(Fewest));
        Console.WriteLine(
            $"{sessions,8} sessions, {method,-18} {seconds,7:F2} s, {busy,7:F2} s of CPU (n log n from the first: {fair,7:F2} s), {payable} to the cent, {(GC.GetTotalMemory(forceFullCollection: true) - before) >> 20,4} MB held, {Environment.WorkingSet >> 20,5} MB resident");
        GC.KeepAlive(read);
        return first;
    }

    private static (object Held, decimal Payable) Split(byte[] json)
    {
        var request = AllocationRequestJson.Read(json).OrThrow();
        var (bill, costs, _) = request.Split();
        return costs.Sum(c => c.Payable) == bill.Payable ? ((request, costs), bill.Payable) : throw new InvalidOperationException("the shares do not sum to the bill");
    }

    /// <summary>Sessions of up to four hours at any minute of January, and what else the site takes.</summary>
    private static byte[] Request(int sessions, DemandAllocationMethod method)
    {
        var random = new Random(sessions);
        var site = Enumerable.Repeat(20m, Quarters).ToArray();
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var rows = new StringBuilder("start,end,kWh,evse,user,paid");
        for (var s = 0; s < sessions; s++)
        {
            var (from, minutes, kw) = (random.Next(0, (Quarters * 15) - 240), random.Next(10, 240), random.Next(7, 150));
            var kwh = decimal.Round(kw * minutes / 60m, 3);
            for (var at = from; at < from + minutes; at++)
            {
                site[at / 15] += kwh / minutes * 4;
            }

            rows.Append(CultureInfo.InvariantCulture, $"\\n{start.AddMinutes(from):yyyy-MM-ddTHH:mmZ},{start.AddMinutes(from + minutes):yyyy-MM-ddTHH:mmZ},{kwh},evse-{s % 200},user-{s % 5000},{decimal.Round(kwh * 0.4m, 2)}");
        }

        var kilowatts = string.Join(',', site.Select(kw => decimal.Round(kw, 6).ToString(CultureInfo.InvariantCulture)));
        var name = char.ToLowerInvariant(method.ToString()[0]) + method.ToString()[1..];
        return Encoding.UTF8.GetBytes($$"""{"tariff":{{Tariff}},"intervals":{"start":"2026-01-01","minutes":15,"kW":[{{kilowatts}}]},"method":"{{name}}","sessions":{"csv":"{{rows}}"} }""");
    }

    /// <summary>Energy and demand by time of use, a fixed charge and a tax.</summary>
    private const string Tariff = """
        {"schemaVersion":1,"id":"allocation","currency":"EUR","timeZone":"Etc/UTC",
         "schedules":[{"id":"tou","rules":[{"period":"on","from":"16:00","until":"21:00"},{"period":"off"}]}],
         "energy":[{"id":"energy","schedule":"tou","rates":[{"period":"on","tiers":[{"price":0.31}]},{"period":"off","tiers":[{"price":0.2}]}]}],
         "demand":[{"id":"demand","window":{"minutes":15},"rates":[{"period":"all","tiers":[{"price":9}]}]},
                   {"id":"on-peak","schedule":"tou","window":{"minutes":30},"rates":[{"period":"on","tiers":[{"price":4}]}]}],
         "fixed":[{"id":"basic","amount":250}],
         "adjustments":[{"id":"vat","percent":19}]}
        """;
}
