using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

public sealed class PeriodTrackerTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Fact]
    public void Minutes_add_up_and_the_worst_of_them_sets_the_factor_of_a_GB_period()
    {
        var period = Period().With(Minute(0, 60, 0.01, 1), SettlementRule.GbDynamic).With(Minute(1, 30, 0.05, 0.5), SettlementRule.GbDynamic)
            .With(Minute(2, 60, 0, 1), SettlementRule.GbDynamic).Close(180);
        Assert.Equal((180, 150, 0.05, 0.5), (period.ProcuredSeconds, period.AvailableSeconds, period.ErrorPu, period.Factor));
        Assert.Equal(0.5 * 150 / 180, period.Performance, 9);
        Assert.Equal((3, 3, 1.5), (period.Record().RaisedWh, period.Record().AskedRaiseWh, period.Record().GivenRaiseWh));

        // A period from before the minutes' own sums were kept goes on from what it would have been paid.
        Assert.Equal(2.5, (Period() with { RaisedWh = 2, AskedRaiseWh = 3 }).With(Minute(1, 60, 0, 1), SettlementRule.GbDynamic).Record().GivenRaiseWh);
    }

    [Fact]
    public void What_was_sold_and_never_seen_counts_as_unavailable()
    {
        var period = Period().With(Minute(0, 60, 0, 1), SettlementRule.GbDynamic).Close(1_800);
        Assert.Equal(1_800, period.ProcuredSeconds);
        Assert.Equal(60.0 / 1_800, period.Performance, 9);
        Assert.Contains("notWriter", period.Reasons);
    }

    [Theory]
    [InlineData("CE-FCR")]
    [InlineData("NORDIC-FCR-D-UP")]
    [InlineData("NORDIC-FFR-49.7")]
    [InlineData("PJM-REGULATION")]
    [InlineData("GB-DCL")]
    public void What_was_not_delivered_before_a_restart_stays_undelivered(string service)
    {
        var rule = ServiceCatalog.BuiltIn.Find(service)!.Settlement;
        var missed = new PeriodScore { Scored = 600, RaiseDue = 60, RaiseGiven = 0, Outside = rule == SettlementRule.FcrBand ? 60 : 0, LeastFactor = rule == SettlementRule.GbDynamic ? 0 : null, ShownSteps = 60 };
        var kept = new PeriodScore { Scored = 600, RaiseDue = 60, RaiseGiven = 60, LeastFactor = rule == SettlementRule.GbDynamic ? 1 : null, ShownSteps = 60 };

        // Each account tells the factor of what it has seen itself: the one after the restart a full one.
        var period = Period().With(Minute(5, 60, 0, 0) with { Score = missed }, rule).With(Minute(50, 60, 0, 1) with { Score = kept }, rule);
        Assert.True(period.Factor <= 0.5, $"{period.Factor}");
        Assert.Equal(missed.Plus(kept).GetFactor(rule), period.Factor);
    }

    [Fact]
    public void A_minute_that_two_processes_saw_is_sold_once()
    {
        var period = Period().With(Minute(0, 40, 0, 1) with { ProcuredSeconds = 40 }, SettlementRule.GbDynamic).With(Minute(0, 60, 0, 1), SettlementRule.GbDynamic);
        Assert.Equal((60, 60), (period.ProcuredSeconds, period.AvailableSeconds));
    }

    [Fact]
    public void A_period_that_began_short_says_so_from_its_first_seconds_on()
    {
        var first = Minute(0, 0, 0, 1) with { Period = new Interval(Start, Start + Duration.FromSeconds(5)), ProcuredSeconds = 5, ShortAtStart = true, Reasons = UnavailableReasons.Energy };
        Assert.Equal(0, Period().With(first, SettlementRule.GbDynamic).With(Minute(1, 60, 0, 1), SettlementRule.GbDynamic).Performance);

        // An account that began in the middle has not seen how the period did; some seconds without energy are not its beginning.
        Assert.False(Period().With(first with { ShortAtStart = false }, SettlementRule.GbDynamic).ShortAtStart);
    }

    [Fact]
    public void A_regulation_contract_is_paid_by_its_score_and_keeps_the_better_look_at_each_five_minutes()
    {
        var terms = RegulationTerms.For(ServiceCatalog.BuiltIn.Find("PJM-REGULATION")!);
        var first = Minute(5, 60, 0, 1) with
        {
            Score = new PeriodScore { Regulation = new RegulationSums { Points = 30, Signal = 15, Error = 3 } },
            Regulation = [Window(0, 300, 0.8), Window(5, 300, 0.7)],
        };
        var second = Minute(6, 60, 0, 1) with
        {
            Score = new PeriodScore { Regulation = new RegulationSums { Points = 30, Signal = 5, Error = 5 } },
            Regulation = [Window(0, 300, 0.8) with { Accuracy = 0.9 }, Window(5, 20, 0.1)],
        };
        var period = Period().With(first, SettlementRule.PjmRegulation, terms: terms).With(second, SettlementRule.PjmRegulation, terms: terms);
        Assert.Equal(1 - (8 / 20.0), period.Factor, 9);
        Assert.Equal([Window(0, 300, 0.8) with { Accuracy = 0.9 }, Window(5, 300, 0.7)], period.Regulation!);
        Assert.Equal(0.6m, SettlementBlock.Create(period.Record() with { Source = MeterSource.Meter, MeasuredSeconds = 120 }, 10, 0).Performance);

        // Less than a quarter is forfeited.
        Assert.Equal(0, period.With(second with { Score = new PeriodScore { Regulation = new RegulationSums { Points = 30, Signal = 5, Error = 20 } } }, SettlementRule.PjmRegulation, terms: terms).Factor);

        static RegulationWindow Window(int minute, double measured, double precision) => new() { From = Start + Duration.FromMinutes(minute), MeasuredSeconds = measured, Precision = precision, Score = precision };
    }

    [Fact]
    public void Something_due_that_no_reading_shows_is_told_as_not_measured() =>
        Assert.Contains("notMeasured", Period().With(Minute(0, 60, 0, 1) with { Score = new PeriodScore { UnshownSteps = 30 } }, SettlementRule.None).Reasons);

    [Fact]
    public void A_minute_that_two_processes_saw_is_measured_once_and_costs_nothing()
    {
        var first = Minute(0, 60, 0, 1) with { Source = MeterSource.Meter, MeasuredSeconds = 60 };
        var period = Period().With(first, SettlementRule.GbDynamic).With(first, SettlementRule.GbDynamic);
        Assert.Equal(60, period.MeasuredSeconds);
        Assert.Equal(1m, SettlementBlock.Create(period.Record(), 10, 0).Performance);
    }

    [Fact]
    public void A_period_says_where_its_numbers_come_from_the_least_sure_decides()
    {
        var period = Period().With(Minute(0, 60, 0, 1) with { Source = MeterSource.Meter, MeasuredSeconds = 60 }, SettlementRule.GbDynamic);
        Assert.Equal(MeterSource.Meter, period.Source);
        period = period.With(Minute(1, 60, 0, 1) with { Source = MeterSource.Telemetry, MeasuredSeconds = 60, CommandedRaiseWh = 5 }, SettlementRule.GbDynamic)
            .With(Minute(2, 0, 0, 1) with { Reasons = UnavailableReasons.NotMeasured }, SettlementRule.GbDynamic);
        Assert.Equal((MeterSource.Telemetry, 120, 5), (period.Source, period.MeasuredSeconds, period.CommandedRaiseWh));
        Assert.Contains("notMeasured", period.Reasons);
        Assert.Equal(120.0 / 180, period.Performance, 9);
    }

    [Fact]
    public void What_a_window_says_of_the_time_before_the_contract_was_never_sold_and_is_no_unavailability()
    {
        // The window sells the whole period; the contract was put 29 minutes and 30 seconds into it.
        var contract = new ContractSettings { SiteId = "site-1", Assets = ["bess-1"], Sources = ["meter"], Windows = [new ArmingWindow(Start, null)] };
        var first = Minute(29, 30, 0, 1) with { ProcuredSeconds = 30 };
        var begun = Period().BeginWith(first).With(first, SettlementRule.GbDynamic);

        var closed = begun.Close(begun.SoldSeconds(contract));
        Assert.Equal((30, 30, 1), (closed.ProcuredSeconds, closed.AvailableSeconds, closed.Performance));
        Assert.Empty(closed.Reasons);

        // In a later period the same silence is time sold and not delivered.
        Assert.Equal(1_800, Period().SoldSeconds(contract));
        Assert.Contains("notWriter", Period().Close(Period().SoldSeconds(contract)).Reasons);
    }

    [Fact]
    public void What_a_clock_that_was_set_back_shows_again_pays_for_nothing_that_was_missed()
    {
        var missed = Enumerable.Range(0, 5).Aggregate(Period(), (p, i) => p.With(Minute(i, 0, 0, 1), SettlementRule.GbDynamic));
        var open = missed.With(Minute(5, 3_660, 0, 1) with { ProcuredSeconds = 3_660, MeasuredSeconds = 3_660, Source = MeterSource.Meter }, SettlementRule.GbDynamic);
        Assert.Equal((360, 60, 60), (open.ProcuredSeconds, Math.Round(open.AvailableSeconds, 9), Math.Round(open.MeasuredSeconds, 9)));

        var restarted = missed.With(Minute(-55, 60, 0, 1) with { MeasuredSeconds = 60, Source = MeterSource.Meter }, SettlementRule.GbDynamic);
        Assert.Equal((300, 0, 0), (restarted.ProcuredSeconds, restarted.AvailableSeconds, restarted.MeasuredSeconds));
        Assert.Equal(missed.Record().GivenRaiseWh, restarted.Record().GivenRaiseWh);
    }

    [Fact]
    public void Energy_of_a_minute_that_two_processes_saw_is_paid_once()
    {
        var period = Period().With(Minute(0, 40, 0, 1) with { ProcuredSeconds = 40, RaisedWh = 0.8, GivenRaiseWh = 0.4 }, SettlementRule.GbDynamic)
            .With(Minute(0, 60, 0, 1) with { RaisedWh = 1.2, GivenRaiseWh = 0.6 }, SettlementRule.GbDynamic);
        Assert.Equal((1.2, 0.6), (Math.Round(period.Record().RaisedWh, 9), Math.Round(period.Record().GivenRaiseWh, 9)));
    }

    private static SettledPeriod Period() => new() { From = Start, Until = Start + Duration.FromMinutes(30), QuantityW = 1_000_000, Source = MeterSource.None };

    private static PeriodRecord Minute(int at, double available, double error, double factor) => new()
    {
        Period = new Interval(Start + Duration.FromMinutes(at), Start + Duration.FromMinutes(at + 1)),
        QuantityW = 1_000_000,
        ProcuredSeconds = 60,
        AvailableSeconds = available,
        Reasons = UnavailableReasons.None,
        RaisedWh = 1,
        LoweredWh = 0,
        AskedRaiseWh = 1,
        AskedLowerWh = 0,
        GivenRaiseWh = 0.5,
        ErrorPu = error,
        Factor = factor,
        Score = new PeriodScore { LeastFactor = factor },
    };
}
