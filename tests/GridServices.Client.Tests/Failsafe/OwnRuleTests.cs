using GridServices.Contracts;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.FailsafeMachines;

/// <summary>Fail-safe limits of the controller itself, for streams that state none: they never lift what a stream is known to say.</summary>
public sealed class OwnRuleTests
{
    private static readonly FailsafeOptions Own = new() { InitLimits = new Limits { ImportLimitW = 4_200 }, Default = Falls(120, 4_200, null) };

    [Theory]
    [InlineData(0, 0)]
    [InlineData(30_000, 4_200)]
    public void Beside_a_stream_without_a_rule_the_tighter_of_both_holds(long statedW, long allowedW)
    {
        var set = Set(1, Envelope(Dr, 1, statedW, null));
        Script.Start(options: Own).Hears(set).Allows(statedW, SitePhase.Controlled).At(120).Allows(allowedW, SitePhase.Failsafe).At(86_400).Allows(allowedW, SitePhase.Failsafe);
        Script.Start(options: Own).Hears(set).Hears(Beat(1, Site, Lost(Dr, sinceS: 600))).Allows(allowedW, SitePhase.Failsafe).Restarts(out var lost);
        Script.Start(lost, Own).Allows(allowedW, SitePhase.Init).Hears(set).Allows(allowedW, SitePhase.Failsafe);
        Script.Start(options: Own).Hears(set).Hears(Beat(1)).Restarts(out var written);
        Script.Start(written, Own).Allows(allowedW, SitePhase.Init);
    }

    [Fact]
    public void Other_quantities_of_its_schedule_hold_too()
    {
        var envelope = Envelope(Dr, 1, null, null);
        envelope = envelope with { Segments = [envelope.Segments[0] with { Limits = new Limits { LoadLimitW = 0, Connect = false } }] };
        var script = Script.Start(options: Own).Hears(Set(1, envelope)).At(120).Allows(4_200, SitePhase.Failsafe).Most(0);
        Assert.Equal(0, FailsafeMachine.LimitsAt(script.State, new Moment(Samples.At(120), NodaTime.Duration.FromSeconds(127))).Site.LoadLimitW?.Value);
    }

    [Fact]
    public void Its_schedule_proceeds_and_ends() =>
        Script.Start(options: Own).Hears(Set(1, Envelope(Dr, 1, 1_000, null, fromS: 600, untilS: 1_200))).At(300).Allows(4_200, SitePhase.Failsafe)
            .At(600).Allows(1_000, SitePhase.Failsafe).At(1_200).Allows(4_200, SitePhase.Failsafe);

    [Fact]
    public void Its_set_points_end()
    {
        var envelope = Envelope(Dr, 1, 9_000, null);
        envelope = envelope with { Targets = [new TargetSegment { From = Samples.At(-60), Until = Samples.At(3_600), TargetW = 3_000 }] };
        Script.Start(options: Own).Hears(Set(1, envelope)).Asks(3_000).At(120).Allows(4_200, SitePhase.Failsafe).Asks(null);
    }

    // The utility's own word: its limits stand in the schedule's place, as it asked.
    [Fact]
    public void Limits_that_the_stream_states_itself_take_its_schedules_place() =>
        Script.Start(options: Own).Hears(Set(1, Envelope(Fcr, 1, 1_000, Falls(120, 3_000)))).At(120).Allows(3_000, SitePhase.Failsafe);
}
