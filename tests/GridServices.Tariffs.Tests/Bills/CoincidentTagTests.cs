using System.Text;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Coincident charges billed by tags of an earlier year, by calls, or not yet.</summary>
public sealed class CoincidentTagTests
{
    private static readonly BillingCycle January = new(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));

    private static readonly Tariff FourCp = Sample.Empty() with
    {
        Demand = [new DemandCharge { Id = "4cp", Rates = [Sample.PerKw("all", 5)], Coincident = new CoincidentPeak { Event = "4cp", Combine = PeakCombination.Mean } }],
    };

    [Fact]
    public void The_tags_of_last_summer_are_billed_this_year_and_are_final()
    {
        var bill = Bill(new Account { CoincidentTags = [Tag(500, 6), Tag(520, 7), Tag(510, 8), Tag(510, 9)] });
        var line = Assert.Single(bill.Months[0].LineItems);
        Assert.Equal((510m, 2550m, false), (line.Quantity, line.Amount, bill.Provisional));
        Assert.Equal(4, line.PeakAt.Length);
    }

    [Fact]
    public void Without_call_and_tag_the_bill_is_provisional_and_says_what_is_missing()
    {
        var bill = Bill(Account.Plain);
        Assert.Equal((0m, true), (bill.Total, bill.Provisional));
        Assert.Contains(bill.Notes, n => n.Contains("'4cp'", StringComparison.Ordinal) && n.Contains("2026-01-01", StringComparison.Ordinal) && n.Contains("coincidentTags", StringComparison.Ordinal));
    }

    [Fact]
    public void A_least_demand_holds_for_tags_and_calls()
    {
        var least = FourCp with { Demand = [FourCp.Demand[0] with { MinimumKw = 100 }] };
        var series = Sample.Constant("Etc/UTC", January.From, January.Until, 60, 40);
        var call = new CalledEvent("4cp", Instant.FromUtc(2026, 1, 10, 12, 0), Instant.FromUtc(2026, 1, 10, 13, 0));
        decimal Total(Account account, params CalledEvent[] events) =>
            BillCalculator.Calculate(BillPlan.Create([CompiledTariff.Compile(least)], [January], series, events), MeterData.From(series), account).Total;
        Assert.Equal(100 * 5, Total(new Account { CoincidentTags = [new CoincidentTag { Kw = 40 }] }));
        Assert.Equal(100 * 5, Total(Account.Plain, call));
    }

    [Fact]
    public void A_tag_of_zero_says_that_there_was_no_peak()
    {
        var bill = Bill(new Account { CoincidentTags = [new CoincidentTag { Kw = 0 }] });
        Assert.Equal((0m, false), (bill.Total, bill.Provisional));
    }

    [Fact]
    public void Calls_while_a_tag_holds_set_the_next_tag_and_are_not_billed_now()
    {
        var call = new CalledEvent("4cp", Instant.FromUtc(2026, 1, 10, 12, 0), Instant.FromUtc(2026, 1, 10, 13, 0));
        Assert.Equal(10 * 5m, Bill(new Account { CoincidentTags = [Tag(10, 8)] }, call).Total);
        Assert.Equal(100 * 5m, Bill(Account.Plain, call).Total);
    }

    [Fact]
    public void A_tag_that_changes_inside_a_cycle_is_billed_for_its_days()
    {
        var change = new LocalDate(2026, 1, 11);
        var bill = Bill(new Account { CoincidentTags = [new CoincidentTag { Charge = "4cp", Kw = 31, Until = change }, new CoincidentTag { Charge = "4cp", Kw = 62, From = change }] });
        Assert.Equal(((31 * 10 + 62 * 21) * 5 / 31m, false), (Math.Round(bill.Total, 12), bill.Provisional));
        var half = Bill(new Account { CoincidentTags = [new CoincidentTag { Kw = 31, Until = change }] });
        Assert.Equal((50m, true), (Math.Round(half.Total, 12), half.Provisional));
    }

    [Fact]
    public void A_tag_for_an_unknown_charge_is_refused() =>
        Assert.Contains("4cp", Assert.Throws<BillRefusedException>(() => Bill(new Account { CoincidentTags = [new CoincidentTag { Charge = "4pc", Kw = 1 }] })).Message);

    [Fact]
    public void Tags_stand_in_the_account_of_a_request()
    {
        var read = BillRequestJson.Read(Encoding.UTF8.GetBytes("""
            {"tariff":{"schemaVersion":1,"id":"t","currency":"USD","timeZone":"Etc/UTC","demand":[{"id":"plc","rates":[{"period":"all","tiers":[{"price":8}]}],"coincident":{"event":"5cp","combine":"mean"}}]},
             "intervals":{"start":"2026-01-01","minutes":720,"kW":[1,1]},"cycles":[{"from":"2026-01-01","until":"2026-01-02"}],
             "account":{"coincidentTags":[{"charge":"plc","kw":200,"at":"2025-07-16T21:00:00Z"},{"charge":"plc","kw":"220.5","from":"2025-06-01","until":"2026-06-01"}]}}
            """));
        Assert.True(read.Ok, string.Join('\n', read.Refusals));
        Assert.Equal(210.25m * 8, read.Value!.Bill().Total);
    }

    /// <summary>At four in the afternoon of the 15th of a month of 2025: billed in 2026.</summary>
    private static CoincidentTag Tag(decimal kw, int month) => new() { Charge = "4cp", Kw = kw, At = Instant.FromUtc(2025, month, 15, 16, 0) };

    private static Bill Bill(Account account, params CalledEvent[] calls)
    {
        var series = Sample.Constant("Etc/UTC", January.From, January.Until, 60, 100);
        return BillCalculator.Calculate(BillPlan.Create([CompiledTariff.Compile(FourCp)], [January], series, calls), MeterData.From(series), account);
    }
}
