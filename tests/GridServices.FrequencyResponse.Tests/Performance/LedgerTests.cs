using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Safety;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Performance;

public sealed class LedgerTests
{
    private const long Second = 1_000_000_000;
    private static readonly Instant Noon = Instant.FromUtc(2027, 1, 15, 12, 0);
    private static readonly ComplianceNow Perfect = new(0, 0, 0, 0, 0.01, 1, 1800, 0);

    [Fact]
    public void Energy_and_availability_are_split_at_the_border_of_the_period()
    {
        var ledger = new PeriodLedger(1e6, Duration.FromMinutes(30));
        Assert.Null(ledger.Add(0, Noon + Duration.FromMinutes(20), new LedgerEntry(3600, 7200, true, UnavailableReasons.None), Perfect));
        Assert.Null(ledger.Add(300 * Second, Noon + Duration.FromMinutes(25), new LedgerEntry(-3600, 0, true, UnavailableReasons.Measurement), Perfect));
        var period = ledger.Add(900 * Second, Noon + Duration.FromMinutes(35), default, Perfect)!;
        Assert.Equal(new Interval(Noon, Noon + Duration.FromMinutes(30)), period.Period);
        Assert.Equal((600, 300, 0.5), (period.ProcuredSeconds, period.AvailableSeconds, period.AvailableShare));
        Assert.Equal((300, 300, 600), (period.RaisedWh, period.LoweredWh, period.AskedRaiseWh));
        Assert.Equal(UnavailableReasons.Measurement, period.Reasons);
        Assert.Equal(0.5, period.Performance);
        var next = ledger.Add(2400 * Second, Noon + Duration.FromMinutes(60), default, Perfect)!;
        Assert.Equal((300, 0, 300), (next.ProcuredSeconds, next.AvailableSeconds, next.LoweredWh));
    }

    [Fact]
    public void Clock_that_is_set_back_settles_nothing_twice()
    {
        var ledger = new PeriodLedger(1e6, Duration.FromMinutes(30));
        var entry = new LedgerEntry(3600, 3600, true, UnavailableReasons.None);
        ledger.Add(0, Noon, entry, Perfect);
        Assert.Null(ledger.Add(600 * Second, Noon - Duration.FromMinutes(50), entry, Perfect));
        var period = ledger.Add(1200 * Second, Noon + Duration.FromMinutes(30), entry, Perfect)!;
        Assert.Equal((1200, 1200), (period.ProcuredSeconds, period.RaisedWh));
    }

    [Theory]
    [InlineData("GB-DCL", 0)]
    [InlineData("CE-FCR", 1800)]
    public void Period_that_begins_without_its_energy_is_lost_as_a_whole_where_the_rule_says_so(string service, double available)
    {
        var account = new ContractAccount(ServiceCatalog.BuiltIn.Find(service)!, 1e6, Duration.FromMinutes(30), Duration.FromMinutes(10));
        account.Add(Turn(0), also: UnavailableReasons.Energy);
        var slices = Enumerable.Range(1, 1800).Select(second => account.Add(Turn(second))).OfType<PeriodRecord>().ToList();
        Assert.Equal(3, slices.Count);
        Assert.Equal(available, slices.Sum(s => s.AvailableSeconds) + (available > 0 ? 1 : 0), 1e-6);
        Assert.Equal(1800, slices.Sum(s => s.ProcuredSeconds), 1e-6);
        Assert.Equal(UnavailableReasons.Energy, slices[0].Reasons);
    }

    [Fact]
    public void Last_slice_of_a_period_keeps_the_scores_of_the_period()
    {
        var account = new ContractAccount(ServiceCatalog.BuiltIn.Find("GB-DCL")!, 1e6, Duration.FromMinutes(30), Duration.FromMinutes(1));
        PeriodRecord? last = null;
        for (var second = 1700; second <= 1800; second++)
        {
            // Nothing is given in a dip of the last minute.
            last = account.Add(Turn(second, second is > 1770 and < 1780 ? 49.6 : 50)) ?? last;
        }

        Assert.Equal(Noon + Duration.FromMinutes(30), last!.Period.End);
        Assert.True(last.ErrorPu > 0.5);
        Assert.Equal(0, last.Factor);
        Assert.Equal((0, 1), (account.Compliance.WorstErrorPu, account.Compliance.PredictedFactor));
    }

