using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Performance;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Settlement;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Performance;

/// <summary>What the export says is read by the tariff service's own reader, and paid as it was meant.</summary>
public sealed class SettlementExportTests
{
    private static readonly ComplianceNow Perfect = new(0, 0, 0, 0, 0.01, 1, 1800, 0);
    private static readonly Instant Noon = Instant.FromUtc(2027, 1, 15, 12, 0);

    [Theory]
    [InlineData(60, 60, 1, MeterSource.Telemetry, 1)]
    [InlineData(60, 60, 1, MeterSource.Meter, 1)]
    [InlineData(60, 30, 1, MeterSource.Meter, 0.5)]
    [InlineData(30, 30, 1, MeterSource.Meter, 0.5)]
    [InlineData(40, 20, 0.5, MeterSource.Telemetry, 0.1666666666)]
    [InlineData(60, 60, 0, MeterSource.Meter, 0)]
    [InlineData(0, 0, 1, MeterSource.None, 0)]
    [InlineData(0, 60, 1, MeterSource.Estimate, 0)]
    public void Availability_is_paid_once_by_what_was_measured(double measured, double available, double factor, MeterSource source, double paid)
    {
        var period = Period() with { MeasuredSeconds = measured, AvailableSeconds = available, Factor = factor, Source = source };
        var settled = Settle(period, pricePerMwHour: 60);
        Assert.Equal(paid, (double)settled.Total, 1e-6);
        Assert.Equal(source is MeterSource.Telemetry or MeterSource.Meter ? period.Performance : 0, (double)settled.Total, 1e-6);
        Assert.Equal((60 - measured) / 3600, (double)settled.NotMeasuredMwHours, 1e-6);
        Assert.Equal(source switch { MeterSource.Telemetry => MeasurementSource.Telemetry, MeterSource.Meter => MeasurementSource.Meter, _ => MeasurementSource.None }, settled.Blocks[0].MeasuredBy);
    }

    [Theory]
    [InlineData(316.8, 0, 0, 0, 0)]
    [InlineData(316.8, 0, 100, 0, 100)]
    [InlineData(80, 0, 100, 0, 80)]
    [InlineData(0, 50, 0, 30, -30)]
    public void Energy_is_paid_up_to_what_was_asked_for(double raised, double lowered, double askedRaise, double askedLower, double paidWh) =>
        Assert.Equal(paidWh, (double)Settle(Ledger((raised - lowered, askedRaise - askedLower)), energyPrice: 1000).Energy, 1e-6);

    [Fact]
    public void What_drifts_in_another_minute_makes_up_for_nothing()
    {
        // Asked for 100 Wh in the first minute of two, given 60; then 90 Wh that nobody asked for.
        Assert.Equal(60, (double)Settle(Ledger((60, 100), (90, 0)), energyPrice: 1000).Energy, 1e-6);
        Assert.Equal(80, (double)Settle(Ledger((90, 100), (-40, -10)), energyPrice: 1000).Energy, 1e-6);
        Assert.Equal(-20, (double)Settle(Ledger((60, 0), (-30, -20), (0, -40)), energyPrice: 1000).Energy, 1e-6);
    }

    /// <summary>Minutes of so many Wh delivered and asked for, + = raise, in one period.</summary>
    private static PeriodRecord Ledger(params (double Delivered, double Asked)[] minutes)
    {
        var ledger = new PeriodLedger(1e6, Duration.FromMinutes(30));
        for (var i = 0; i <= minutes.Length; i++)
        {
            var (delivered, asked) = i < minutes.Length ? minutes[i] : default;
            ledger.Add(i * 60_000_000_000L, Noon + Duration.FromMinutes(i), new LedgerEntry(delivered * 60, asked * 60, i < minutes.Length, UnavailableReasons.None, Source: MeterSource.Meter), Perfect);
        }

        return ledger.SoFar(Perfect)!;
    }

    private static AvailabilitySettlement Settle(PeriodRecord period, decimal pricePerMwHour = 0, decimal energyPrice = 0)
    {
        var read = FrequencySettlementRequestJson.Read(JsonSerializer.SerializeToUtf8Bytes(SettlementExport.Create("GBP", [period], pricePerMwHour, energyPrice), ContractJson.Options));
        Assert.NotNull(read.Value);
        return read.Value.Settlement;
    }

    private static PeriodRecord Period() => new()
    {
        Period = new Interval(Noon, Noon + Duration.FromMinutes(1)),
        QuantityW = 1e6,
        ProcuredSeconds = 60,
        AvailableSeconds = 60,
        MeasuredSeconds = 60,
        Source = MeterSource.Meter,
        Reasons = UnavailableReasons.None,
        RaisedWh = 0,
        LoweredWh = 0,
        AskedRaiseWh = 0,
        AskedLowerWh = 0,
        ErrorPu = 0,
        Factor = 1,
    };
}
