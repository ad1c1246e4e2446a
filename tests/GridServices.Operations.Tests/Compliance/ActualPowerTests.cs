using GridServices.Operations.Compliance;
using NodaTime;
using static GridServices.Operations.Tests.Compliance.ComplianceCase;

namespace GridServices.Operations.Tests.Compliance;

/// <summary>Which source an interval's power is from, and when there is none.</summary>
public sealed class ActualPowerTests
{
    private static readonly Duration Holds = Duration.FromMinutes(5);

    [Fact]
    public void The_meter_is_believed_before_telemetry()
    {
        var power = Power([.. Meter(Start, At(15), 15, _ => 40)], [.. Readings(Start, At(15), 60, _ => 50_000)]);
        Assert.Equal(new KnownPower(40, DataQuality.Metered), power.Over(Start, At(15)));
    }

    [Fact]
    public void Telemetry_is_believed_before_an_estimate_and_an_estimate_before_nothing()
    {
        MeterInterval[] estimate = [.. Meter(Start, At(15), 15, _ => 40, isEstimate: true)];
        Assert.Equal(new KnownPower(50, DataQuality.Telemetry), Power(estimate, [.. Readings(Start, At(15), 60, _ => 50_000)]).Over(Start, At(15)));
        Assert.Equal(new KnownPower(40, DataQuality.Estimated), Power(estimate, []).Over(Start, At(15)));
        Assert.Equal(KnownPower.Missing, Power([], []).Over(Start, At(15)));
    }

    [Fact]
    public void One_estimate_among_measurements_makes_an_estimate() =>
        Assert.Equal(DataQuality.Estimated, Power([new MeterInterval(Start, At(5), 1), new MeterInterval(At(5), At(10), 1, true), new MeterInterval(At(10), At(15), 1)], []).Over(Start, At(15)).Quality);

    [Theory]
    [InlineData(0, 10)]
    [InlineData(5, 15)]
    [InlineData(1, 14)]
    public void A_meter_that_leaves_a_gap_measured_nothing_of_the_interval(int from, int until) =>
        Assert.Equal(KnownPower.Missing, Power([new MeterInterval(At(from), At(until), 10)], []).Over(Start, At(15)));

    [Fact]
    public void Two_values_for_one_time_are_no_measurement() =>
        Assert.Equal(KnownPower.Missing, Power([new MeterInterval(Start, At(10), 5), new MeterInterval(At(5), At(15), 5)], []).Over(Start, At(15)));

    [Fact]
    public void A_missing_value_is_a_gap_and_not_nothing() => Assert.Equal(KnownPower.Missing, Power([new MeterInterval(Start, At(15))], []).Over(Start, At(15)));

    [Fact]
    public void A_reading_holds_five_minutes_and_not_longer()
    {
        Assert.Equal(50, Power([], [.. Readings(Start, At(15), 300, _ => 50_000)]).Over(Start, At(15)).Kw);
        Assert.Equal(KnownPower.Missing, Power([], [.. Readings(Start, At(15), 301, _ => 50_000)]).Over(Start, At(15)));
        Assert.Equal(KnownPower.Missing, Power([], [.. Readings(Start + Duration.FromSeconds(1), At(15), 60, _ => 50_000)]).Over(Start, At(15)));
    }

    [Fact]
    public void A_reading_from_before_holds_into_the_interval() =>
        Assert.Equal(50, Power([], [.. Readings(Start - Duration.FromMinutes(1), At(15), 120, _ => 50_000)]).Over(Start, At(15)).Kw);

    [Fact]
    public void The_mean_is_over_time_and_not_over_readings()
    {
        var readings = Readings(Start, At(12), 60, _ => 10_000).Concat(Readings(At(12), At(15), 30, _ => 60_000));
        Assert.Equal(20, Power([], [.. readings]).Over(Start, At(15)).Kw);
    }

    [Fact]
    public void Two_readings_of_one_instant_that_differ_are_no_measurement_whichever_is_listed_first()
    {
        GridServices.Contracts.Reading[] low = [.. Readings(Start, At(15), 60, _ => 40_000)];
        GridServices.Contracts.Reading[] high = [.. Readings(At(7), At(8), 60, _ => 80_000)];
        Assert.Equal(KnownPower.Missing, Power([], [.. low, .. high]).Over(Start, At(15)));
        Assert.Equal(KnownPower.Missing, Power([], [.. high, .. low]).Over(Start, At(15)));
        Assert.Equal((40, 40), (Power([], [.. low, .. high]).Over(Start, At(7)).Kw, Power([], [.. low, .. high]).Over(At(8), At(15)).Kw));

        // The same value twice is one.
        Assert.Equal(40, Power([], [.. low, .. low]).Over(Start, At(15)).Kw);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(120)]
    public void A_settlement_interval_divides_the_hour(int minutes) => Assert.Throws<ArgumentException>(() => SettlementGrid.Create(Start, End, minutes, Zone));

    [Fact]
    public void The_grid_leaves_no_gap_and_is_of_the_clock()
    {
        var rows = SettlementGrid.Create(Start + Duration.FromMinutes(7), End + Duration.FromMinutes(1), 15, Zone);
        Assert.All(rows.Zip(rows.Skip(1)), p => Assert.Equal(p.First.Until, p.Second.From));
        Assert.Equal((8, 1), ((int)(rows[0].Until - rows[0].From).TotalMinutes, (int)(rows[^1].Until - rows[^1].From).TotalMinutes));
        Assert.Empty(SettlementGrid.Create(Start, Start, 15, Zone));
    }

    private static ActualPower Power(MeterInterval[] meter, GridServices.Contracts.Reading[] readings) => new(meter, readings, Holds);

    private static Instant At(int minutes) => Start + Duration.FromMinutes(minutes);
}
