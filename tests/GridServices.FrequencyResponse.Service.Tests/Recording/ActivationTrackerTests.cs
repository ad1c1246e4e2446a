using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Recording;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

public sealed class ActivationTrackerTests
{
    private const long Second = 1_000_000_000;
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Fact]
    public void A_continuous_service_begins_at_two_hundredths_and_ends_after_two_quiet_seconds()
    {
        var tracker = new ActivationTracker("c1", ServiceKind.Continuous);
        Assert.Null(Turn(tracker, 0, pu: 0.019));
        var begun = Turn(tracker, 1, pu: 0.02, hz: 49.97);
        Assert.Equal(("c1:1800036001000", Start + Duration.FromSeconds(1), 49.97), (begun!.Id, begun.StartedAt, begun.StartHz));
        Assert.Null(begun.EndedAt);
        Assert.Null(Turn(tracker, 2, pu: 0.009));
        Assert.Null(Turn(tracker, 3.9, pu: 0.009));

        // Not quiet: the two seconds count anew.
        Assert.Null(Turn(tracker, 4, pu: 0.01));
        Assert.Null(Turn(tracker, 5, pu: 0));
        var ended = Turn(tracker, 7, pu: 0);
        Assert.Equal(Start + Duration.FromSeconds(7), ended!.EndedAt);
        Assert.Null(tracker.Running);
    }

    [Fact]
    public void A_trigger_begins_whatever_its_size_and_disarming_ends_at_once()
    {
        var tracker = new ActivationTracker("c1", ServiceKind.Switched);
        Assert.NotNull(Turn(tracker, 0, pu: 0));
        Assert.NotNull(Turn(tracker, 0.1, pu: 0, phase: ServicePhase.Disarmed)!.EndedAt);
    }

    [Theory]
    [InlineData(ServicePhase.Ready)]
    [InlineData(ServicePhase.NotReady)]
    [InlineData(ServicePhase.Blocked)]
    public void Who_does_not_respond_begins_nothing(ServicePhase phase) => Assert.Null(Turn(new ActivationTracker("c1", ServiceKind.Switched), 0, pu: 1, phase: phase));

    [Fact]
    public void Energy_is_added_by_direction_and_extremes_are_kept()
    {
        var tracker = new ActivationTracker("c1", ServiceKind.Continuous);
        Turn(tracker, 0, pu: 0.5, hz: 49.8, watts: 3_600);
        Turn(tracker, 10, pu: -0.7, hz: 50.3, watts: -7_200);
        Turn(tracker, 15, pu: 0.1, hz: 50.1, watts: 0);
        Assert.Equal((10, 10, -0.7), (tracker.Running!.RaisedWh, tracker.Running.LoweredWh, tracker.Running.PeakPu));
        Assert.Equal((49.8, 50.3), (tracker.Running.LowestHz, tracker.Running.HighestHz));
    }

    [Fact]
    public void A_lost_measurement_is_no_frequency_and_is_named_as_what_cut_it()
    {
        var tracker = new ActivationTracker("c1", ServiceKind.Continuous);
        Turn(tracker, 0, pu: 0.5, hz: double.NaN);
        Assert.Null(tracker.Running!.StartHz);
        Turn(tracker, 1, pu: 0.5, hz: 49.9, reasons: ControlReasons.MeasurementLost | ControlReasons.Armed);
        Assert.Equal(49.9, tracker.Running.LowestHz);
        Turn(tracker, 2, pu: 0);
        Assert.Equal(["measurementLost"], Turn(tracker, 5, pu: 0)!.Reasons);
    }

    [Fact]
    public void One_that_had_not_ended_goes_on_under_its_name()
    {
        var before = new ActivationTracker("c1", ServiceKind.Continuous);
        var begun = Turn(before, 0, pu: 0.5, hz: 49.8)!;
        var after = new ActivationTracker("c1", ServiceKind.Continuous);
        after.Resume(begun);
        Assert.Null(Turn(after, 60, pu: 0.9, hz: 49.7));
        Assert.Equal((begun.Id, 49.7, 0.9), (after.Running!.Id, after.Running.LowestHz, after.Running.PeakPu));
    }

    [Fact]
    public void Reasons_read_back_as_they_are_written()
    {
        const ControlReasons All = ControlReasons.Headroom | ControlReasons.Energy | ControlReasons.NotWriter;
        Assert.Equal(All, ReasonNames.Parse<ControlReasons>(ReasonNames.GetNames(All)));
        Assert.Equal(ControlReasons.Energy, ReasonNames.Parse<ControlReasons>(["energy", "of a later version"]));
        Assert.Empty(ReasonNames.GetNames(ControlReasons.None));
    }

    private static Activation? Turn(
        ActivationTracker tracker, double seconds, double pu, double hz = 49.9, double watts = 0, ServicePhase phase = ServicePhase.Active, ControlReasons reasons = ControlReasons.None)
    {
        var now = (long)(seconds * Second);
        var service = new ServiceOutput(pu, pu, watts, hz, phase, FailSafeRung.Valid, SampleFault.None, true);
        return tracker.Process(service, new HotRecord(
            default, HasSample: false, now + Second, (Start.ToUnixTimeTicks() * 100) + now, new ControllerOutput { Reasons = reasons }, default, IsMarked: false, GivenW: 0, SentNanos: 0));
    }
}
