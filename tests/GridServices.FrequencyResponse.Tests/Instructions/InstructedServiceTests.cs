using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Safety;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Instructions;

/// <summary>The controller with instructed and signalled contracts.</summary>
public sealed class InstructedServiceTests
{
    private static readonly ServiceContract Quick = ControllerRig.Contract("GB-PQR", 2_000_000);

    [Fact]
    public void An_instruction_is_delivered_by_its_ramp_without_any_sample()
    {
        var rig = Instructed(2_000_000, 10, 130);
        rig.Wait(9);
        Assert.Equal((ServicePhase.Ready, 0d), (rig.Service.Phase, rig.Out.ResponseW));
        rig.Wait(16);
        Assert.Equal(1_000_000, rig.Out.ResponseW, 5_000d);
        rig.Wait(30);
        Assert.Equal(2_000_000, rig.Out.ResponseW, 1d);
        rig.Wait(110);
        Assert.Equal((ServicePhase.Ready, 0d), (rig.Service.Phase, rig.Out.ResponseW));
    }

    [Fact]
    public void After_a_restart_without_memory_it_goes_on_at_the_right_point_of_the_ramp()
    {
        var rig = Instructed(2_000_000, 0, null);
        rig.Advance(15);
        Assert.Equal(1_000_000, rig.Tick().ResponseW, 1_000d);
    }

    [Fact]
    public void Whatever_moves_it_the_ramp_is_kept_while_it_runs()
    {
        var rig = Instructed(2_000_000, 0, null);
        rig.Wait(60);
        rig.Site(rig.State.Site with { Orders = default });
        rig.Advance(0.1);
        Assert.InRange(rig.Tick().ResponseW, 2_000_000 - (2_000_000 / 30d * 0.1) - 1, 2_000_000);
    }

    [Theory]
    [InlineData(4_000_000, 2_000_000)]
    [InlineData(1_500_000, 1_500_000)]
    public void When_the_quantity_is_changed_the_instructed_watts_stand_within_it(long quantity, double watts)
    {
        var site = Instructed(2_000_000, 0, null).State.Site;
        var rig = new ControllerRig(ControllerRig.Settings(Quick with { QuantityW = quantity })).Site(site);
        rig.Wait(60);
        Assert.Equal(watts, rig.Out.ResponseW);
    }

    /// <summary>A de-rating to half of it begins, or ends: the first step goes on where the power was, at the ramp at most.</summary>
    [Theory]
    [InlineData(2_000_000, 1_000_000, 1_000_000)]
    [InlineData(2_000_000, 1_000_000, 2_000_000)]
    [InlineData(1_000_000, 2_000_000, 1_000_000)]
    [InlineData(1_000_000, 2_000_000, 2_000_000)]
    public void Over_the_edge_of_a_de_rating_the_power_moves_no_faster_than_its_ramp(long before, long after, long instructed)
    {
        var site = Instructed(Math.Min(instructed, 2_000_000), 0, null).State.Site;
        var rig = new ControllerRig(ControllerRig.Settings(Quick with { QuantityW = before })).Site(site);
        rig.Wait(60);
        var given = rig.Out.ResponseW;
        Assert.Equal(Math.Min(instructed, before), given, 1d);
        var next = rig.Over(ControllerRig.Settings(Quick with { QuantityW = after }), [(double)before / after]);
        next.Advance(0.1);
        Assert.InRange(next.Tick().ResponseW, given - (after / 30d * 0.1) - 1, given + (after / 30d * 0.1) + 1);
        next.Wait(60);
        Assert.Equal(Math.Min(instructed, after), next.Out.ResponseW, 1d);
    }

    [Fact]
    public void After_an_outage_a_standing_instruction_is_ramped_up_to_and_not_jumped_to()
    {
        var site = Instructed(2_000_000, 0, null).State.Site;
        var outage = ControllerRig.Noon + Duration.FromSeconds(60);
        var windows = new[] { new Interval(ControllerRig.Noon, outage), new Interval(outage + Duration.FromSeconds(60), ControllerRig.Noon + Duration.FromHours(2)) };
        var rig = new ControllerRig(ControllerRig.Settings(Quick with { Windows = windows.ToValueList() })).Site(site);
        rig.Wait(119.9);
        Assert.Equal((ServicePhase.Disarmed, 0d), (rig.Service.Phase, rig.Out.ResponseW));
        rig.Wait(0.2);
        Assert.InRange(rig.Out.ResponseW, 1, 2_000_000 / 30d * 0.2);
        rig.Wait(60);
        Assert.Equal(2_000_000, rig.Out.ResponseW, 1d);
    }

