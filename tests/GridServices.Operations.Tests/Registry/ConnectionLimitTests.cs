using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.Operations.Registry;

namespace GridServices.Operations.Tests.Registry;

public sealed class ConnectionLimitTests
{
    private static readonly SiteConnection Bare = new() { ExportMaxW = 0 };

    [Theory]
    // 100 A / 1.25 x 480 V x sqrt(3) = 66510.75
    [InlineData(PhaseWiring.ThreePhase, 480, 100, InstallationCode.Nec, 66_510, 80)]
    // 200 A / 1.25 x 240 V
    [InlineData(PhaseWiring.Split, 240, 200, InstallationCode.Nec, 38_400, 160)]
    [InlineData(PhaseWiring.Single, 120, 20, InstallationCode.Nec, 1_920, 16)]
    // IEC: 3 x 63 A, 400 V: 43647.67
    [InlineData(PhaseWiring.ThreePhase, 400, 63, InstallationCode.Iec, 43_647, 63)]
    [InlineData(PhaseWiring.Single, 230, 32, InstallationCode.Iec, 7_360, 32)]
    public void Amps_times_volts_times_phases_less_what_the_code_keeps_back(PhaseWiring wiring, int volts, int amperes, InstallationCode code, long watts, int continuous)
    {
        var limit = ConnectionLimit.Compute(Bare with { Wiring = wiring, VoltageV = volts, RatingA = amperes, Code = code });
        Assert.Equal((watts, continuous), (limit.ImportW, limit.ContinuousA));
        Assert.Empty(limit.Actions);
        Assert.EndsWith($"= {watts} W", limit.Calculation, StringComparison.Ordinal);
        Assert.Equal(code == InstallationCode.Nec ? "NEC 625.42" : "IEC 60364", limit.Rule);
    }

    [Fact]
    public void A_listed_energy_management_system_holds_its_set_point_without_the_factor()
    {
        var managed = Sample.Connection with { ImportMaxW = null, EnergyManagement = new ListedEnergyManagement("UL 916 E123456", 90) };
        Assert.Equal(74_824, ConnectionLimit.Compute(managed).ImportW); // 90 A x 480 V x sqrt(3) = 74824.59
        Assert.Equal(83_138, ConnectionLimit.Compute(managed with { EnergyManagement = new ListedEnergyManagement("UL 916 E123456", null) }).ImportW);
        Assert.Equal("NEC 750.30", ConnectionLimit.Compute(managed).Rule);
    }

    [Theory]
    [InlineData("", 90, "connection.listingMissing")]
    [InlineData("UL 916", 101, "connection.setpointAboveRating")]
    [InlineData("UL 916", 0, "connection.setpointAboveRating")]
    public void A_system_that_is_not_listed_or_set_above_the_breaker_gives_no_number(string listing, int setpoint, string code)
    {
        var limit = ConnectionLimit.Compute(Sample.Connection with { ImportMaxW = null, EnergyManagement = new ListedEnergyManagement(listing, setpoint) });
        Assert.Null(limit.ImportW);
        Assert.Equal(code, Assert.Single(limit.Actions).Code);
    }

    [Fact]
    public void The_agreement_is_never_exceeded_in_either_direction()
    {
        var limit = ConnectionLimit.Compute(Sample.Connection with { ImportMaxW = 50_000, ExportMaxW = 200_000 });
        Assert.Equal((50_000, 66_510), (limit.ImportW, limit.ExportW));
    }

    [Theory]
    [InlineData("ratingA")]
    [InlineData("voltageV")]
    [InlineData("wiring")]
    [InlineData("code")]
    public void One_missing_part_gives_no_number_and_says_which(string missing)
    {
        var full = Sample.Connection with { ImportMaxW = null };
        var partly = missing switch
        {
            "ratingA" => full with { RatingA = null },
            "voltageV" => full with { VoltageV = null },
            "wiring" => full with { Wiring = null },
            _ => full with { Code = null },
        };
        var limit = ConnectionLimit.Compute(partly);
        Assert.Null(limit.ImportW);
        var action = Assert.Single(limit.Actions);
        Assert.Equal(("connection.ratingIncomplete", $"/connection/{missing}", true), (action.Code, action.Pointer, action.Blocks));
    }

    [Fact]
    public void Nothing_known_is_no_number_and_two_actions()
    {
        var limit = ConnectionLimit.Compute(new SiteConnection());
        Assert.Null(limit.ImportW);
        Assert.Null(limit.ExportW);
        Assert.Equal([("connection.importUnknown", true), ("connection.exportUnknown", false)], limit.Actions.Select(a => (a.Code, a.Blocks)));
    }

