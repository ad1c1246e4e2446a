using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>The server's pollRate, neither missed nor exceeded. The bounds are those of the public CSIP-AUS test procedures.</summary>
public sealed class PollRateTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly string[] Endpoints =
        ["/dcap", "/edev", "/edev/1/fsa", "/edev/1/der", "/edev/1/fsa/1/derp", "/derp/1/dderc", "/derp/1/derc", "/mup"];

    [Theory]
    [InlineData(60, 20)]
    [InlineData(60, 4000)]
    [InlineData(300, 200)]
    public void Every_resource_is_read_at_its_rate(int rate, int latencyMs)
    {
        var world = new World { Latency = Duration.FromMilliseconds(latencyMs) }.WithTree(rate);
        world.Run(Duration.FromSeconds(rate * 30));

        foreach (var endpoint in Endpoints)
        {
            var times = world.Server.GetTimes(endpoint);
            Assert.True(times.Count >= 25, $"{endpoint}: {times.Count}");

            // The list of mirror usage points is read again at once after making them (CSIP-AUS ALL-06).
            AssertRate(endpoint, endpoint == "/mup" ? [.. times.Skip(1)] : times, rate);
        }
    }

    [Fact]
    public void Without_a_rate_the_standards_900_s_hold()
    {
        var world = new World().WithTree();
        world.Server.Put("/dcap", Xml.Build("DeviceCapability", "href=\"/dcap\"", "<TimeLink href=\"/tm\"/><EndDeviceListLink href=\"/edev\"/>"));
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", string.Empty, () => [Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp")]);
        world.Run(Duration.FromHours(3));

        AssertRate("/dcap", world.Server.GetTimes("/dcap"), 900);
        AssertRate("/edev/1/fsa", world.Server.GetTimes("/edev/1/fsa"), 900);
        Assert.Equal(13, world.Server.GetTimes("/dcap").Count, 1.0);
    }

    [Theory]
    [InlineData(300, 60)]
    [InlineData(60, 300)]
    [InlineData(3600, 60)]
    public void A_changed_rate_is_followed_from_the_answer_that_tells_it(int first, int then)
    {
        // CSIP-AUS ALL-10, ALL-19, ALL-20
        var world = new World().WithTree();
        var rate = first;
        world.Server.On("/edev/1/fsa/1/derp", asked => new FakeServer.Reply(200,
            Xml.Build("DERProgramList", $"all=\"1\" results=\"1\" pollRate=\"{rate}\"", Xml.Program("/derp/1", "A1", 1))));
        world.Run(Duration.FromSeconds(first / 2));
        rate = then;
        world.Run(Duration.FromSeconds(first + (then * 10)));

        foreach (var endpoint in new[] { "/edev/1/fsa/1/derp", "/derp/1/dderc", "/derp/1/derc" })
        {
            var change = world.Server.GetTimes("/edev/1/fsa/1/derp")[1];
            var after = world.Server.GetTimes(endpoint).Where(t => t >= change).ToList();
            Assert.True(after.Count >= 8, $"{endpoint}: {after.Count}");
            AssertRate(endpoint, [.. after.Skip(1)], then);
            Assert.True(after.First(t => t > change) - change <= Duration.FromSeconds(then * 1.5), $"{endpoint} waits");
        }
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 10)]
    [InlineData(7_200, 7_200)]
    [InlineData(86_400, 86_400)]
    [InlineData(2_000_000_000, 86_400)]
    public void A_rate_is_kept_as_asked_and_one_beyond_reason_is_held_to_the_bounds(int asked, int kept)
    {
        // hostile S5-054
        var world = new World().WithTree(asked);
        world.Run(Duration.FromSeconds(Math.Max(14_400, 4L * kept)));
        Assert.InRange(world.Server.GetTimes("/edev").Count, 4, 1_500);

        AssertRate("/edev", world.Server.GetTimes("/edev"), kept);
    }

    [Fact]
    public void The_floor_is_a_persons_choice()
    {
        var world = new World(World.Usual with { Polling = new DerPolling { Floor = Duration.FromSeconds(1) } }).WithTree(2);
        world.Run(Minute);
        AssertRate("/edev", world.Server.GetTimes("/edev"), 2);
    }

    [Fact]
    public void A_clock_that_was_put_back_delays_no_reading()
    {
        var world = new World().WithTree(60);
        world.Run(Minute * 3);
        var state = world.State;

        var earlier = World.Start - Duration.FromDays(1);
        Assert.IsType<DerNext.SendRequest>(DerClient.Next(world.Config, state, earlier) is DerNext.WaitUntil ? AfterTick(world, earlier) : DerClient.Next(world.Config, state, earlier));
    }

    private static DerNext AfterTick(World world, Instant at) =>
        DerClient.Next(world.Config, DerClient.Apply(world.Config, world.State, new DerInput.Tick(), at, 1).State, at);

    /// <summary>Gaps of at most one and a half rates; at most six readings in any three rates (CSIP-AUS test procedures).</summary>
    private static void AssertRate(string endpoint, IReadOnlyList<Instant> times, int rateSeconds)
    {
        var rate = Duration.FromSeconds(rateSeconds);
        for (var i = 1; i < times.Count; i++)
        {
            Assert.True(times[i] - times[i - 1] <= rate * 1.5, $"{endpoint}: gap of {times[i] - times[i - 1]}");
            Assert.True(times[i] - times[i - 1] >= rate * 0.9, $"{endpoint}: only {times[i] - times[i - 1]} apart");
        }
    }
}
