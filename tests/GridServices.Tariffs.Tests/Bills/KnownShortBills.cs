using System.Text.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Costs of a day or three as another engine (eeco) gives them: half-hour boundaries, seasons, weekdays, prices per step.</summary>
public sealed class KnownShortBills
{
    private static readonly JsonElement Known = KnownData.Json(KnownData.GetPath("peers/short-bills.json"));

    [Fact]
    public void Electric_demand_and_energy_of_the_peer_engine_are_met()
    {
        var bills = Known.GetProperty("bills").EnumerateArray().ToArray();
        Assert.Equal(["demand", "demand", "demand", "energy"], bills.Select(Kind).Order(StringComparer.Ordinal));
        foreach (var known in bills)
        {
            var (from, until) = (Date(known, "from"), Date(known, "until"));
            var kw = Values(known.GetProperty("kw"));
            var series = IntervalSeries.Create(Instant.FromUtc(from.Year, from.Month, from.Day, 0, 0), Duration.FromMinutes((until - from).Days * 1440 / kw.Length), IntervalUnit.Kw, kw);
            Same(known, Sample.Bill(Tariff(Kind(known)), series, new BillingCycle(from, until)).Total);
        }
    }

    /// <summary>Charges given as arrays: one price per step, as a bill's price series.</summary>
    [Fact]
    public void Costs_by_arrays_of_prices_are_met()
    {
        var arrays = Known.GetProperty("arrays").EnumerateArray().ToArray();
        Assert.Contains(arrays, a => a.GetProperty("export").GetBoolean());
        Assert.Contains(arrays, a => !a.GetProperty("export").GetBoolean());
        foreach (var known in arrays)
        {
            var isExport = known.GetProperty("export").GetBoolean();
            var bill = ByArray(Values(known.GetProperty("prices")), Values(known.GetProperty("kw")), isExport);
            Same(known, isExport ? -bill.Total : bill.Total);
        }
    }

    private static void Same(JsonElement known, decimal total)
    {
        var wanted = known.GetProperty("total").GetDecimal();
        Assert.True(Math.Abs(wanted - total) <= known.GetProperty("tolerance").GetDecimal(), $"{known.GetProperty("id").GetString()}: expected {wanted}, got {total}");
    }

    private static string Kind(JsonElement known) => known.GetProperty("kind").GetString()!;

    private static LocalDate Date(JsonElement known, string name) => LocalDatePattern.Iso.Parse(known.GetProperty(name).GetString()!).Value;

    /// <summary><c>{"ramp": n}</c> is 0, 1, …, n - 1; <c>{"constant": v, "count": n}</c> is n times v.</summary>
    private static decimal[] Values(JsonElement series) => series.TryGetProperty("ramp", out var count)
        ? [.. Enumerable.Range(0, count.GetInt32()).Select(i => (decimal)i)]
        : [.. Enumerable.Repeat(series.GetProperty("constant").GetDecimal(), series.GetProperty("count").GetInt32())];

    private static Bill ByArray(decimal[] prices, decimal[] kw, bool isExport)
    {
        var (start, step) = (Instant.FromUtc(2024, 7, 10, 0, 0), Duration.FromMinutes(15));
        var tariff = Sample.Empty() with
        {
            Energy = [new EnergyCharge { Id = "e", Index = new IndexPrice { Series = "array", SellShare = isExport ? 1 : null } }],
            Export = isExport ? new ExportTerms { Mode = ExportMode.NetBilling } : null,
        };
        var series = IntervalSeries.Create(start, step, IntervalUnit.Kw, [.. kw.Select(v => isExport ? -v : v)]);
        var curve = new PriceCurve("array", [.. prices.Select((p, i) => new PricePoint(start + step * i, start + step * (i + 1), p))]);
        return BillCalculator.Calculate(CompiledTariff.Compile(tariff), MeterData.From(series), [new BillingCycle(new LocalDate(2024, 7, 10), new LocalDate(2024, 7, 11))], options: new BillOptions { Prices = [curve] });
    }

    /// <summary>Each row of the table of prices is a rule; rows of one name share a peak.</summary>
    private static Tariff Tariff(string kind)
    {
        var isDemand = kind == "demand";
        var rows = Known.GetProperty("prices").EnumerateArray().Where(r => Kind(r) == kind).ToArray();
        var tariff = Sample.Empty() with { DayTypes = [.. Enumerable.Range(1, 7).Select(d => new DayType { Id = $"{d - 1}", Days = [(IsoDayOfWeek)d] })] };
        foreach (var row in rows.GroupBy(r => r.GetProperty("name").GetString()!))
        {
            ScheduleRule[] rules = [.. row.Select((r, i) => Rule(r, isDemand ? "in" : $"p{i}")), new ScheduleRule { Period = "out" }];
            tariff = tariff with
            {
                Schedules = tariff.Schedules.Add(new Schedule { Id = row.Key, Rules = [.. rules] }),
                Demand = isDemand ? tariff.Demand.Add(new DemandCharge { Id = row.Key, Schedule = row.Key, Rates = [Sample.PerKw("in", Price(row.First()))] }) : [],
                Energy = isDemand ? [] : [new EnergyCharge { Id = row.Key, Schedule = row.Key, Rates = [.. row.Select((r, i) => Sample.Rate($"p{i}", Price(r))), Sample.Rate("out", 0)] }],
            };
        }

        return tariff;
    }

    private static decimal Price(JsonElement row) => row.GetProperty("price").GetDecimal();

    private static ScheduleRule Rule(JsonElement row, string period)
    {
        IEnumerable<int> Range(string name) => Enumerable.Range(row.GetProperty(name)[0].GetInt32(), row.GetProperty(name)[1].GetInt32() - row.GetProperty(name)[0].GetInt32() + 1);
        DayTime Hour(int end) => new((int)(row.GetProperty("hours")[end].GetDecimal() * 60));
        return new ScheduleRule { Period = period, Months = [.. Range("months")], DayTypes = [.. Range("weekdays").Select(d => $"{d}")], From = Hour(0), Until = Hour(1) };
    }
}
