using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Performance;
using GridServices.Tariffs;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Performance;

/// <summary>What the export says is read by the tariff service's own reader, and paid as it was meant.</summary>
public sealed class SettlementExportTests
{
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
    [InlineData(90, 40, 100, 10, 80)]
    public void Energy_is_paid_up_to_what_was_asked_for(double raised, double lowered, double askedRaise, double askedLower, double paidWh)
    {
        var period = Period() with { RaisedWh = raised, LoweredWh = lowered, AskedRaiseWh = askedRaise, AskedLowerWh = askedLower };
        Assert.Equal(paidWh, (double)Settle(period, energyPrice: 1000).Energy, 1e-6);
    }

    private static AvailabilitySettlement Settle(PeriodRecord period, decimal pricePerMwHour = 0, decimal energyPrice = 0)
    {
        var read = FrequencySettlementRequestJson.Read(JsonSerializer.SerializeToUtf8Bytes(SettlementExport.Of("GBP", [period], pricePerMwHour, energyPrice), ContractJson.Options));
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
