using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Demand;

/// <summary>A called or forecast system peak under way: what the load in it costs, and one more kW until it ends.</summary>
public sealed class CalledPeakTests
{
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 15, 12, 0);
    private static readonly CalledEvent Now = new("4cp", Start, Start + Duration.FromHours(1));
    private static readonly CalledEvent Earlier = new("4cp", Start - Duration.FromHours(3), Start - Duration.FromHours(2));

    [Theory]
    [InlineData(PeakCombination.Sum, false, 6.25, 625)]
    [InlineData(PeakCombination.Max, false, 6.25, 625)]
    [InlineData(PeakCombination.Mean, true, 3.125, 312.5)]
    public void Half_an_hour_of_a_call_says_what_it_costs_so_far(PeakCombination combine, bool other, double price, double cost)
    {
        var state = Half(combine, new MeterPlan { SiteId = "s", TariffId = "t", Events = other ? [Earlier, Now] : [Now] }).Single(s => s.From == Start);
        Assert.Equal((100m, (decimal)price, (decimal)cost, 0m, 1), (state.MeanKw, state.PricePerKw, state.Cost, state.UnknownSeconds, state.Bills));
        Assert.Equal((decimal)price / 2, state.OneMoreKw(Start + Duration.FromMinutes(30)));
        Assert.Null(state.OneMoreKw(Now.Until));
    }

    [Fact]
    public void Below_the_highest_call_one_more_kW_costs_nothing_and_the_reason_is_told()
    {
        var states = Half(PeakCombination.Max, new MeterPlan { SiteId = "s", TariffId = "t", Events = [Earlier, Now] }, before: 150);
        Assert.Equal((0m, 0m), (states[1].PricePerKw, states[1].Cost));
        Assert.Contains("150", states[1].Because, StringComparison.Ordinal);
        // The other one has 50 kWh until now: it is an hour of 50 kW at least.
        Assert.Equal((6.25m, 100 * 6.25m), (states[0].PricePerKw, states[0].Cost));
    }

    [Fact]
    public void A_call_that_was_read_in_part_counts_as_what_is_certain()
    {
        // A minute of a start-up at 500 kW says no more of the earlier call than 8.3 kW.
        var plan = new MeterPlan { SiteId = "s", TariffId = "t", Events = [Earlier, Now] };
        var until = Start + Duration.FromMinutes(30);
        MeterSample[] samples = [new(Earlier.From, Earlier.From + Duration.FromMinutes(1), 500 / 60m, 500 / 60m), new(Start, until, 150, 150)];
        var state = LiveMeter.Advance(plan, Tariff(PeakCombination.Max), MeterMemory.Empty, samples, until).Calls[1];
        Assert.Equal((300m, 6.25m), (state.MeanKw, state.PricePerKw));
        Assert.Equal((300 - 500 / 60m) * 6.25m, state.Cost!.Value, 9);

        // Nor does a part of the call under way say that it stays below the earlier one.
        MeterSample[] late = [new(Earlier.From, Earlier.Until, 150, 150), new(Start + Duration.FromMinutes(20), until, 10, 10)];
        Assert.Equal(6.25m, LiveMeter.Advance(plan, Tariff(PeakCombination.Max), MeterMemory.Empty, late, until).Calls[1].PricePerKw);
    }

    [Fact]
    public void What_was_drawn_in_a_forecast_whose_times_changed_is_forgotten()
    {
        var tariff = Tariff(PeakCombination.Sum);
        var plan = new MeterPlan { SiteId = "s", TariffId = "t", ForecastEvents = [Now] };
        var half = Start + Duration.FromMinutes(30);
        var known = LiveMeter.Advance(plan, tariff, MeterMemory.Empty, [new MeterSample(Start, half, 50, 50)], half).Memory;
        var moved = plan with { ForecastEvents = [Now with { Until = Now.Until + Duration.FromMinutes(5) }] };
        var next = LiveMeter.Advance(moved, tariff, known, [new MeterSample(half, half + Duration.FromMinutes(1), 1, 1)], half + Duration.FromMinutes(1)).Memory;
        Assert.Equal(moved.ForecastEvents[0].Until, Assert.Single(next.Calls).Until);
    }

    [Fact]
    public void A_forecast_is_shown_as_one_and_is_no_call()
    {
        var state = Half(PeakCombination.Sum, new MeterPlan { SiteId = "s", TariffId = "t", ForecastEvents = [Now] }).Single();
        Assert.Equal((true, 625m), (state.Forecast, state.Cost));
        var called = Half(PeakCombination.Sum, new MeterPlan { SiteId = "s", TariffId = "t", Events = [Now], ForecastEvents = [Now] }).Single();
        Assert.False(called.Forecast);
    }

    [Fact]
    public void Where_tags_are_billed_the_call_sets_one_of_next_year_on_twelve_bills()
    {
        var account = Account.Plain with { CoincidentTags = [new CoincidentTag { Kw = 500, At = Instant.FromUtc(2025, 7, 1, 20, 0) }] };
        var state = Half(PeakCombination.Sum, new MeterPlan { SiteId = "s", TariffId = "t", Events = [Now], Account = account }).Single();
        Assert.Equal((12, 75m, 7500m), (state.Bills, state.PricePerKw, state.Cost));
        Assert.Contains("next year", state.Because, StringComparison.Ordinal);
    }

    [Fact]
    public void Time_of_the_call_that_nobody_read_is_told_and_costs_nothing_by_a_guess()
    {
        var plan = new MeterPlan { SiteId = "s", TariffId = "t", Events = [Now] };
        var step = LiveMeter.Advance(plan, Tariff(PeakCombination.Sum), MeterMemory.Empty, [new MeterSample(Start + Duration.FromMinutes(20), Start + Duration.FromMinutes(30), 10, 10)], Start + Duration.FromMinutes(30));
        Assert.Equal((60m, 1200m), (step.Calls[0].MeanKw, step.Calls[0].UnknownSeconds));
        var ahead = LiveMeter.Advance(plan, Tariff(PeakCombination.Sum), MeterMemory.Empty, [new MeterSample(Earlier.From, Earlier.Until, 10, 10)], Earlier.Until).Calls.Single();
        Assert.Equal((null, null, 6.25m), (ahead.MeanKw, ahead.Cost, ahead.OneMoreKw(Earlier.Until)));
    }

    [Fact]
    public void Corrected_intervals_count_the_call_anew()
    {
        var plan = new MeterPlan { SiteId = "s", TariffId = "t", Events = [Now] };
        var known = LiveMeter.Advance(plan, Tariff(PeakCombination.Sum), MeterMemory.Empty, [new MeterSample(Start, Now.Until, 100, 100)], Now.Until).Memory;
        var cycle = BillingCycle.Containing(new LocalDate(2026, 1, 15), 1);
        var again = LiveMeter.Recompute(plan, Tariff(PeakCombination.Sum), known, cycle, cycle, [new MeterSample(Start, Now.Until, 40, 40)]);
        Assert.Equal([new CallSoFar("4cp", Now.From, Now.Until, 40, 3600)], again.Calls.AsEnumerable());
    }

    /// <summary>So many kW in the earlier call (10 without a word), 100 in the first half of this one.</summary>
    private static ImmutableArray<CalledPeakState> Half(PeakCombination combine, MeterPlan plan, decimal before = 10)
    {
        var until = Start + Duration.FromMinutes(30);
        return LiveMeter.Advance(plan, Tariff(combine), MeterMemory.Empty, [new MeterSample(Earlier.From, Earlier.Until, before, before), new MeterSample(Start, until, 50, 50)], until).Calls;
    }

    private static ImmutableArray<CompiledTariff> Tariff(PeakCombination combine) => [CompiledTariff.Compile(Sample.Empty() with
    {
        Demand = [new DemandCharge { Id = "transmission", Rates = [Sample.PerKw("all", 5)], Coincident = new CoincidentPeak { Event = "4cp", Combine = combine } }],
        Adjustments = [new Adjustment { Id = "vat", Percent = 25 }],
    })];
}
