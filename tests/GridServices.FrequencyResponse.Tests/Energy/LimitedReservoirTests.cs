using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Energy;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Energy;

/// <summary>Limited reservoirs of continental FCR: the alert state, what must last through it, and the deadline after it.</summary>
public sealed class LimitedReservoirTests
{
    private static readonly Instant Noon = Instant.FromUtc(2027, 1, 15, 12, 0);
    private static readonly ServiceDefinition Fcr = ServiceCatalog.BuiltIn.Find("CE-FCR")!;
    private static readonly SystemStateRules Area = SystemStateRules.For(Fcr)!;
    private static readonly ReservoirRules Rules = ReservoirRules.For(Fcr)!;

    [Fact]
    public void The_numbers_are_those_of_the_catalog_and_can_be_replaced()
    {
        Assert.Equal(new SystemStateRules(0.05, Duration.FromMinutes(15), 0.1, Duration.FromMinutes(5), 0.2), Area);
        Assert.Equal(new ReservoirRules(Duration.FromMinutes(15), Duration.FromHours(2)), Rules);
        var longer = CatalogOverrides.Apply(ServiceCatalog.BuiltIn, """{"CE-FCR":{"lerMinimumSeconds":1800}}"""u8.ToArray()).Value!.Find("CE-FCR")!;
        Assert.Equal(Duration.FromMinutes(30), ReservoirRules.For(longer)!.Cover);
        Assert.Null(SystemStateRules.For(ServiceCatalog.BuiltIn.Find("GB-DCL")!));
        Assert.Null(ReservoirRules.For(ServiceCatalog.BuiltIn.Find("GB-DCL")!));
    }

    [Theory]
    [InlineData(0.05, 3_000, SystemState.Normal)]
    [InlineData(-0.051, 900, SystemState.Normal)]
    [InlineData(-0.051, 901, SystemState.Alert)]
    [InlineData(0.1, 900, SystemState.Normal)]
    [InlineData(0.101, 300, SystemState.Normal)]
    [InlineData(0.101, 301, SystemState.Alert)]
    [InlineData(-0.2, 1, SystemState.Normal)]
    [InlineData(-0.201, 1, SystemState.Emergency)]
    public void The_area_is_in_the_alert_state_once_a_deviation_has_lasted(double deviation, int seconds, SystemState state)
    {
        var watch = new SystemStateWatch(Area);
        watch.Update(Noon, 0);
        for (var s = 1; s <= seconds; s++)
        {
            watch.Update(Noon + Duration.FromSeconds(s), deviation);
        }

        // The stretch begins with the first sample outside.
        Assert.Equal(state, watch.Update(Noon + Duration.FromSeconds(seconds + 1), deviation));
    }

    [Fact]
    public void It_ends_with_the_standard_range_and_a_break_begins_the_stretch_anew()
    {
        var watch = new SystemStateWatch(Area);
        watch.Update(Noon, 0);
        Assert.Equal(SystemState.Normal, Hold(watch, 1, 840, 0.06));
        Assert.Equal(SystemState.Normal, Hold(watch, 841, 841, 50.05 - 50));
        Assert.Equal(SystemState.Normal, Hold(watch, 842, 1_741, 0.06));
        Assert.Equal(SystemState.Alert, Hold(watch, 1_742, 1_760, 0.06));
        Assert.Equal(SystemState.Emergency, Hold(watch, 1_761, 1_761, 0.25));
        Assert.Equal(SystemState.Alert, Hold(watch, 1_762, 1_800, 0.06));
        Assert.Equal(SystemState.Normal, Hold(watch, 1_801, 1_801, -0.05));
    }

    [Fact]
    public void A_frequency_that_is_not_known_is_not_normal_and_ends_no_alert_state()
    {
        var watch = new SystemStateWatch(Area);
        Assert.Equal(SystemState.Unknown, Hold(watch, 0, 900, -0.06));
        Assert.Equal(SystemState.Alert, Hold(watch, 901, 901, -0.06));
        Assert.Equal(SystemState.Alert, Hold(watch, 902, 1_000, double.NaN));
        Assert.Equal(SystemState.Normal, Hold(watch, 1_001, 1_001, 0));
        Assert.Equal(SystemState.Normal, Hold(watch, 1_002, 1_011, double.NaN));
        Assert.Equal(SystemState.Unknown, Hold(watch, 1_012, 1_012, double.NaN));

        // Seen again outside, nobody knows since when; after a restart the alert state of before lasts.
        Assert.Equal(SystemState.Unknown, Hold(watch, 1_013, 1_013, 0.06));
        watch.Resume(SystemState.Alert);
        Assert.Equal(SystemState.Alert, Hold(watch, 1_014, 1_014, 0.06));
    }

