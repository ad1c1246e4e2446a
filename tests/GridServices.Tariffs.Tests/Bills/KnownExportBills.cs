using System.Text.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Bills of NREL's ssc with and without a generator: net metering, net billing, carry-over, true-up, minimums, ratcheted hours of use.</summary>
public sealed class KnownExportBills
{
    [Fact]
    public void Every_bill_of_the_reference_engine_is_met_month_by_month()
    {
        var failures = KnownData.Cases("bills", "ssc_*.json").SelectMany(c => Check(c.Id, c.Case)).ToList();
        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private static IEnumerable<string> Check(string id, JsonElement known)
    {
        var inputs = known.GetProperty("ssc_inputs");
        var tariff = KnownData.Urdb(known.GetProperty("tariff").GetString()!, t => Terms(t, inputs, known.GetProperty("metering").GetString()!));
        var load = KnownData.Column(known.GetProperty("load").GetString()!);
        var gen = KnownData.Column(known.GetProperty("gen").GetString()!);
        var (loadMinutes, genMinutes) = (known.GetProperty("interval_minutes").GetInt32(), known.GetProperty("gen_interval_minutes").GetInt32());
        var fill = known.GetProperty("metering").GetString()!.StartsWith("net energy", StringComparison.Ordinal) ? TierFill.Prorated : TierFill.Chronological;
        var options = new BillOptions { EnergyTierFill = fill };
        var loadSeries = KnownData.Series([.. load.SelectMany(v => Enumerable.Repeat(v, loadMinutes / genMinutes))], genMinutes);
        var genSeries = KnownData.Series(gen, genMinutes);
        var cycles = BillingCycle.Year(KnownData.TypicalYear);
        var twoMeters = tariff.Source.Export!.Mode == ExportMode.BuyAllSellAll;
        var without = BillCalculator.Calculate(tariff, MeterData.From(loadSeries), cycles, options: options);
        var with = BillCalculator.Calculate(tariff, twoMeters ? new MeterData { Net = loadSeries, Generation = genSeries } : MeterData.From(loadSeries.Plus(genSeries, -1)), cycles, options: options);
        // On two meters the reference reports the generator's meter as the peak; ours is the consumption's.
        return Compare(known.GetProperty("expected"), without, with).Where(d => !twoMeters || !d.StartsWith("peak", StringComparison.Ordinal)).Select(d => $"{id}: {d}");
    }

    private static IEnumerable<string> Compare(JsonElement expected, Bill without, Bill with)
    {
        var months = KnownData.Differences("monthly_bill_without_system", expected.Numbers("monthly_bill_without_system"), [.. without.Months.Select(m => m.Total)])
            .Concat(KnownData.Differences("monthly_bill_with_system", expected.Numbers("monthly_bill_with_system"), [.. with.Months.Select(m => m.Total)]))
            .Concat(KnownData.Differences("annual_bill_with_system", [expected.GetProperty("annual_bill_with_system").GetDecimal()], [with.Total]))
            .Concat(KnownData.Differences("minimum", expected.GetProperty("monthly_with_system").Numbers("minimum"), [.. with.Months.Select(m => m.LineItems.Where(l => l.Kind == LineKind.Minimum).Sum(l => l.Amount))]))
            .Concat(KnownData.Differences("true_up", expected.Numbers("true_up_credits"), [.. with.Months.Select(m => -m.LineItems.Where(l => l.Charge == "true-up").Sum(l => l.Amount))]))
            .Concat(KnownData.Differences("peak", expected.Numbers("monthly_peak_kw_with_system"), [.. with.Months.Select(m => m.PeakKw)]));
        if (with.Months[0].BillingDemandKw is not null)
        {
            months = months.Concat(KnownData.Differences("billing_demand", expected.Numbers("billing_demand_kw_with_system"), [.. with.Months.Select(m => m.BillingDemandKw!.Value)]));
        }

        return with.Replay() == with.Total && without.Replay() == without.Total ? months : months.Append("the line items do not replay");
    }

    /// <summary>What the reference engine takes beside the rate.</summary>
    private static Tariff Terms(Tariff tariff, JsonElement inputs, string metering)
    {
        decimal Input(string name, decimal otherwise = 0) => inputs.TryGetProperty(name, out var value) ? value.GetDecimal() : otherwise;
        var export = tariff.Export! with
        {
            TrueUpMonth = (int)Input("ur_nm_credit_month", 11) + 1,
            TrueUpPrice = Input("ur_nm_yearend_sell_rate"),
            ApplyInSamePeriod = Input("ur_nb_apply_credit_current_month") == 1,
            TrueUp = Input("ur_nb_credit_expire") == 1 ? TrueUpRule.Expire : TrueUpRule.Pay,
        };
        Assert.Equal(metering.Contains("carryover", StringComparison.Ordinal) || metering.Contains("$ credits", StringComparison.Ordinal), export.Credit == ExportCredit.Money);
        return tariff with { Export = export, BillingDemand = Input("ur_enable_billing_demand") == 1 ? Lookback(inputs) : null };
    }

    private static BillingDemand Lookback(JsonElement inputs)
    {
        var percents = inputs.GetProperty("ur_billing_demand_lookback_percentages").EnumerateArray().Select(row => row.EnumerateArray().Select(v => v.GetDecimal()).ToArray()).ToArray();
        return new BillingDemand
        {
            MinimumKw = inputs.GetProperty("ur_billing_demand_minimum").GetDecimal(),
            Ratchet = new Ratchet
            {
                PercentByMonth = [.. percents.Select(p => p[0])],
                LookbackMonths = (int)inputs.GetProperty("ur_billing_demand_lookback_period").GetDecimal(),
                CurrentInFullMonths = [.. percents.Select((p, m) => p[1] == 1 ? m + 1 : 0).Where(m => m > 0)],
            },
        };
    }
}