    [Fact]
    public void The_agreement_with_the_phases_of_a_bulk_file_blocks_nothing_either()
    {
        var limit = ConnectionLimit.Compute(Bare with { ImportMaxW = 50_000, Wiring = PhaseWiring.ThreePhase });
        Assert.Equal(50_000, limit.ImportW);
        Assert.DoesNotContain(limit.Actions, a => a.Blocks);
    }

    [Fact]
    public void The_agreement_alone_is_a_number_and_asks_for_the_rest_without_blocking()
    {
        var limit = ConnectionLimit.Compute(Bare with { ImportMaxW = 50_000 });
        Assert.Equal(50_000, limit.ImportW);
        Assert.Equal(("connection.ratingUnknown", false), (Assert.Single(limit.Actions).Code, limit.Actions[0].Blocks));
    }

    [Fact]
    public void What_is_below_zero_is_refused()
    {
        Assert.Contains(ConnectionLimit.Compute(Bare with { ImportMaxW = -1 }).Actions, a => a.Code == "connection.invalid" && a.Blocks);
        Assert.Null(ConnectionLimit.Compute(Sample.Connection with { ImportMaxW = null, RatingA = -100 }).ImportW);
    }

    [Fact]
    public void The_envelope_is_a_standing_mandatory_one_of_the_safety_tier_that_the_hub_takes()
    {
        var envelope = ConnectionEnvelope.Create(Sample.Site, Guid.CreateVersion7(), 1, Sample.Now)!;
        var read = EnvelopeReader.ReadEnvelope(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(envelope, ContractJson.Options));
        Assert.NotNull(read.Value);
        Assert.Equal((Tier.Safety, Obligation.Mandatory, null), (read.Value.Tier, read.Value.Obligation, read.Value.Segments[0].Until));
        Assert.Equal((66_510, 0), (read.Value.Segments[0].Limits.ImportLimitW, read.Value.Segments[0].Limits.ExportLimitW));
        Assert.Equal(80, read.Value.Segments[0].Limits.PerPhase!.L3!.ImportLimitA);
        Assert.Equal(read.Value.Segments[0].Limits, read.Value.Default!.Limits);
    }

    [Fact]
    public void Export_that_nobody_stated_is_not_allowed_and_an_unknown_import_publishes_nothing()
    {
        var unstated = ConnectionEnvelope.Create(Sample.Site with { Connection = Sample.Connection with { ExportMaxW = null } }, Guid.CreateVersion7(), 1, Sample.Now)!;
        Assert.Equal(0, unstated.Segments[0].Limits.ExportLimitW);
        Assert.Null(ConnectionEnvelope.Create(Sample.Site with { Connection = new SiteConnection() }, Guid.CreateVersion7(), 1, Sample.Now));
    }

    [Fact]
    public void Split_and_single_phase_limit_their_own_conductors_only()
    {
        var split = ConnectionEnvelope.Create(Sample.Site with { Connection = Sample.Connection with { Wiring = PhaseWiring.Split, VoltageV = 240 } }, Guid.CreateVersion7(), 1, Sample.Now)!;
        Assert.Equal((80m, 80m), (split.Segments[0].Limits.PerPhase!.L1!.ImportLimitA, split.Segments[0].Limits.PerPhase!.L2!.ImportLimitA));
        Assert.Null(split.Segments[0].Limits.PerPhase!.L3);
    }

    [Fact]
    public void No_limit_is_above_the_device_s_rating_and_none_is_negative() => Prop.ForAll(
        Gen.Elements(Enum.GetValues<PhaseWiring>()).ToArbitrary(),
        Gen.Choose(1, 1_000_000).Select(v => v / 100m).ToArbitrary(),
        Gen.Choose(100, 4_000_000).Select(v => v / 100m).ToArbitrary(),
        (wiring, amperes, volts) =>
        {
            foreach (var code in Enum.GetValues<InstallationCode>())
            {
                var limit = ConnectionLimit.Compute(Bare with { Wiring = wiring, RatingA = amperes, VoltageV = volts, Code = code });
                var most = (double)(amperes * volts) * (wiring == PhaseWiring.ThreePhase ? Math.Sqrt(3) : 1) / (code == InstallationCode.Nec ? 1.25 : 1);
                Assert.InRange(limit.ImportW!.Value, (long)Math.Floor(most * (1 - 1e-12)) - 1, Math.Floor(most * (1 + 1e-12)));
            }
        }).QuickCheckThrowOnFailure();
}
