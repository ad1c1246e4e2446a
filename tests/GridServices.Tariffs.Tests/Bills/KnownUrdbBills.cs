using System.Text.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Real rates x loads, against an exact-rational reference and NREL's ssc.</summary>
public sealed class KnownUrdbBills
{
    [Fact]
    public void Every_real_rate_and_load_bills_to_a_ten_thousandth_unrounded_and_to_the_cent_rounded()
    {
        var failures = KnownData.Cases("bills", "urdb_*.json").SelectMany(c => Check(c.Id, c.Case)).ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static IEnumerable<string> Check(string id, JsonElement known)
    {
        var tariff = KnownData.Urdb(known.GetProperty("tariff").GetString()!);
        var series = KnownData.Series(KnownData.Column(known.GetProperty("load").GetString()!), known.GetProperty("interval_minutes").GetInt32());
        var bill = BillCalculator.Calculate(tariff, MeterData.From(series), BillingCycle.Year(KnownData.TypicalYear));
        var prorated = BillCalculator.Calculate(tariff, MeterData.From(series), BillingCycle.Year(KnownData.TypicalYear), options: new BillOptions { EnergyTierFill = TierFill.Prorated });
        return Compare(known.GetProperty("expected"), bill, prorated).Select(d => $"{id}: {d}");
    }

    private static IEnumerable<string> Compare(JsonElement expected, Bill bill, Bill prorated)
    {
        decimal[] Monthly(params string[] charges) => [.. bill.Months.Select(m => m.LineItems.Where(l => charges.Contains(l.Charge)).Sum(l => l.Amount))];
        foreach (var (name, actual) in new (string, decimal[])[]
        {
            ("annual_energy", [bill.Subtotal(LineKind.Energy)]),
            ("annual_energy_prorated", [prorated.Subtotal(LineKind.Energy)]),
            ("annual_tou_demand", [Monthly("demand").Sum()]),
            ("annual_flat_demand", [Monthly("flat-demand").Sum()]),
            ("annual_fixed", [bill.Subtotal(LineKind.Fixed)]),
            ("annual_minimum_adder", [bill.Subtotal(LineKind.Minimum)]),
            ("annual_bill", [bill.Total]),
            ("monthly_energy", Monthly("energy")),
            ("monthly_tou_demand", Monthly("demand")),
            ("monthly_flat_demand", Monthly("flat-demand")),
            ("monthly_fixed", Monthly("fixed", "fixed-monthly")),
            ("monthly_bill", [.. bill.Months.Select(m => m.Total)]),
            ("monthly_kwh", [.. bill.Months.Select(m => m.ImportKwh)]),
            ("monthly_peak_kw", [.. bill.Months.Select(m => m.PeakKw)]),
        })
        {
            if (expected.TryGetProperty(name, out var value))
            {
                decimal[] wanted = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(e => e.GetDecimal())] : [value.GetDecimal()];
                foreach (var difference in KnownData.Differences(name, wanted, actual))
                {
                    yield return difference;
                }
            }
        }

        if (expected.TryGetProperty("annual_bill", out var annual) && Math.Round(annual.GetDecimal(), 2, MidpointRounding.AwayFromZero) != bill.Payable)
        {
            yield return $"payable: expected {annual.GetDecimal()} to the cent, got {bill.Payable}";
        }

        if (bill.Replay() != bill.Total)
        {
            yield return $"the line items replay to {bill.Replay()}, not {bill.Total}";
        }
    }
}
