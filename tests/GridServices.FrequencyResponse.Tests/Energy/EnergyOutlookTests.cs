using GridServices.FrequencyResponse.Energy;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Energy;

/// <summary>What will be missing is known before it is missing.</summary>
public sealed class EnergyOutlookTests
{
    private const double Mwh = 1_000_000;
    private static readonly Duration Half = Duration.FromMinutes(30);
    private static readonly Instant Evening = ControllerRig.Noon + Duration.FromMinutes(290);

    [Fact]
    public void TheStoreIsShortFromTheWindowThatItCanNotHoldOn()
    {
        var ahead = Outlook("GB-DCL", new EnergyRules { CapacityWh = Mwh, Scheme = EnergyScheme.GreatBritain }, 0.1 * Mwh);
        Assert.Equal(["16:50 0", "17:00 0", "17:30 0.4", "18:00 0.4"], ahead.Select(Missing));
        Assert.All(ahead, a => Assert.Equal((0.1 * Mwh, 0), (a.StoredWh, a.LowerMissingWh)));
    }

    [Theory]
    [InlineData(1, "17:30 0")]
    [InlineData(0.5, "17:30 0.133")]
    public void TheBaselineChargesTheStoreUntilThen(double efficiency, string missing)
    {
        var rules = new EnergyRules { CapacityWh = Mwh, Scheme = EnergyScheme.GreatBritain, ChargeEfficiency = efficiency };
        var ahead = Outlook("GB-DCL", rules, 0.1 * Mwh, baselineW: -0.8 * Mwh);
        Assert.Equal(missing, Missing(ahead[2]));

        // Never above what it can hold.
        Assert.Equal(Mwh, Outlook("GB-DCL", rules, 0.9 * Mwh, baselineW: -0.8 * Mwh)[3].StoredWh);
    }

    [Fact]
    public void EnergyThatNobodyToldIsMissing()
    {
        var ahead = Outlook("GB-DCL", new EnergyRules { CapacityWh = Mwh, Scheme = EnergyScheme.GreatBritain }, double.NaN);
        Assert.Equal((null, null, 0.5 * Mwh), (ahead[2].StoredWh, ahead[2].RaiseHeldWh, ahead[2].RaiseMissingWh));
    }

    [Fact]
    public void AfterADeliveryTheRequirementFallsAsTheRuleSays()
    {
        var rules = new EnergyRules { CapacityWh = 10 * Mwh, Scheme = EnergyScheme.GreatBritain, TelemetryAgeNanos = long.MaxValue / 16 };
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("GB-DCL")) with { Energy = rules });
        rig.Site(SiteConditions.Unbound with { EnergyWh = 5 * Mwh, EnergyAtNanos = rig.Now }).Feed(49.5, 60);
        var ahead = EnergyOutlook.Compute(rig.Config, rig.State, 0, rig.Wall, rig.Now, rig.Wall + Duration.FromHours(3), Half);
        var delivered = (5 * Mwh) - ahead[0].StoredWh!.Value;
        Assert.InRange(delivered, 0.01 * Mwh, 0.02 * Mwh);
        Assert.All(ahead.Take(4), a => Assert.Equal((0.25 * Mwh) - delivered, a.RaiseRequiredWh, 100.0));

        // Bought back three periods later.
        Assert.Equal(0.25 * Mwh, ahead[^1].RaiseRequiredWh, 100.0);
    }

    [Fact]
    public void ALimitedReservoirOfContinentalFcrMustLastFifteenMinutesEachWay()
    {
        var ahead = Outlook("CE-FCR", new EnergyRules { CapacityWh = Mwh }, 0.9 * Mwh);
        Assert.Equal((0.5 * Mwh, 0.5 * Mwh, 0, 0.4 * Mwh), (ahead[2].RaiseRequiredWh, ahead[2].LowerRequiredWh, ahead[2].RaiseMissingWh, Math.Round(ahead[2].LowerMissingWh)));
    }

    [Fact]
    public void APoolWithoutAStoreHasNoOutlook()
    {
        var rig = ControllerRig.For("GB-DCL");
        Assert.Empty(EnergyOutlook.Compute(rig.Config, rig.State, 0, Evening, rig.Now, Evening + Half, Half));
    }

    private static string Missing(EnergyAhead ahead) => FormattableString.Invariant($"{ahead.From.InUtc().TimeOfDay:HH:mm} {ahead.RaiseMissingWh / Mwh:0.###}");

    /// <summary>2 MW from 17:30 to 21:30, seen from 16:50 until 18:30.</summary>
    private static IReadOnlyList<EnergyAhead> Outlook(string service, EnergyRules rules, double storedWh, double baselineW = 0)
    {
        var contract = ControllerRig.Contract(service, 2_000_000) with { Windows = [new Interval(Evening + Duration.FromMinutes(40), Evening + Duration.FromMinutes(280))] };
        var rig = new ControllerRig(ControllerRig.Settings(contract) with { Energy = rules });
        rig.Site(SiteConditions.Unbound with { EnergyWh = storedWh, EnergyAtNanos = rig.Now }).Feed(50, 1);
        return EnergyOutlook.Compute(rig.Config, rig.State, baselineW, Evening, rig.Now, Evening + Duration.FromMinutes(100), Half);
    }
}