    [Fact]
    public void Through_an_alert_state_it_lasts_fifteen_minutes_and_is_restored_within_two_hours_after_it()
    {
        var duty = ReservoirDuty.Start.Next(Rules, SystemState.Normal, Noon, true);
        Assert.Equal((ReservoirPhase.Ready, (Instant?)null), (duty.Phase, duty.CoverUntil(Rules)));
        duty = duty.Next(Rules, SystemState.Alert, At(1), true);
        Assert.Equal((ReservoirPhase.Covering, (Instant?)At(16)), (duty.Phase, duty.CoverUntil(Rules)));
        Assert.Same(duty, duty.Next(Rules, SystemState.Alert, At(10), false));
        Assert.Equal(At(1), duty.Next(Rules, SystemState.Unknown, At(10), false).AlertAt);
        duty = duty.Next(Rules, SystemState.Emergency, At(16), false);
        Assert.Equal((ReservoirPhase.Covered, (Instant?)At(1)), (duty.Phase, duty.AlertAt));
        duty = duty.Next(Rules, SystemState.Normal, At(20), false);
        Assert.Equal((ReservoirPhase.Restoring, (Instant?)At(140)), (duty.Phase, duty.RestoreBy(Rules)));
        Assert.Same(duty, duty.Next(Rules, SystemState.Normal, At(100), false));

        // A second alert state before it is restored counts for itself.
        Assert.Equal((ReservoirPhase.Covering, (Instant?)At(115)), (duty.Next(Rules, SystemState.Alert, At(100), false).Phase, duty.Next(Rules, SystemState.Alert, At(100), false).CoverUntil(Rules)));
        duty = duty.Next(Rules, SystemState.Normal, At(101), true);
        Assert.Equal((ReservoirPhase.Ready, (Instant?)At(101), (Instant?)null), (duty.Phase, duty.RestoredAt, duty.RestoreBy(Rules)));
    }

    [Fact]
    public void What_is_missing_at_the_deadline_is_told_ahead_with_the_power_that_makes_up_for_it()
    {
        var restoring = new ReservoirDuty { Phase = ReservoirPhase.Restoring, AlertAt = At(0), AlertEndedAt = At(20) };
        var now = At(80);
        var outlook = Outlook(restoring, now, Ahead(0, 150_000, 600_000), Ahead(70, 200_000, 550_000));
        Assert.False(outlook.Holds);
        Assert.Equal(100_000, outlook.RaiseMissingWh);
        Assert.Equal(-100_000 / 0.9, outlook.RestoreW!.Value, 6);
        Assert.Null(outlook.RestoredAt);

        // The planned baseline does it by itself; too full it is discharged; too small for both nothing helps.
        Assert.Equal(now + Duration.FromMinutes(30), Outlook(restoring, now, Ahead(0, 150_000, 600_000), Ahead(30, 250_000, 500_000)).RestoredAt);
        Assert.Null(Outlook(restoring, now, Ahead(0, 150_000, 600_000), Ahead(61, 250_000, 500_000)).RestoredAt);
        Assert.Equal(50_000 * 0.9, Outlook(restoring, now, Ahead(0, 600_000, 200_000)).RestoreW!.Value, 6);
        Assert.Null(Outlook(restoring, now, Ahead(0, 200_000, 200_000)).RestoreW);

        // Unknown is not held.
        var unknown = Outlook(restoring, now, Ahead(0, null, null));
        Assert.Equal((false, 250_000.0, null), (unknown.Holds, unknown.RaiseMissingWh, unknown.RestoreW));
    }

    [Fact]
    public void In_an_alert_state_less_and_less_is_needed()
    {
        var covering = new ReservoirDuty { Phase = ReservoirPhase.Covering, AlertAt = At(0) };
        Assert.Equal(250_000, Outlook(covering, At(0), Ahead(0, 250_000, 250_000)).RaiseRequiredWh, 6);
        var later = Outlook(covering, At(6), Ahead(0, 150_000, 450_000));
        Assert.Equal((150_000, true), (later.RaiseRequiredWh, later.Holds));
        Assert.Equal(0, Outlook(covering with { Phase = ReservoirPhase.Covered }, At(30), Ahead(0, 0, 500_000)).RaiseMissingWh);
        Assert.Null(later.RestoreW);
    }

    private static ReservoirOutlook Outlook(ReservoirDuty duty, Instant now, params (int Minutes, double? Raise, double? Lower)[] ahead) => ReservoirOutlook.Compute(
        Rules, duty, new EnergyRules { CapacityWh = 1_000_000, ChargeEfficiency = 0.9, DischargeEfficiency = 1 },
        [
            .. ahead.Select(a => new EnergyAhead
            {
                From = now + Duration.FromMinutes(a.Minutes), Until = now + Duration.FromMinutes(a.Minutes + 15), StoredWh = a.Raise,
                RaiseRequiredWh = 250_000, LowerRequiredWh = 250_000, RaiseHeldWh = a.Raise, LowerHeldWh = a.Lower,
            }),
        ],
        now);

    private static (int Minutes, double? Raise, double? Lower) Ahead(int minutes, double? raise, double? lower) => (minutes, raise, lower);

    private static Instant At(int minutes) => Noon + Duration.FromMinutes(minutes);

    private static SystemState Hold(SystemStateWatch watch, int from, int until, double deviation)
    {
        var state = SystemState.Unknown;
        for (var s = from; s <= until; s++)
        {
            state = watch.Update(Noon + Duration.FromSeconds(s), deviation);
        }

        return state;
    }
}