    [Fact]
    public void Response_that_limits_cut_is_not_claimed()
    {
        var account = new ContractAccount(ServiceCatalog.BuiltIn.Find("GB-DCL")!, 1e6, Duration.FromMinutes(1));
        account.Add(Turn(0, 49.5, pu: 1, given: 0.25));
        var period = account.Add(Turn(60))!;
        Assert.Equal(1e6 * 0.25 / 60, period.RaisedWh, 1e-6);
        Assert.Equal(1e6 / 60, period.AskedRaiseWh, 1e-6);
    }

    [Fact]
    public void What_was_commanded_and_not_measured_is_not_paid()
    {
        var period = Settle("GB-DCL", measured: 1e6, MeterSource.None);
        Assert.Equal((MeterSource.None, 0, 0), (period.Source, period.RaisedWh, period.Performance));
        Assert.Equal(1800, period.ProcuredSeconds, 1e-6);
        Assert.Equal(UnavailableReasons.NotMeasured, period.Reasons);
        Assert.True(period.CommandedRaiseWh > 0);
    }

    [Theory]
    [InlineData("GB-DCL", 0, 0)]
    [InlineData("GB-DCL", 1, 1)]
    [InlineData("GB-STATIC-FFR", 0, 0)]
    [InlineData("GB-STATIC-FFR", 0.5, 0.5)]
    [InlineData("GB-STATIC-FFR", 1, 1)]
    [InlineData("CE-FCR", 0, 0)]
    public void Metered_power_is_scored_whatever_was_commanded(string service, double delivered, double performance)
    {
        var period = Settle(service, delivered * 1e6, MeterSource.Meter);
        Assert.Equal(performance, period.Performance, 0.02);
        Assert.Equal(MeterSource.Meter, period.Source);
        Assert.Equal(delivered * 0.5e6, period.RaisedWh, 1e3);
    }

    [Fact]
    public void A_reading_is_set_against_its_own_instant_however_late_it_comes()
    {
        // Frequency falls at 10 s, the battery follows 0.4 s later; readings come once a second and three seconds late.
        var account = new ContractAccount(ServiceCatalog.BuiltIn.Find("GB-DCL")!, 1e6, Duration.FromMinutes(30), Duration.FromMinutes(1));
        PeriodRecord? slice = null;
        for (var i = 0; i <= 20 * 70 && slice is null; i++)
        {
            var now = i * Second / 20;
            var hz = now >= 10 * Second ? 49.6 : 50;
            var at = (now - (3 * Second)) / Second * Second;
            var watts = at >= 10.4 * Second ? ServiceCatalog.BuiltIn.Find("GB-DCL")!.Curve!.Evaluate(49.6) * 1e6 : 0;
            slice = account.Add(Turn(0, hz) with
            {
                NowNanos = now,
                WallUnixNanos = (Noon.ToUnixTimeTicks() * 100) + now,
                Measured = at >= 0 ? new MeasuredPower(watts, at, MeterSource.Telemetry) : default,
            });
        }

        Assert.True(slice!.ErrorPu < 0.01, $"{slice.ErrorPu}");
        Assert.Equal(1, slice.Factor);
        Assert.True(slice.MeasuredSeconds > 59);
    }