    [Fact]
    public void What_was_sold_one_way_never_goes_the_other()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-AFRR-UP")));
        rig.Site(SiteConditions.Unbound with { SignalPu = -1, SignalAtNanos = rig.Now });
        rig.Wait(1);
        Assert.Equal(0, rig.Out.ResponseW);
        rig.Site(SiteConditions.Unbound with { SignalPu = 0.5, SignalAtNanos = rig.Now });
        rig.Wait(1);
        Assert.Equal(500_000, rig.Out.ResponseW);
    }

    [Fact]
    public void A_lost_signal_is_held_as_the_contract_says_then_ramped_to_the_baseline()
    {
        var contract = ControllerRig.Contract("CE-AFRR-UP") with
        {
            SignalAgeLimit = Duration.FromSeconds(12),
            SignalLost = new FailSafeRules { HoldNanos = 60 * ControllerRig.Second, RampPuPerS = 0.01, DeviceDefaultNanos = 300 * ControllerRig.Second },
        };
        var rig = new ControllerRig(ControllerRig.Settings(contract));
        rig.Site(SiteConditions.Unbound with { SignalPu = 1, SignalAtNanos = rig.Now });
        rig.Wait(11);
        Assert.Equal(FailSafeRung.Valid, rig.Service.Rung);
        rig.Wait(50);
        Assert.Equal((FailSafeRung.Hold, 1_000_000d), (rig.Service.Rung, rig.Out.ResponseW));
        rig.Wait(61);
        Assert.Equal(FailSafeRung.Ramp, rig.Service.Rung);
        Assert.Equal(500_000, rig.Out.ResponseW, 2_000d);
        rig.Wait(60);
        Assert.Equal((FailSafeRung.Unavailable, 0d), (rig.Service.Rung, rig.Out.ResponseW));
    }

    [Theory]
    [InlineData("GB-PQR", 10)]
    [InlineData("CE-AFRR-UP", 10)]
    [InlineData("GB-DCL", 0)]
    public void What_is_told_is_scored_without_a_frequency_and_pauses_count_as_nothing(string service, double measured)
    {
        var compliance = new VirtualCompliance(ServiceCatalog.BuiltIn.Find(service)!);
        for (long at = 0; at <= 10; at++)
        {
            compliance.Add(at * ControllerRig.Second, double.NaN, 1, 1);
        }

        for (long at = 10; at <= 20; at++)
        {
            compliance.Pause(at * ControllerRig.Second);
        }

        compliance.Add(20 * ControllerRig.Second, double.NaN, 1, 1);
        Assert.Equal(measured, compliance.Now.MeasuredSeconds, 0.2);
        Assert.Equal(10 - measured, compliance.Now.MissingSeconds, 0.2);
    }

    private static ControllerRig Instructed(long watts, double start, double? end)
    {
        var rules = InstructionRules.For(Quick);
        var said = new GridInstruction
        {
            Id = "i",
            Sequence = 1,
            Direction = ResponseDirection.Raise,
            PowerW = watts,
            Start = ControllerRig.Noon + Duration.FromSeconds(start),
            End = end is { } stated ? ControllerRig.Noon + Duration.FromSeconds(stated) : null,
        };
        var outcome = InstructionProcessor.Process(rules, InstructionState.None, new InstructionCommand.Instruct(said), ControllerRig.Noon);
        Assert.Null(outcome.Answer!.Refusal);
        var orders = default(InstructedOrders);
        orders[0] = InstructionProcessor.OrderAt(outcome.State, ControllerRig.Noon);
        return new ControllerRig(ControllerRig.Settings(Quick)).Site(SiteConditions.Unbound with { Orders = orders });
    }
}
