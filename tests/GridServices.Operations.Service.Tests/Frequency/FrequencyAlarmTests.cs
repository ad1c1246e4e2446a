using GridServices.Operations.Service.Frequency;

namespace GridServices.Operations.Service.Tests.Frequency;

public sealed class FrequencyAlarmTests
{
    private static readonly FrequencyState Well = new() { Phase = "ready", Rung = "valid", Procured = true, Sources = [new("meter", 0.02m, 50, null)], Pool = new(0, true, 0, []) };

    [Fact]
    public void What_is_well_raises_nothing_and_what_is_not_known_raises_nothing_by_itself()
    {
        Assert.Empty(FrequencyAlarm.FindAll(Well, null, null));
        Assert.Empty(FrequencyAlarm.FindAll(null, null, null));
    }

    [Fact]
    public void Each_thing_that_needs_a_person_is_named_once()
    {
        var state = Well with
        {
            Sources = [new("meter", 12, 50, null), new("other", null, null, null), new("third", 0.1m, null, "connection refused"), new("well", 5, 50, null)],
            Faults = ["noSample"],
            Pool = new(0, true, 3, ["bess-1 is too slow"]),
            Mqtt = new(false, null, "no route"),
            Reservoir = new("alert", "covering", "0.2 MWh missing"),
        };
        Assert.Equal(
            [
                new("frequencyRefused", "unknown asset"), new("frequencySilent", "meter"), new("frequencySilent", "other"), new("frequencySilent", "third: connection refused"), new("frequencyFault", "noSample"), new("frequencyNotRecorded", "3"),
                new("frequencyShortcoming", "bess-1 is too slow"), new("frequencySignalLost", "no route"), new("frequencyReservoir", "0.2 MWh missing"), new("frequencyShortage", "short from 18:00"),
            ],
            FrequencyAlarm.FindAll(state, "short from 18:00", "unknown asset"));
    }

    [Fact]
    public void A_dead_band_is_where_the_curve_asks_for_nothing_and_a_trigger_has_one_edge()
    {
        IReadOnlyList<IReadOnlyList<decimal>> both = [[49.5m, 1], [49.985m, 0], [50.015m, 0], [50.5m, -1]];
        Assert.Equal(new FrequencyDeadBand(49.985m, 50.015m), FrequencyDeadBand.From(both, null, 50));
        Assert.Equal(new FrequencyDeadBand(49.985m, null), FrequencyDeadBand.From([[49.5m, 1], [49.985m, 0], [50, 0]], null, 50));
        Assert.Equal(new FrequencyDeadBand(49.6m, null), FrequencyDeadBand.From(null, 49.6m, 50));
        Assert.Equal(new FrequencyDeadBand(null, 60.2m), FrequencyDeadBand.From([], 60.2m, 60));
        Assert.Null(FrequencyDeadBand.From(null, null, 50));
    }

    [Fact]
    public void What_was_delivered_is_beside_the_baseline_and_without_a_reading_nothing_is_known()
    {
        Assert.Equal(30_120, new FrequencyRow(default, 49.8m, 20_120, -10_000, 30_000).DeliveredW);
        Assert.Null(new FrequencyRow(default, 49.8m, null, 0, 30_000).DeliveredW);
    }
}
