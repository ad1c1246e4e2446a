using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>What a server does wrong, and what stays right all the same.</summary>
public sealed class FaultTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(405)]
    [InlineData(410)]
    public void A_leaf_that_is_not_there_leaves_the_rest(int status)
    {
        var world = new World().WithTree(60);
        world.Server.Status("/derp/1/dderc", status, Xml.Error(0, "no such thing"));
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + Minute, 3600, 700)]);
        world.Run(Minute * 5);

        Assert.Equal(700, PagingTests.LimitNow(world));
        Assert.Single(world.Notes, n => n.Kind == NoteKind.ResourceMissing && n.Text.Contains("no such thing", StringComparison.Ordinal));
        Assert.InRange(world.Server.Gets.Count(p => p == "/derp/1/dderc"), 4, 6);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(500)]
    public void A_list_of_programs_that_can_not_be_read_holds_up_no_other(int status)
    {
        var world = new World().WithTree(60);
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () =>
            [Xml.Fsa("/edev/1/fsa/2", "F2", "/broken"), Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp")]);
        world.Server.Status("/broken", status);
        world.Run(Minute);
        Assert.Equal(1500, PagingTests.LimitNow(world));

        world.Restart().Run(Minute);
        Assert.Equal(1500, PagingTests.LimitNow(world));
    }

    [Fact]
    public void A_default_that_moves_leaves_no_gap()
    {
        var world = new World().WithTree(60);
        world.Run(Minute);
        var published = world.Publications.Count;
        world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\"", () =>
            [Xml.Program("/derp/1", "A1", 1).Replace("/derp/1/dderc", "/elsewhere/dderc", StringComparison.Ordinal)]);
        world.Server.Resources["/elsewhere/dderc"] = world.Server.Resources["/derp/1/dderc"];
        world.Run(Minute * 3);

        Assert.Contains("/elsewhere/dderc", world.Server.Gets);
        Assert.Equal(published, world.Publications.Count);
    }

    [Theory]
    [InlineData("<html><body>Please log in</body></html>", "text/html", ErrorClass.UnsupportedMedia)]
    [InlineData("<DERControlList", "application/sep+xml", ErrorClass.Malformed)]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>", "application/sep+xml", ErrorClass.DtdForbidden)]
    [InlineData("<Time xmlns=\"urn:ieee:std:2030.5:ns\"><currentTime>1800000000</currentTime><quality>4</quality><dstEndTime>0</dstEndTime><dstOffset>0</dstOffset><dstStartTime>0</dstStartTime><tzOffset>0</tzOffset></Time>", "application/sep+xml", ErrorClass.TypeMismatch)]
    public void A_bad_answer_unseats_no_adopted_control(string body, string mediaType, ErrorClass expected)
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + Minute, 3600, 700)]);
        world.Run(Minute * 3);

        world.Server.On("/derp/1/derc", _ => new FakeServer.Reply(200, body, ContentType: mediaType));
        world.Run(Minute * 20);

        Assert.Equal(700, PagingTests.LimitNow(world));
        Assert.Single(world.Notes, n => n.Kind == NoteKind.ReplyRefused && n.Class == expected);
    }

    [Fact]
    public void An_outage_keeps_the_schedule_and_then_the_default()
    {
        // CSIP-AUS ALL-23: the server answers 500 to everything.
        var world = new World().WithTree(60);
        var first = World.Start + Minute;
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () =>
            [Xml.Control("C1", first, 120, 2000), Xml.Control("C2", first + (Minute * 2), 120, 1200)]);
        world.Run(Duration.FromSeconds(30));
        world.Server.Outage = new FakeServer.Reply(500, string.Empty);

        world.Run(Minute);
        Assert.Equal(2000, PagingTests.LimitNow(world));
        world.Run(Minute * 2);
        Assert.Equal(1200, PagingTests.LimitNow(world));
        world.Run(Minute * 3);
        Assert.Equal(1500, PagingTests.LimitNow(world));

        world.Server.Outage = null;
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C3", world.Now, 600, 300)]);
        world.Run(Minute + Duration.FromSeconds(10));
        Assert.Equal(300, PagingTests.LimitNow(world));
        Assert.Contains(world.Notes, n => n.Kind == NoteKind.ServerLost);
        Assert.Contains(world.Notes, n => n.Kind == NoteKind.ServerBack);
    }

    [Fact]
    public void Failures_are_met_with_longer_and_longer_pauses_and_jitter()
    {
        var world = new World(World.Usual with { Polling = new DerPolling { MaxBackOff = Duration.FromMinutes(5) } }).WithTree();
        world.Server.Outage = new FakeServer.Reply(0, string.Empty);
        world.Run(Duration.FromHours(2));

        Assert.Contains(world.Notes, n => n.Kind == NoteKind.ServerLost && n.Text.Contains("can't be reached", StringComparison.Ordinal));
        var times = world.Server.Requests.Select(r => r.At).ToList();
        var pauses = times.Zip(times.Skip(1), (a, b) => (b - a).TotalSeconds).ToList();
        Assert.InRange(pauses[0], 0.9, 1.2);
        Assert.InRange(pauses[3], 7, 9);
        Assert.All(pauses.Skip(9), p => Assert.InRange(p, 270, 331));
        Assert.True(pauses.Skip(9).Select(p => Math.Round(p, 2)).Distinct().Count() > 5, "no jitter");
    }

    [Fact]
    public void One_broken_resource_slows_no_other()
    {
        var world = new World().WithTree(60);
        world.Server.Status("/derp/1/dderc", 500);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + Minute, 3600, 700)]);
        world.Run(Minute * 20);

        Assert.Equal(700, PagingTests.LimitNow(world));
        foreach (var endpoint in new[] { "/edev", "/edev/1/fsa", "/derp/1/derc" })
        {
            Assert.InRange(world.Server.Gets.Count(p => p == endpoint), 19, 21);
        }
    }

    [Fact]
    public void Retry_After_is_obeyed()
    {
        var world = new World().WithTree(60);
        var asked = 0;
        var edev = world.Server.Resources["/edev"];
        world.Server.On("/edev", a => asked++ == 0 ? new FakeServer.Reply(429, string.Empty, RetryAfter: Duration.FromSeconds(90)) : edev(a));
        world.Run(Minute * 3);

        var at = world.Server.GetTimes("/edev");
        Assert.True(at[1] - at[0] >= Duration.FromSeconds(90), $"{at[1] - at[0]}");
        Assert.Equal(at[1], world.Server.Requests.First(r => r.At > at[0] + Duration.FromSeconds(1)).At);
        Assert.NotNull(world.Envelope);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public void A_redirect_at_the_server_is_followed(int status)
    {
        var world = new World().WithTree(60);
        var fsa = world.Server.Resources["/edev/1/fsa"];
        world.Server.On("/edev/1/fsa", a => new FakeServer.Reply(status, string.Empty, Location: $"/moved/fsa?s={a.From}&l={a.Count}"));
        world.Server.On("/moved/fsa", a => fsa(a));
        world.Run(Minute * 5);

        Assert.NotNull(world.Envelope);
        Assert.InRange(world.Server.Gets.Count(p => p == "/moved/fsa"), 4, 6);
    }

    [Theory]
    [InlineData("https://evil.example/edev")]
    [InlineData("http://utility.example/edev")]
    [InlineData("/edev")]
    [InlineData(null)]
    public void A_redirect_elsewhere_or_in_circles_is_refused_and_not_hammered(string? location)
    {
        // hostile S5-073
        var world = new World().WithTree(60);
        world.Server.On("/edev", _ => new FakeServer.Reply(302, string.Empty, Location: location == "/edev" ? "/edev?s=0&l=255" : location));
        world.Run(Minute * 10);

        Assert.All(world.Server.Requests, r => Assert.StartsWith("/", r.Request.Href, StringComparison.Ordinal));
        Assert.InRange(world.Server.Gets.Count(p => p == "/edev"), 3, 40);
        Assert.Contains(world.Notes, n => n.Class is ErrorClass.SsrfBlocked or ErrorClass.LoopDetected);
    }

    [Theory]
    [InlineData(ulong.MinValue)]
    [InlineData(ulong.MaxValue)]
    public void Any_seed_will_do(ulong seed)
    {
        var world = new World().WithTree();
        world.Give(new DerInput.Started());
        var request = Assert.IsType<DerNext.SendRequest>(DerClient.Next(world.Config, world.State, world.Now));
        var step = DerClient.Apply(world.Config, world.State, new DerInput.TransportFailed(request, TransportFailure.Timeout), world.Now, seed);
        Assert.True(step.State.Line.QuietUntil > world.Now);
    }

    [Fact]
    public void Another_server_is_another_authority()
    {
        var world = new World().WithTree(60);
        world.Run(Minute);
        Assert.NotNull(world.Envelope);

        var previous = world.Config;
        world.Config = previous with { ServerUrl = "https://other.example/dcap2" };
        world.Give(new DerInput.ConfigChanged(previous));
        Assert.IsType<EnginePublication.WithdrawEnvelope>(world.Publications[^1]);
        Assert.Equal("/dcap2", Assert.IsType<DerNext.SendRequest>(DerClient.Next(world.Config, world.State, world.Now)).Href);

        world.Server.Resources["/dcap2"] = world.Server.Resources["/dcap"];
        world.Run(Minute);
        Assert.True(world.Envelope!.Revision > 2);
    }

    [Fact]
    public void A_new_certificate_is_a_new_identity_and_goes_on_counting()
    {
        var world = new World().WithTree(60);
        world.Run(Minute);
        var first = world.Envelope!.Revision;

        var previous = world.Config;
        world.Config = previous with { Lfdi = new string('C', 40) };
        world.Give(new DerInput.ConfigChanged(previous));

        // The same utility's orders hold under the new name.
        Assert.Equal((first + 1, new string('C', 40)), (world.Envelope!.Revision, world.Envelope.Provenance.Authority));
        Assert.Equal(1500, PagingTests.LimitNow(world));

        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/1", new string('C', 40), "0", Xml.Links("/edev/1"))]);
        world.Run(Minute);
        Assert.Equal((first + 1, new string('C', 40)), (world.Envelope!.Revision, world.Envelope.Provenance.Authority));
        world.Server.Put("/derp/1/dderc", Xml.Default("D1", 1000));
        world.Run(Minute * 2);
        Assert.Equal(first + 2, world.Envelope!.Revision);
    }

    [Fact]
    public void A_deleted_client_withdraws_and_comes_back_with_higher_revisions()
    {
        var world = new World().WithTree(60);
        world.Run(Minute);
        world.Give(new DerInput.Removed());
        var gone = Assert.IsType<EnginePublication.WithdrawEnvelope>(world.Publications[^1]).Withdrawal.Revision;

        world.Give(new DerInput.ConfigChanged(null)).Run(Minute);
        Assert.True(world.Envelope!.Revision > gone);
    }

    [Fact]
    public void A_state_written_in_the_middle_of_anything_reads_back_equal()
    {
        var world = new World(World.Usual with { Polling = new DerPolling { PageSize = 1 } }).WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + Minute, 3600, 700), Xml.Control("C2", World.Start + Minute, 60, 1)]);
        for (var i = 0; i < 40; i++)
        {
            world.Run(Duration.FromSeconds(3));
            world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Contracts.Reading { At = world.Now, NetPowerW = 100 * i })]));
            Assert.Equal(world.State, DerClientStateJson.Read(DerClientStateJson.Write(world.State)));
        }
    }

    [Fact]
    public void A_poll_that_brings_nothing_new_need_not_be_stored()
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + Minute, 36000, 700)]);
        world.Run(Minute * 10);
        var stored = world.Stored;
        world.Run(Minute * 10);

        Assert.Equal(stored, world.Stored);
    }
}
