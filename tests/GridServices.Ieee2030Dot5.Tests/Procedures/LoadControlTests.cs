using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Model;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Procedures;

/// <summary>Demand response against the simulated utility, in virtual time. The site draws 1 kW beside its battery.</summary>
public sealed class LoadControlTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly DerLoadControl Usual = new() { ReferenceW = 10_000 };

    [Fact]
    public void A_control_limits_the_site_for_its_time_and_is_answered_and_ends()
    {
        var (world, program) = World();
        var start = Whole(world.Now + (Minute * 5));
        var control = world.Utility.AddLoadControl(program, start, Minute * 10, new SimLoadWish { Reduction = 3, Unit = 1 });
        world.Pass(Minute * 2);
        Assert.Equal([(start, start + (Minute * 10), 7_000L)], Stated(world));
        var envelope = Envelopes(world).Last();
        Assert.Equal((Tier.Contractual, Obligation.Mandatory, TargetKind.Site), (envelope.Tier, envelope.Obligation, envelope.Target.Kind));
        Assert.Equal(control.MRid, envelope.Segments[0].Cause!.EventId);
        Assert.Equal([1], GetStatuses(world, control));

        var count = Envelopes(world).Count();
        world.Pass(Minute * 15);
        Assert.Equal([1, 2, 3], GetStatuses(world, control));
        Assert.Equal(count, Envelopes(world).Count());
        Assert.Contains(world.Publications, p => p is EnginePublication.WithdrawEnvelope { Withdrawal: var w } && w.Stream == envelope.Stream);
    }

    [Fact]
    public void The_stronger_program_supersedes_and_a_cancelled_control_ends_and_programs_of_DER_are_none_of_it()
    {
        var (world, program) = World();
        world.Utility.SetDefault(world.Utility.Programs[0], SimModes.Create(("opModImpLimW", 9_000)));
        var stronger = world.Utility.AddLoadProgram(0);
        var first = world.Utility.AddLoadControl(program, world.Now, Minute * 30, new SimLoadWish { DutyCycle = 60 });
        world.Pass(Minute * 3);
        Assert.Equal(6_000, Now(world));
        var second = world.Utility.AddLoadControl(stronger, world.Now, Minute * 20, new SimLoadWish { DutyCycle = 80 });
        world.Pass(Minute * 3);
        Assert.Equal(8_000, Now(world));
        Assert.Equal([1, 2, 7], GetStatuses(world, first));

        world.Utility.Cancel(second);
        world.Pass(Minute * 3);
        Assert.Equal([1, 2, 6], GetStatuses(world, second));
        Assert.Null(Now(world));
        Assert.Contains(world.Publications.OfType<EnginePublication.PublishEnvelope>(), p => !p.Envelope.Stream.Key.StartsWith("drlc-", StringComparison.Ordinal) && p.Envelope.Segments.Any(s => s.Limits.ImportLimitW == 9_000));
    }

    [Fact]
    public void What_can_not_be_carried_out_is_answered_and_told_and_what_is_for_others_is_told_alone()
    {
        var (world, program) = World();
        var warmer = world.Utility.AddLoadControl(program, world.Now, Minute * 30, new SimLoadWish { CoolingSetpoint = 2_600 });
        world.Pass(Minute * 2);
        var more = world.Utility.AddLoadControl(program, world.Now + (Minute * 40), Minute * 5, new SimLoadWish { DutyCycle = 50, Raise = true });
        var pool = world.Utility.AddLoadControl(program, world.Now + (Minute * 50), Minute * 5, new SimLoadWish { DutyCycle = 0, DeviceCategory = "00000010" });
        world.Pass(Minute * 3);
        Assert.Equal([252], GetStatuses(world, warmer));
        Assert.Equal([252], GetStatuses(world, more));
        Assert.Empty(GetStatuses(world, pool));
        Assert.Empty(Envelopes(world));
        Assert.Single(world.Notes, n => n.Contains("SetPoint", StringComparison.Ordinal));
        Assert.Single(world.Notes, n => n.Contains("category 00000010", StringComparison.Ordinal));
    }

    [Fact]
    public void Overridden_its_limit_ends_at_once_and_within_the_override_it_is_completed_in_part()
    {
        var (world, program) = World();
        var control = world.Utility.AddLoadControl(program, world.Now, Minute * 20, new SimLoadWish { DutyCycle = 50, OverrideDuration = 300 });
        world.Pass(Minute * 3);
        Assert.Equal(5_000, Now(world));
        world.Give(new DerInput.Opt("site-1", control.MRid, IsOut: true));
        Assert.Null(Now(world));
        world.Restart();
        world.Pass(Minute * 4);
        Assert.Null(Now(world));
        world.Give(new DerInput.Opt("site-1", control.MRid, IsOut: false));
        Assert.Equal(5_000, Now(world));
        world.Pass(Minute * 20);
        Assert.Equal([1, 2, 4, 5, 9], GetStatuses(world, control));
        Assert.InRange(OverrideTold(world, 9), 239, 242);
    }

    [Fact]
    public void Overridden_for_longer_than_it_allows_nobody_took_part()
    {
        var (world, program) = World();
        var control = world.Utility.AddLoadControl(program, world.Now + (Minute * 2), Minute * 10, new SimLoadWish { DutyCycle = 50, OverrideDuration = 300 });
        world.Pass(Minute);
        Assert.Equal(5_000, Stated(world)[0].Watts);
        world.Give(new DerInput.Opt("site-1", control.MRid, IsOut: true));
        world.Pass(Minute * 5);
        Assert.Null(Now(world));
        world.Pass(Minute * 15);
        Assert.Equal([1, 4, 10], GetStatuses(world, control));
        Assert.Equal(600, OverrideTold(world, 10));
    }

    [Fact]
    public void What_is_mandatory_is_overridden_for_as_long_as_it_allows_and_no_longer()
    {
        var (world, program) = World();
        var control = world.Utility.AddLoadControl(program, world.Now, Minute * 20, new SimLoadWish { DutyCycle = 50, OverrideDuration = 120, Mandatory = true });
        world.Pass(Minute * 3);
        world.Give(new DerInput.Opt("site-1", control.MRid, IsOut: true));
        Assert.Null(Now(world));
        world.Pass(Minute + Duration.FromSeconds(50));
        Assert.Null(Now(world));
        world.Pass(Duration.FromSeconds(15));
        Assert.Equal(5_000, Now(world));
        world.Give(new DerInput.Opt("site-1", control.MRid, IsOut: true));
        Assert.Equal(5_000, Now(world));
        world.Pass(Minute * 20);
        Assert.Equal([1, 2, 4, 5, 9], GetStatuses(world, control));
    }

    [Fact]
    public void Shares_refer_to_what_the_site_drew_before_the_control_began()
    {
        var (world, program) = World(Usual with { Reference = DerLoadReference.PresentLoad });
        world.DerPower = () => 5_000;
        var start = Whole(world.Now + (Minute * 3));
        world.Utility.AddLoadControl(program, start, Minute * 10, new SimLoadWish { DutyCycle = 50 });
        world.Pass(Minute * 2);
        Assert.Equal(5_000, Stated(world)[0].Watts);
        world.Pass(Minute * 2);
        Assert.Equal(3_000, Now(world));
        world.DerPower = () => 0;
        world.Restart();
        world.Pass(Minute * 4);
        Assert.Equal(3_000, Now(world));
    }

    [Fact]
    public void Nothing_is_drawn_answered_or_published_twice_over_restarts_and_a_changed_policy_takes_hold()
    {
        var (world, program) = World();
        var control = world.Utility.AddLoadControl(program, world.Now + (Minute * 3), Minute * 60, new SimLoadWish { DutyCycle = 50, RandomizeStart = 60 });
        world.Pass(Minute * 2);
        var stated = Stated(world);
        foreach (var _ in Enumerable.Range(0, 4))
        {
            world.Restart();
            world.Pass(Minute * 2);
        }

        Assert.Equal([1, 2], GetStatuses(world, control));
        Assert.Single(Envelopes(world));
        Assert.Equal(stated, Stated(world));
        world.Reconfigure(c => c with { LoadControl = Usual with { ReferenceW = 6_000 } });
        Assert.Equal(3_000, Now(world));
        world.Reconfigure(c => c with { LoadControl = null });
        Assert.Null(Now(world));
        Assert.Equal([1, 2], GetStatuses(world, control));
    }

    [Fact]
    public void A_program_that_is_taken_away_ends_its_controls_once_that_is_confirmed_and_a_lapse_does_not()
    {
        var (world, program) = World();
        var control = world.Utility.AddLoadControl(program, world.Now, Minute * 60, new SimLoadWish { DutyCycle = 50 });
        world.Pass(Minute * 3);
        world.Utility.Faults.Outage = 503;
        world.Pass(Minute * 10);
        Assert.Equal(5_000, Now(world));
        world.Utility.Faults.Clear();
        world.Pass(Minute * 3);
        world.Utility.RemoveLoadProgram(program);
        world.Pass(Minute * 5);
        Assert.Null(Now(world));
        Assert.Equal([1, 2], GetStatuses(world, control));
    }

    [Fact]
    public void What_could_be_shed_is_told_once_and_again_when_it_changes()
    {
        var (world, _) = World(Usual with { Sheddable = new DerSheddable { PowerW = 4_000, For = Duration.FromHours(2) } });
        world.Pass(Minute * 2);
        world.Restart();
        world.Pass(Minute * 2);
        var told = Assert.Single(world.Utility.Sheddable);
        Assert.Equal("7200", told.Xml.Elements().First(e => e.Name.LocalName == "availabilityDuration").Value);
        world.Reconfigure(c => c with { LoadControl = Usual with { Sheddable = new DerSheddable { Percent = 40 } } });
        world.Pass(Minute * 2);
        Assert.Equal("4000", Assert.Single(Assert.Single(world.Utility.Sheddable).Xml.Elements()).Value);
    }

    private static (ProcedureWorld World, SimLoadProgram Program) World(DerLoadControl? policy = null)
    {
        SimLoadProgram? program = null;
        var config = new DerClientConfig
        {
            ServerUrl = "https://utility.example/dcap",
            SiteId = "site-1",
            Lfdi = ProcedureWorld.LFdi,
            Edition = DerEdition.CsipAus12,
            Pen = 12345,
            Nameplate = new DerNameplate { MaxW = 10_000 },
            LoadControl = policy ?? Usual,
        };
        var world = new ProcedureWorld(SimDialect.CsipAus12, config, utility =>
        {
            utility.Register(ProcedureWorld.LFdi);
            utility.AddProgram(1);
            program = utility.AddLoadProgram(1);
        });
        world.Pass(Minute);
        return (world, program!);
    }

    private static Instant Whole(Instant at) => Instant.FromUnixTimeSeconds(at.ToUnixTimeSeconds());

    private static IEnumerable<Envelope> Envelopes(ProcedureWorld world) =>
        world.Publications.OfType<EnginePublication.PublishEnvelope>().Select(p => p.Envelope).Where(e => e.Stream.Key.StartsWith("drlc-", StringComparison.Ordinal));

    private static List<(Instant From, Instant? Until, long? Watts)> Stated(ProcedureWorld world) => [.. Envelopes(world).Last().Segments.Select(s => (s.From, s.Until, s.Limits.ImportLimitW))];

    // What the streams of demand response leave now, as a hub would intersect them.
    private static long? Now(ProcedureWorld world) => world.Publications.Where(p => FindStream(p)?.StartsWith("drlc-", StringComparison.Ordinal) == true).GroupBy(FindStream).Select(g => g.Last())
        .OfType<EnginePublication.PublishEnvelope>().SelectMany(p => p.Envelope.Segments).Where(s => s.From <= world.Now && !(s.Until <= world.Now)).Min(s => s.Limits.ImportLimitW);

    private static string? FindStream(EnginePublication publication) => publication switch
    {
        EnginePublication.PublishEnvelope p => p.Envelope.Stream.Key,
        EnginePublication.WithdrawEnvelope w => w.Withdrawal.Stream.Key,
        _ => null,
    };

    private static IEnumerable<int> GetStatuses(ProcedureWorld world, SimLoadControl control) => world.Utility.Responses.Where(r => r.Subject == control.MRid).Select(r => r.Status);

    private static int OverrideTold(ProcedureWorld world, int status) => world.Utility.Log.Requests(0).Where(r => r.Body?.Contains($"<status>{status}</status>", StringComparison.Ordinal) == true)
        .Select(r => int.Parse(Xml.Text(r.Body!, "overrideDuration"), System.Globalization.CultureInfo.InvariantCulture)).Single();
}