    [Fact]
    public void Energy_that_is_short_or_not_known_is_unavailable_for_the_direction_it_is_short_in()
    {
        Assert.Equal(0, Available("GB-DCL", ControlReasons.RaiseEnergyShort));
        Assert.Equal(60, Available("GB-DCL", ControlReasons.LowerEnergyShort), 1e-6);
        Assert.Equal(0, Available("GB-DCH", ControlReasons.LowerEnergyShort));
        Assert.Equal(0, Available("GB-DCL", ControlReasons.EnergyUnknown));
        Assert.Equal(60, Available("CE-FCR", ControlReasons.EnergyUnknown), 1e-6);

        static double Available(string service, ControlReasons reasons)
        {
            var account = new ContractAccount(ServiceCatalog.BuiltIn.Find(service)!, 1e6, Duration.FromMinutes(1));
            return Enumerable.Range(0, 61).Select(s => account.Add(Turn(s) with { Reasons = reasons })).OfType<PeriodRecord>().Single().AvailableSeconds;
        }
    }

    private static PeriodRecord Settle(string service, double measured, MeterSource source)
    {
        var account = new ContractAccount(ServiceCatalog.BuiltIn.Find(service)!, 1e6, Duration.FromMinutes(30));
        return Enumerable.Range(0, 1830).Select(s => account.Add(Turn(s, 49.5, pu: 1, measured: measured, source: source))).OfType<PeriodRecord>().First();
    }

    [Fact]
    public void Time_that_is_not_procured_is_neither_measured_nor_missing()
    {
        var live = new VirtualCompliance(ServiceCatalog.BuiltIn.Find("GB-DCL")!);
        live.Add(0, 50, 0);
        live.Pause(Second);
        live.Pause(3600 * Second);
        live.Add(3601 * Second, 50, 0);
        live.Add(3602 * Second, 50, 0);
        Assert.Equal((2, 1), (Math.Round(live.Now.MeasuredSeconds), Math.Round(live.Now.MissingSeconds)));
    }

    private static AccountTurn Turn(int second, double hz = 50, double pu = 0, double given = 1, double? measured = null, MeterSource source = MeterSource.Telemetry) => new(
        second * Second, (Noon + Duration.FromSeconds(second)).ToUnixTimeTicks() * 100, pu * 1e6, given * pu * 1e6, ControlReasons.None,
        new ServiceOutput(
            ServiceCatalog.BuiltIn.Find("GB-DCL")!.Curve!.Evaluate(hz), pu, pu * 1e6, hz, ServicePhase.Ready, FailSafeRung.Valid, SampleFault.None, Procured: true),
        Measured: new MeasuredPower(measured ?? (given * pu * 1e6), second * Second, source));

    [Fact]
    public void Outside_the_contracted_window_nothing_is_counted()
    {
        var ledger = new PeriodLedger(1e6, Duration.FromMinutes(30));
        ledger.Add(0, Noon, new LedgerEntry(3600, 0, false, UnavailableReasons.Energy), Perfect);
        var period = ledger.Add(1800 * Second, Noon + Duration.FromMinutes(30), default, Perfect)!;
        Assert.Equal((0, 0, 0), (period.ProcuredSeconds, period.RaisedWh, period.Performance));
        Assert.Empty(SettlementExport.Create("GBP", [period], 5).Blocks);
    }

    [Fact]
    public void Export_has_the_form_that_the_settlement_takes()
    {
        var period = new PeriodRecord
        {
            Period = new Interval(Noon, Noon + Duration.FromMinutes(30)),
            QuantityW = 2.5e6,
            ProcuredSeconds = 1800,
            AvailableSeconds = 900,
            Reasons = UnavailableReasons.Energy,
            RaisedWh = 1500,
            LoweredWh = 500,
            AskedRaiseWh = 1500,
            AskedLowerWh = 500,
            GivenRaiseWh = 1500,
            GivenLowerWh = 500,
            ErrorPu = 0.05,
            Factor = 0.5,
            MeasuredSeconds = 1800,
            Source = MeterSource.Telemetry,
        };
        var json = JsonSerializer.Serialize(SettlementExport.Create("GBP", [period], 4.2m), ContractJson.Options);
        Assert.Equal(
            """{"currency":"GBP","blocks":[{"mw":2.5,"hours":0.5,"pricePerMwHour":4.2,"performance":0.25,"energyKwh":1,"energyPrice":0,"source":"telemetry","measured":1}]}""", json);
    }

