using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Model;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Procedures;

/// <summary>Flow reservations against the simulated utility, in virtual time.</summary>
public sealed class ReservationTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly Duration Hour = Duration.FromHours(1);

    [Fact]
    public void In_its_window_flows_what_was_granted_and_nothing_before_it_was()
    {
        var world = World();
        var (from, until) = (Whole(world.Now + Hour), Whole(world.Now + (Hour * 5)));
        Reserve(world, "r1", 10_000, 7_000, from, until);
        Assert.Equal([(from, until, 0L, null)], Stated(world));

        world.Pass(Minute);
        var asked = Assert.Single(world.Utility.Reservations);
        Assert.Equal((10_000m, 7_000m, from, until), (asked.EnergyWh, asked.PowerW, asked.From, asked.Until));

        var start = from + Hour;
        var grant = world.Utility.Grant(asked, start, Hour, 5_000, 5_000);
        world.Pass(Minute * 2);
        Assert.Equal([(from, start, 0L, null), (start, start + Hour, 5_000L, null), (start + Hour, until, 0L, null)], Stated(world));

        var count = Envelopes(world).Count();
        world.Pass(until - world.Now + Minute);
        Assert.Equal(count, Envelopes(world).Count());
        Assert.Equal([1, 2, 3], GetStatuses(world, grant));
        Assert.IsType<EnginePublication.WithdrawEnvelope>(world.Publications[^1]);
    }

    [Fact]
    public void Discharging_is_negative_energy_and_a_limit_of_discharging()
    {
        var world = World();
        var (from, until) = (Whole(world.Now), Whole(world.Now + (Hour * 2)));
        Reserve(world, "r1", -4_000, 4_000, from, until);
        world.Pass(Minute);
        var asked = Assert.Single(world.Utility.Reservations);
        Assert.Equal((-4_000m, 4_000m), (asked.EnergyWh, asked.PowerW));
        world.Utility.Grant(asked, until - Hour, Hour, 3_000, -3_000);
        world.Pass(Minute * 2);
        Assert.Equal((until - Hour, until, null, 3_000L), Stated(world)[^1]);
        Assert.All(Stated(world), s => Assert.Null(s.Charge));
    }

    [Fact]
    public void Where_its_energy_is_used_up_at_its_power_nothing_flows_any_more()
    {
        var world = World();
        var (from, until) = (Whole(world.Now), Whole(world.Now + (Hour * 3)));
        Reserve(world, "r1", 3_000, 6_000, from, until);
        world.Pass(Minute);
        world.Utility.Grant(world.Utility.Reservations[0], from + Hour, Hour, 6_000, 3_000);
        world.Pass(Minute * 2);
        Assert.Equal([(from + Hour, from + Hour + (Minute * 30), 6_000L, null), (from + Hour + (Minute * 30), until, 0L, null)], Stated(world)[1..]);
    }

    [Fact]
    public void A_later_answer_supersedes_and_a_cancelled_one_grants_nothing()
    {
        var world = World();
        var (from, until) = (Whole(world.Now), Whole(world.Now + (Hour * 4)));
        Reserve(world, "r1", 20_000, 7_000, from, until);
        world.Pass(Minute);
        var asked = world.Utility.Reservations[0];
        var first = world.Utility.Grant(asked, from + Hour, Hour * 2, 7_000, 14_000);
        world.Pass(Hour + (Minute * 30));
        var second = world.Utility.Grant(asked, Whole(world.Now + (Minute * 10)), Hour, 2_000, 2_000);
        world.Pass(Minute * 20);
        Assert.Equal([1, 2, 7], GetStatuses(world, first));
        Assert.Equal([1, 2], GetStatuses(world, second));
        Assert.Equal(2_000L, Now(world).Charge);

        world.Utility.CancelGrants(asked);
        world.Pass(Minute * 2);
        Assert.Equal([1, 2, 6], GetStatuses(world, second));
        Assert.Equal((until, 0L), (Now(world).Until, Now(world).Charge));
    }

    [Fact]
    public void Withdrawn_it_states_nothing_at_once_and_the_server_is_told_and_its_cancellation_acknowledged()
    {
        var world = World();
        var (from, until) = (Whole(world.Now), Whole(world.Now + (Hour * 4)));
        Reserve(world, "r1", 10_000, 5_000, from, until);
        world.Pass(Minute);
        var grant = world.Utility.Grant(world.Utility.Reservations[0], from + Hour, Hour, 5_000, 5_000);
        world.Pass(Minute * 2);
        world.Give(new DerInput.Withdraw("r1"));
        Assert.IsType<EnginePublication.WithdrawEnvelope>(world.Publications[^1]);
        world.Pass(Minute * 3);
        Assert.True(world.Utility.Reservations[0].IsCancelled);
        Assert.Equal([1, 6], GetStatuses(world, grant));
        Assert.Equal(ReservationPhase.Withdrawn, Held(world).Phase);
    }

    [Fact]
    public void Two_reservations_add_up_and_each_goes_with_its_own_window()
    {
        var world = World();
        var (from, until) = (Whole(world.Now), Whole(world.Now + (Hour * 2)));
        Reserve(world, "r1", 2_000, 2_000, from, until);
        Reserve(world, "r2", 3_000, 3_000, from, until + Hour);
        world.Pass(Minute);
        foreach (var (asked, watts) in world.Utility.Reservations.Zip([2_000, 3_000]))
        {
            world.Utility.Grant(asked, from + Hour, Hour, watts, watts);
        }

        world.Pass(Minute * 2);
        Assert.Equal([(from + Hour, until, 5_000L, null), (until, until + Hour, 0L, null)], Stated(world)[1..]);
    }

    [Fact]
    public void A_restart_at_any_moment_asks_for_nothing_twice_and_publishes_nothing_again()
    {
        var world = World();
        var (from, until) = (Whole(world.Now), Whole(world.Now + (Hour * 3)));
        Reserve(world, "r1", 6_000, 6_000, from, until);
        world.Restart();
        world.Pass(Minute);
        world.Restart();
        world.Pass(Minute);
        var asked = Assert.Single(world.Utility.Reservations);
        var grant = world.Utility.Grant(asked, from + Hour, Hour, 6_000, 6_000);
        world.Pass(Minute * 2);
        var stated = Envelopes(world).Count();
        Assert.Equal(2, stated);
        foreach (var _ in Enumerable.Range(0, 6))
        {
            world.Restart();
            world.Pass(Minute * 20);
        }

        Assert.Equal(stated, Envelopes(world).Count());
        Assert.Equal([1, 2, 3], GetStatuses(world, grant));
    }

    [Fact]
    public void What_can_not_be_meant_and_what_was_over_is_refused_once_and_grants_nothing()
    {
        var world = World();
        var (from, until) = (Whole(world.Now), Whole(world.Now + (Hour * 3)));
        Reserve(world, "r1", 6_000, 6_000, from, until);
        world.Pass(Minute);
        var asked = world.Utility.Reservations[0];
        var wrongWay = world.Utility.Grant(asked, from + Hour, Hour, 6_000, -6_000);
        world.Pass(Minute * 5);
        var over = world.Utility.Grant(asked, from, Duration.FromSeconds(30), 6_000, 6_000);
        world.Pass(Minute * 5);
        Assert.Equal([253], GetStatuses(world, wrongWay));
        Assert.Equal([254], GetStatuses(world, over));
        Assert.Equal([(from, until, 0L, null)], Stated(world));
    }

    [Fact]
    public void By_the_servers_clock_it_is_asked_for_and_by_ours_it_is_stated()
    {
        var world = World(u => u.ClockOffset = Duration.FromSeconds(300));
        world.Pass(Minute * 3);
        var (from, until) = (Whole(world.Now), Whole(world.Now + (Hour * 2)));
        Reserve(world, "r1", 6_000, 6_000, from, until);
        world.Pass(Minute);
        var asked = Assert.Single(world.Utility.Reservations);
        Assert.InRange((asked.From - from).TotalSeconds, 299, 301);
        world.Utility.Grant(asked, asked.From + Hour, Hour, 6_000, 6_000);
        world.Pass(Minute * 2);
        Assert.InRange((Stated(world)[1].From - (from + Hour)).TotalSeconds, -1, 1);
        Assert.Equal(6_000L, Stated(world)[1].Charge);
    }

    private static ProcedureWorld World(Action<SimulatedUtility>? prepare = null)
    {
        var config = new DerClientConfig
        {
            ServerUrl = "https://utility.example/dcap",
            SiteId = "site-1",
            Lfdi = ProcedureWorld.LFdi,
            Edition = DerEdition.CsipAus13,
            Pen = 12345,
            Nameplate = new DerNameplate { MaxW = 10_000, MaxWh = 20_000 },
        };
        var world = new ProcedureWorld(SimDialect.CsipAus13, config, utility =>
        {
            utility.Register(ProcedureWorld.LFdi);
            utility.AddProgram(1);
            prepare?.Invoke(utility);
        });
        world.Pass(Minute);
        return world;
    }

    private static void Reserve(ProcedureWorld world, string id, long energyWh, long powerW, Instant from, Instant until) => world.Give(new DerInput.Reserve("site-1", new Reservation
    {
        Id = id,
        MRid = string.Empty,
        EnergyWh = energyWh,
        PowerW = powerW,
        From = from,
        Until = until,
        CreatedAt = world.Now,
        Sha256 = string.Empty,
    }));

    private static Instant Whole(Instant at) => Instant.FromUnixTimeSeconds(at.ToUnixTimeSeconds());

    private static IEnumerable<Envelope> Envelopes(ProcedureWorld world) =>
        world.Publications.OfType<EnginePublication.PublishEnvelope>().Select(p => p.Envelope).Where(e => e.Stream.Key == "flow-reservation");

    private static List<(Instant From, Instant? Until, long? Charge, long? Discharge)> Stated(ProcedureWorld world) =>
        [.. Envelopes(world).Last().Segments.Select(s => (s.From, s.Until, s.Limits.ChargeLimitW, s.Limits.DischargeLimitW))];

    private static (Instant From, Instant? Until, long? Charge, long? Discharge) Now(ProcedureWorld world) => Stated(world).First(s => s.From <= world.Now && world.Now < s.Until);

    private static Reservation Held(ProcedureWorld world) => world.State.Devices.Values.Single().Reservations.Single();

    private static IEnumerable<int> GetStatuses(ProcedureWorld world, SimGrant grant) => world.Utility.Responses.Where(r => r.Subject == grant.MRid).Select(r => r.Status);
}
