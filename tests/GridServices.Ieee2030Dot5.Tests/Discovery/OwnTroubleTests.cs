using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>One resource that fails while the server answers otherwise: it is named for as long as it fails, and silences nothing else.</summary>
public sealed class OwnTroubleTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly FakeServer.Reply[] Failures =
    [
        new(500, string.Empty), new(0, string.Empty), new(302, string.Empty, Location: "https://other.example/x"), new(429, string.Empty),
    ];

    public static TheoryData<string, int> Needed()
    {
        var data = new TheoryData<string, int>();
        foreach (var path in new[] { "/dcap", "/tm", "/edev", "/edev/1/fsa", "/edev/1/fsa/1/derp", "/derp/1/derc" })
        {
            for (var i = 0; i < Failures.Length; i++)
            {
                data.Add(path, i);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Needed))]
    public void It_is_named_from_its_first_failure_until_it_answers_itself(string path, int failure)
    {
        var world = Followed();
        var right = world.Server.Resources[path];
        world.Server.On(path, _ => Failures[failure]);
        var failing = world.Server.Requests.Count;
        while (!world.Server.Requests.Skip(failing).Any(r => r.Path == path))
        {
            world.Run(Duration.FromSeconds(1));
        }

        for (var i = 0; i < 200; i++)
        {
            Assert.Contains(Troubles(world), t => t.Reason.Contains(path, StringComparison.Ordinal));
            Assert.Equal(4000, PagingTests.LimitNow(world));
            world.Run(Duration.FromSeconds(7));
        }

        Assert.Contains(world.Notes, n => n.Level == NoteLevel.Warning && n.Text.Contains(path, StringComparison.Ordinal));
        Assert.InRange(world.Notes.Count(n => n.Kind == NoteKind.ServerBack), 0, 1);
        Assert.DoesNotContain(world.Notes, n => n.Text == "The server answers again.");

        world.Server.On(path, right);
        world.Run(Minute * 2);
        Assert.Empty(Troubles(world));
    }

    [Fact]
    public void Nothing_else_is_read_less_often()
    {
        var world = Followed();
        world.Server.Status("/derp/1/derc", 500);
        var before = world.Server.Gets.Count(p => p == "/edev");
        world.Run(Minute * 20);
        Assert.InRange(world.Server.Gets.Count(p => p == "/edev") - before, 19, 21);
        Assert.InRange(world.Server.Gets.Count(p => p == "/derp/1/derc"), 20, 40);
    }

    [Fact]
    public void The_fallback_after_a_loss_holds_where_the_controls_alone_are_lost()
    {
        var world = Followed(World.Usual with { Fallback = new Limits { ExportLimitW = 100 }, FallbackAfterLoss = Minute * 10 });
        world.Server.Status("/derp/1/derc", 500);
        world.Run(Minute * 25);
        Assert.Equal(4000, PagingTests.LimitNow(world));
        world.Run(Minute * 30);
        Assert.Equal(100, world.StrictestExportNow());

        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => []);
        world.Run(Minute * 2);
        Assert.Equal(1500, world.StrictestExportNow());
    }

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    public void Retry_After_beyond_reason_makes_one_resource_wait_no_longer_than_any_failure_and_no_other(int status)
    {
        var world = Followed();
        var fsa = world.Server.Resources["/edev/1/fsa"];
        var asked = 0;
        world.Server.On("/edev/1/fsa", a => asked++ == 0 ? new FakeServer.Reply(status, string.Empty, RetryAfter: Duration.FromDays(1)) : fsa(a));
        world.Run(Minute * 8);

        Assert.True(asked >= 2, "it is never asked again");
        var times = world.Server.Requests.Select(r => r.At).ToList();
        var longest = times.Zip(times.Skip(1), (a, b) => b - a).Max();
        Assert.True(longest <= (status == 429 ? Minute * 5 : Minute) + Duration.FromSeconds(1), $"silent for {longest}");
    }

    [Fact]
    public void A_server_that_is_not_heard_is_named_with_what_it_was_asked_in_vain()
    {
        var world = Followed();
        world.Server.Outage = new FakeServer.Reply(0, string.Empty);
        world.Run(Minute * 3);
        Assert.Contains(Troubles(world), t => t.Reason.Contains("can't be reached", StringComparison.Ordinal));
        world.Server.Outage = null;
        world.Run(Minute * 3);
        Assert.Empty(Troubles(world));
    }

    [Fact]
    public void A_process_that_starts_has_heard_nothing_yet()
    {
        var world = Followed();
        Assert.Empty(Troubles(world));
        Assert.NotEmpty(Troubles(world.Restart()));
    }

    /// <summary>A control of 4,000 W for another half hour, a default of 1,500 W, everything well.</summary>
    private static World Followed(DerClientConfig? config = null)
    {
        var world = new World(config).WithTree(60);
        var tm = world.Server.Resources["/tm"];
        world.Server.On("/tm", a => tm(a) with { Body = tm(a).Body.Replace("href=\"/tm\"", "href=\"/tm\" pollRate=\"60\"", StringComparison.Ordinal) });
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start - Minute, 1800, 4000)]);
        world.Run(Minute * 2);
        Assert.Empty(Troubles(world));
        Assert.Equal(4000, PagingTests.LimitNow(world));
        return world;
    }

    private static List<ServerTrouble> Troubles(World world)
    {
        var usability = Usability.For(world.Config, world.State);
        return [.. usability.Devices.Values.Prepend(usability.Entrance).OfType<ServerTrouble>()];
    }
}
