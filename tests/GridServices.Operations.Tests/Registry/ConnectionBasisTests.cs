using GridServices.Operations.Registry;

namespace GridServices.Operations.Tests.Registry;

/// <summary>What is left out of a connection loosens no limit: what was stated before holds until something else is stated.</summary>
public sealed class ConnectionBasisTests
{
    /// <summary>100 A, 480 V, three phases, NEC, 100 kW agreed: 66,510 W.</summary>
    private static readonly SiteConnection Full = Sample.Connection with { ImportMaxW = 100_000, ExportMaxW = 20_000 };

    private static readonly SiteConnection Managed = Full with { EnergyManagement = new ListedEnergyManagement("UL 916 E123456", 50) };

    public static TheoryData<SiteConnection> LeftOut => new(
        Full with { VoltageV = null },
        Full with { RatingA = null },
        Full with { Wiring = null },
        Full with { Code = null },
        Full with { RatingA = 200, VoltageV = null },
        Full with { RatingA = 200, VoltageV = 240, Code = null },
        new SiteConnection { ImportMaxW = 100_000, ExportMaxW = 20_000 },
        new SiteConnection { ImportMaxW = 500_000, ExportMaxW = 500_000 },
        new SiteConnection { Wiring = PhaseWiring.Single, ExportMaxW = 20_000 },
        new SiteConnection());

    [Theory, MemberData(nameof(LeftOut))]
    public void The_limit_is_never_looser_for_what_is_left_out(SiteConnection now)
    {
        var site = Changed(Full, now);
        var (before, limit) = (ConnectionLimit.Compute(Full), ConnectionLimit.Compute(site));
        Assert.InRange(limit.ImportW!.Value, 0, before.ImportW!.Value);
        Assert.InRange(limit.ExportW ?? 0, 0, before.ImportW!.Value);
        Assert.Equal(("connection.held", true), (limit.Actions[0].Code, limit.Actions[0].Blocks));
        var envelope = ConnectionEnvelope.Create(site, Guid.CreateVersion7(), 2, Sample.Now)!;
        Assert.Equal(limit.ImportW, envelope.Default!.Limits.ImportLimitW);
        Assert.InRange(envelope.Default.Limits.PerPhase!.L1!.ImportLimitA!.Value, 0, 80);
        Assert.NotNull(envelope.Default.Limits.PerPhase.L3);
    }

    [Fact]
    public void The_agreement_s_power_stays_where_it_is_left_out()
    {
        var site = Changed(Full with { ImportMaxW = 50_000 }, Full with { ImportMaxW = null });
        Assert.Equal(50_000, ConnectionLimit.Compute(site).ImportW);
        Assert.Equal(30_000, ConnectionLimit.Compute(Changed(site, Full with { ImportMaxW = 30_000 })).ImportW);
        Assert.Equal(50_000, ConnectionLimit.Compute(Changed(Changed(Full with { ImportMaxW = 50_000 }, new SiteConnection()), new SiteConnection())).ImportW);
    }

    [Fact]
    public void What_is_still_stated_counts_where_it_is_tighter()
    {
        // 63 A / 1.25 x 480 V x sqrt(3): the voltage is that of before.
        Assert.Equal(41_901, ConnectionLimit.Compute(Changed(Full, Full with { RatingA = 63, VoltageV = null })).ImportW);
        Assert.Equal(40_000, ConnectionLimit.Compute(Changed(Full, new SiteConnection { ImportMaxW = 40_000 })).ImportW);
    }

    [Fact]
    public void A_setpoint_that_is_left_out_holds_on_whether_or_not_its_system_is_still_named()
    {
        var held = ConnectionLimit.Compute(Managed).ImportW;
        Assert.Equal(41_569, held); // 50 A x 480 V x sqrt(3)
        Assert.Equal(held, ConnectionLimit.Compute(Changed(Managed, Full)).ImportW);
        Assert.Equal(held, ConnectionLimit.Compute(Changed(Managed, Full with { EnergyManagement = new ListedEnergyManagement("UL 916 E123456", null) })).ImportW);
        var higher = Managed with { EnergyManagement = new ListedEnergyManagement("UL 916 E123456", 60) };
        Assert.Equal(ConnectionLimit.Compute(higher), ConnectionLimit.Compute(Changed(Managed, higher)));
    }

    [Fact]
    public void A_setpoint_holds_by_either_code_and_is_not_lifted_by_a_change_of_the_code()
    {
        var iec = new SiteConnection { RatingA = 63, VoltageV = 400, Wiring = PhaseWiring.ThreePhase, Code = InstallationCode.Iec, EnergyManagement = new ListedEnergyManagement("EN 50549 1234", 40), ExportMaxW = 0 };
        var limit = ConnectionLimit.Compute(iec);
        Assert.Equal((27_712, 40m), (limit.ImportW, limit.ContinuousA)); // 40 A x 400 V x sqrt(3)
        Assert.Contains("set-point", limit.Calculation, StringComparison.Ordinal);
        Assert.Equal(43_647, ConnectionLimit.Compute(iec with { EnergyManagement = iec.EnergyManagement with { SetpointA = null } }).ImportW);
        Assert.Equal(27_712, ConnectionLimit.Compute(Changed(iec, iec with { EnergyManagement = null })).ImportW);

        var nec = Managed with { RatingA = 63, VoltageV = 400, EnergyManagement = iec.EnergyManagement };
        Assert.Equal(27_712, ConnectionLimit.Compute(Changed(nec, nec with { Code = InstallationCode.Iec })).ImportW);
        Assert.Equal(27_712, ConnectionLimit.Compute(Changed(nec, nec with { Code = InstallationCode.Iec, EnergyManagement = null })).ImportW);
    }

    [Fact]
    public void What_is_stated_again_holds_by_itself()
    {
        var site = Changed(Changed(Full, Full with { VoltageV = null }), Full with { RatingA = 200 });
        Assert.Null(site.HeldConnection);
        Assert.Equal(100_000, ConnectionLimit.Compute(site).ImportW);
        Assert.Null(Changed(Full, Full with { ImportMaxW = 200_000, RatingA = 300 }).HeldConnection);
        Assert.Null(ConnectionBasis.Compute(null, new SiteConnection()));
    }

    [Fact]
    public void The_action_says_both_values()
    {
        var text = ConnectionLimit.Compute(Changed(Full, new SiteConnection { ImportMaxW = 100_000 })).Actions[0].Text;
        Assert.Contains("66510 W", text, StringComparison.Ordinal);
        Assert.Contains("100000 W", text, StringComparison.Ordinal);
        Assert.Contains("gives no limit", ConnectionLimit.Compute(Changed(Full, new SiteConnection())).Actions[0].Text, StringComparison.Ordinal);
    }

    private static Site Changed(SiteConnection before, SiteConnection now) => Changed(Sample.Site with { Connection = before }, now);

    private static Site Changed(Site held, SiteConnection now) => held with { Connection = now, HeldConnection = ConnectionBasis.Compute(held.HeldConnection ?? held.Connection, now) };
}
