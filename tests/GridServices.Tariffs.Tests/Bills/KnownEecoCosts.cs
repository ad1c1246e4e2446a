using System.Text.Json;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Unit tests of the eeco engine that bill electricity from nothing: half-hour boundaries, seasons, weekdays.</summary>
public sealed class KnownEecoCosts
{
    [Fact]
    public void Electric_demand_and_energy_of_the_peer_engine_are_met()
    {
        var checkedCases = 0;
        foreach (var (id, known) in KnownData.Cases("misc", "eeco_calculate_*_costs_*.json"))
        {
            var given = known.GetProperty("params");
            var demand = id.Contains("demand", StringComparison.Ordinal);
            if (!FromNothing(given))
            {
                continue;
            }

            var (from, until) = (Date(given, "start_dt"), Date(given, "end_dt"));
            var kw = given.GetProperty("consumption_data_dict").Numbers("electric");
            var series = IntervalSeries.Of(Instant.FromUtc(from.Year, from.Month, from.Day, 0, 0), Duration.FromMinutes((until - from).Days * 1440 / kw.Length), IntervalUnit.Kw, kw);
            var bill = Sample.Bill(Tariff(Path.GetFileName(given.GetProperty("billing_data").GetString()!), demand), series, new BillingCycle(from, until));
            var (wanted, tolerance) = Expected(given.GetProperty("expected"));
            Assert.True(Math.Abs(wanted - bill.Total) <= tolerance, $"{id}: expected {wanted}, got {bill.Total}");
            checkedCases++;
        }

        Assert.True(checkedCases >= 4, $"only {checkedCases} cases could be checked");
    }

    /// <summary>Charges given as arrays: one price per step, as a bill's price series.</summary>
    [Fact]
    public void Costs_by_arrays_of_prices_are_met()
    {
        var checkedCases = 0;
        foreach (var (id, known) in KnownData.Cases("misc", "eeco_*_cost_np_*.json").Concat(KnownData.Cases("misc", "eeco_calculate_export_revenue_*.json")))
        {
            var given = known.GetProperty("params");
            var isExport = id.Contains("export", StringComparison.Ordinal);
            var prices = isExport ? Array(given, "charge_array") : OnlyElectric(given);
            if ((given.TryGetProperty("expect_error", out var error) && error.ValueKind == JsonValueKind.True) || prices is null || (given.TryGetProperty("consumption_estimate", out var estimate) && estimate.GetDecimal() != 0))
            {
                continue;
            }

            var kw = isExport ? Array(given, "export_data")! : given.GetProperty("consumption_data_dict").Numbers("electric");
            var bill = ByArray(prices, kw, isExport);
            var (wanted, tolerance) = Expected(given.GetProperty(isExport ? "expected" : "expected_cost"));
            Assert.True(Math.Abs(wanted - (isExport ? -bill.Total : bill.Total)) <= tolerance, $"{id}: expected {wanted}, got {bill.Total}");
            checkedCases++;
        }

        Assert.True(checkedCases >= 2, $"only {checkedCases} cases could be checked");
    }

    private static decimal[]? OnlyElectric(JsonElement given) =>
        given.GetProperty("charge_dict").EnumerateObject().ToArray() is [var only] && only.Name.StartsWith("electric_energy", StringComparison.Ordinal) ? Numbers(only.Value) : null;

    private static decimal[]? Array(JsonElement given, string name) => given.TryGetProperty(name, out var array) && array.ValueKind == JsonValueKind.Array ? Numbers(array) : null;