    [Fact]
    public void Live_compliance_equals_the_scorer_and_predicts_the_factor()
    {
        var service = ServiceCatalog.BuiltIn.Find("GB-DCL")!;
        var live = new VirtualCompliance(service);
        var scorer = new GbDynamicScorer(GbDynamicRule.For(service), service.Curve!);
        for (var i = 0; i <= 600; i++)
        {
            var (hz, pu) = (i * 0.05 >= 5 ? 49.6 : 50, service.Curve!.Evaluate(i * 0.05 >= 5.8 ? 49.6 : 50));
            live.Add(i * 50_000_000L, hz, pu);
            if (i < 600)
            {
                scorer.Add(hz, pu);
            }
        }

        Assert.Equal(scorer.Error, live.Now.WorstErrorPu);
        Assert.True(live.Now.WorstErrorPu > 0.07);
        Assert.Equal(0, live.Now.PredictedFactor);
        Assert.Equal(30, live.Now.MeasuredSeconds, 1e-9);
        live.NewPeriod();
        Assert.Equal((0, 1), (live.Now.WorstErrorPu, live.Now.PredictedFactor));
    }

    [Fact]
    public void Silence_is_missing_time_and_no_error()
    {
        var live = new VirtualCompliance(ServiceCatalog.BuiltIn.Find("GB-DCL")!);
        live.Add(0, 50, 0);
        live.Add(10 * Second, double.NaN, 0);
        live.Add(20 * Second, 49.6, 1);
        live.Add(21 * Second, 49.6, 1);
        Assert.Equal(3, live.Now.MeasuredSeconds, 0.01);
        Assert.Equal(18, live.Now.MissingSeconds, 0.01);
        Assert.Equal(0, live.Now.LowerPu - ServiceCatalog.BuiltIn.Find("GB-DCL")!.Curve!.Evaluate(49.6), 1e-12);
    }

    [Fact]
    public void A_day_of_silence_is_counted_at_once()
    {
        var live = new VirtualCompliance(ServiceCatalog.BuiltIn.Find("CE-FCR")!);
        live.Add(0, 50, 0);
        live.Add(86_400 * Second, 50, 0);
        Assert.Equal(86_398, live.Now.MissingSeconds, 0.2);
    }

    [Fact]
    public void Fcr_band_allows_thirty_seconds_twenty_per_cent_and_ten_millihertz()
    {
        Assert.Equal(0, Band(delay: 0, gain: 1, deadband: 0));
        Assert.Equal(0, Band(delay: 25, gain: 1.2, deadband: 0));
        Assert.True(Band(delay: 35, gain: 1, deadband: 0) > 0.1);
        Assert.True(Band(delay: 0, gain: 1.3, deadband: 0) > 0.07);
        Assert.True(Band(delay: 0, gain: 0.8, deadband: 0) > 0.1);

        static double Band(double delay, double gain, double deadband)
        {
            var service = ServiceCatalog.BuiltIn.Find("CE-FCR")!;
            var band = new FcrBand(service);
            for (var t = 0.0; t < 120; t += FcrBand.StepSeconds)
            {
                band.Add(t >= 10 ? 49.85 : 50.009, gain * service.Curve!.Evaluate(t >= 10 + delay ? 49.85 : deadband + 50));
            }

            return band.WorstPu;
        }
    }

    [Fact]
    public void Live_scoring_allocates_nothing()
    {
        var live = new VirtualCompliance(ServiceCatalog.BuiltIn.Find("GB-DCL")!);
        live.Add(0, 50, 0);
        live.Add(Second, 49.9, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 20; i < 2000; i++)
        {
            live.Add(i * 50_000_000L, 49.9, 0.02);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
