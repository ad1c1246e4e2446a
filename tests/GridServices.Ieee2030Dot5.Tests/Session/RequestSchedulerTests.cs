using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Session;

/// <summary>What goes first on one line.</summary>
public sealed class RequestSchedulerTests
{
    [Fact]
    public void What_is_owed_is_sent_within_a_minute_also_where_polls_fill_the_line()
    {
        // CSIP-AUS ALL-02, ALL-06 with a server that answers slowly and asks to be read every second.
        var world = new World(World.Usual with { Nmi = "6001234567", Polling = new DerPolling { Floor = Duration.FromSeconds(10) } }) { Latency = Duration.FromSeconds(2) }.WithTree(1);
        world.RunBusy(Duration.FromMinutes(1));
        world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = world.Now, NetPowerW = 4000 })]));
        world.RunBusy(Duration.FromMinutes(2));

        Assert.Equal(2, world.Server.Posts("/mup").Count);
        Assert.All(new[] { "/edev/1/cp", "/edev/1/der/1/dercap", "/edev/1/der/1/derg", "/edev/1/der/1/ders" }, path => Assert.NotEmpty(world.Server.Posts(path)));

        // And the polls go on.
        var times = world.Server.GetTimes("/derp/1/derc");
        Assert.All(times.Zip(times.Skip(1), (a, b) => b - a), pause => Assert.InRange(pause.TotalSeconds, 9, 60));
    }

    [Fact]
    public void What_is_owed_has_its_turns_also_while_first_readings_fill_the_line_for_longer_than_a_minute()
    {
        // A slow server and an aggregator's fleet: finding the way to the last limits takes many minutes.
        const int Devices = 120;
        var world = CreateAggregator(Devices);
        world.Latency = Duration.FromSeconds(1);
        world.RunBusy(Duration.FromMinutes(1));
        Assert.DoesNotContain(world.Server.Requests, r => r.Method != "GET");

        world.RunBusy(Duration.FromMinutes(2));
        var requests = world.Server.Requests.Skip(60).ToList();
        Assert.InRange(requests.Count(r => r.Method != "GET" || r.Path == "/mup" || r.Path.EndsWith("/der", StringComparison.Ordinal)), requests.Count / 5, requests.Count / 3);
        Assert.NotEmpty(world.Server.Posts("/edev/1/der/1/dercap"));
        Assert.NotEmpty(world.Server.Posts("/edev/1/der/1/ders"));
        Assert.True(world.Server.Gets.Count(p => p.EndsWith("/fsa", StringComparison.Ordinal)) is > 20 and < Devices);

        // Once they are read the line is as ever.
        world.RunBusy(Duration.FromMinutes(30));
        Assert.Equal(Devices, world.Publications.Select(p => p.SiteId).Distinct(StringComparer.Ordinal).Count());
        Assert.Null(world.State.Line.CrowdedSince);
    }

    private static World CreateAggregator(int devices)
    {
        var world = new World(new DerClientConfig
        {
            ServerUrl = World.Usual.ServerUrl,
            Mode = DerMode.Aggregator,
            Lfdi = FakeServer.Lfdi,
            Pen = 37244,
            Edition = DerEdition.CsipAus12,
            Registration = DerRegistration.OutOfBand,
            Devices = [.. Enumerable.Range(1, devices).Select(i => new DerDeviceConfig { SiteId = $"site-{i}", Lfdi = $"{i:D32}00037244", Nameplate = new DerNameplate { MaxW = 10_000 } })],
        }).WithTree(3600);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"3600\"", () => [.. Enumerable.Range(1, devices).Select(i => Xml.EndDevice($"/edev/{i}", $"{i:D32}00037244", "0", Xml.Links($"/edev/{i}", registration: false)))]);
        foreach (var i in Enumerable.Range(1, devices))
        {
            world.Server.List($"/edev/{i}/fsa", "FunctionSetAssignmentsList", "pollRate=\"3600\"", () => [Xml.Fsa($"/edev/{i}/fsa/1", "F1", $"/edev/{i}/derp")]);
            world.Server.List($"/edev/{i}/derp", "DERProgramList", "pollRate=\"3600\"", () => [Xml.Program($"/derp/{i}", $"A{i}", 1)]);
            world.Server.Put($"/derp/{i}/dderc", Xml.Default("D1", 1500));
            world.Server.List($"/derp/{i}/derc", "DERControlList", "pollRate=\"3600\"", () => []);
            world.Server.List($"/edev/{i}/der", "DERList", "pollRate=\"3600\"", () => [Xml.Der($"/edev/{i}/der/1")]);
            foreach (var part in new[] { "dercap", "derg", "ders", "dera" })
            {
                world.Server.Status($"/edev/{i}/der/1/{part}", 204);
            }
        }

        return world;
    }
}