    private static decimal[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetDecimal())];

    private static Bill ByArray(decimal[] prices, decimal[] kw, bool isExport)
    {
        var (start, step) = (Instant.FromUtc(2024, 7, 10, 0, 0), Duration.FromMinutes(15));
        var tariff = Sample.Empty() with
        {
            Energy = [new EnergyCharge { Id = "e", Index = new IndexPrice { Series = "array", SellShare = isExport ? 1 : null } }],
            Export = isExport ? new ExportTerms { Mode = ExportMode.NetBilling } : null,
        };
        var series = IntervalSeries.Of(start, step, IntervalUnit.Kw, [.. kw.Select(v => isExport ? -v : v)]);
        var curve = new PriceCurve("array", [.. prices.Select((p, i) => new PricePoint(start + step * i, start + step * (i + 1), p))]);
        return BillCalculator.Calculate(CompiledTariff.Of(tariff), MeterData.Of(series), [new BillingCycle(new LocalDate(2024, 7, 10), new LocalDate(2024, 7, 11))], options: new BillOptions { Prices = [curve] });
    }

    /// <summary>Electricity only, no earlier consumption and no scaling: what a bill has beside the peer's optimisation horizon.</summary>
    private static bool FromNothing(JsonElement given) =>
        given.GetProperty("utility").ValueKind == JsonValueKind.String && given.GetProperty("utility").GetString() == "electric"
        && !new[] { "prev_demand_dict", "prev_consumption_dict" }.Any(name => given.TryGetProperty(name, out var earlier) && earlier.ValueKind == JsonValueKind.Object)
        && (!given.TryGetProperty("scale_factor", out var scale) || scale.GetDecimal() == 1);

    private static LocalDate Date(JsonElement given, string name) => LocalDatePattern.Iso.Parse(given.GetProperty(name).GetString()!).Value;

    private static (decimal Value, decimal Tolerance) Expected(JsonElement expected)
    {
        var parts = expected.ValueKind == JsonValueKind.String ? expected.GetString()!.Split('\u00b1', StringSplitOptions.TrimEntries) : [expected.GetRawText(), "0.000001"];
        return (decimal.Parse(parts[0]), decimal.Parse(parts[1], System.Globalization.NumberStyles.Float));
    }

    /// <summary>Each row of the peer's table is a rule: months, weekdays (0 = Monday) and hours with halves; rows of one name share a peak.</summary>
    private static Tariff Tariff(string file, bool demand)
    {
        var rows = File.ReadLines(KnownData.PathOf($"tariffs/eeco_{file}")).Skip(1).Select(l => l.Split(',')).Where(r => r[0] == "electric" && r[1] == (demand ? "demand" : "energy")).ToArray();
        var names = demand ? rows.Select(r => r[2]).Distinct().ToArray() : ["energy"];
        var tariff = Sample.Empty() with { DayTypes = [.. Enumerable.Range(1, 7).Select(d => new DayType { Id = $"{d - 1}", Days = [(IsoDayOfWeek)d] })] };
        foreach (var name in names)
        {
            var own = rows.Where(r => !demand || r[2] == name).ToArray();
            ScheduleRule[] rules = [.. own.Select((r, i) => Rule(r, demand ? "in" : $"p{i}")), new ScheduleRule { Period = "out" }];
            var schedule = new Schedule { Id = name, Rules = [.. rules] };
            tariff = tariff with
            {
                Schedules = tariff.Schedules.Add(schedule),
                Demand = demand ? tariff.Demand.Add(new DemandCharge { Id = name, Schedule = name, Rates = [Sample.PerKw("in", decimal.Parse(own[0][11]))] }) : [],
                Energy = demand ? [] : [new EnergyCharge { Id = name, Schedule = name, Rates = [.. own.Select((r, i) => Sample.Rate($"p{i}", decimal.Parse(r[11]))), Sample.Rate("out", 0)] }],
            };
        }

        return tariff;
    }

    private static ScheduleRule Rule(string[] row, string period)
    {
        int Whole(int column) => int.Parse(row[column]);
        DayTime Hour(int column) => new((int)(decimal.Parse(row[column]) * 60));
        return new ScheduleRule
        {
            Period = period,
            Months = [.. Enumerable.Range(Whole(5), Whole(6) - Whole(5) + 1)],
            DayTypes = [.. Enumerable.Range(Whole(9), Whole(10) - Whole(9) + 1).Select(d => $"{d}")],
            From = Hour(7),
            Until = Hour(8),
        };
    }
}
