using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Devices;

/// <summary>One certificate, many EndDevices.</summary>
public sealed class AggregatorTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    private static readonly DerClientConfig Two = new()
    {
        ServerUrl = "https://utility.example/dcap",
        Mode = DerMode.Aggregator,
        Lfdi = FakeServer.Lfdi,
        Pen = 37244,
        Edition = DerEdition.CsipAus12,
        Devices = [new DerDeviceConfig { SiteId = "site-1" }, new DerDeviceConfig { SiteId = "site-2" }],
    };

    [Fact]
    public void Made_LFDIs_end_with_the_enterprise_number_and_differ()
    {
        var devices = Identities.GetDevices(Two);
        Assert.Equal(2, devices.Count);
        Assert.All(devices.Keys, lfdi => Assert.Matches("^[0-9A-F]{32}00037244$", lfdi));
        Assert.Equal(devices.Keys, Identities.GetDevices(Two).Keys);
    }

    [Fact]
    public void Every_EndDevice_is_registered_and_answers_shared_controls_for_itself()
    {
        // CSIP-AUS P-01
        var world = Shared();
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + (Minute * 3), 120, 700)]);
        world.Run(Minute * 8);

        Assert.Equal(2, world.Server.Posts("/edev").Count);
        foreach (var lfdi in Identities.GetDevices(Two).Keys)
        {
            var told = world.Server.Posts("/rsp").Where(p => Xml.Text(p.Body, "endDeviceLFDI") == lfdi).Select(p => Xml.Text(p.Body, "status"));
            Assert.Equal(["1", "2", "3"], told);
        }

        Assert.Equal(6, world.Server.Posts("/rsp").Count);
        Assert.Equal(["site-1", "site-2"], world.Publications.Select(p => p.SiteId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));

        // What both share is read once.
        Assert.InRange(world.Server.Gets.Count(p => p == "/derp/1/derc"), 7, 10);
    }

    [Fact]
    public void The_devices_of_a_renewed_certificate_are_the_same_devices()
    {
        var world = Shared();
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start, 7200, 700)]);
        world.Run(Minute * 3);
        var (lfdis, answers, registered) = (world.State.Devices.Keys.ToList(), world.Server.Posts("/rsp").Count, world.Server.Posts("/edev").Count);
        Assert.Equal((2, 4), (registered, answers));

        var previous = world.Config;
        world.Config = previous with { Lfdi = new string('C', 40) };
        world.Give(new DerInput.ConfigChanged(previous)).Run(Minute * 5);
        world.Restart().Run(Minute * 5);
        Assert.Equal(lfdis, world.State.Devices.Keys);
        Assert.Equal(lfdis, Identities.GetDevices(world.Config, world.State).Keys);
        Assert.NotEqual(lfdis, Identities.GetDevices(world.Config).Keys);
        Assert.Equal((registered, answers), (world.Server.Posts("/edev").Count, world.Server.Posts("/rsp").Count));
        Assert.DoesNotContain(world.Publications, p => p is EnginePublication.WithdrawEnvelope);
        Assert.Equal(700, world.StrictestExportNow());

        // A site that comes later is named by the same hand, and one that comes back by its own name.
        var two = world.Config;
        world.Config = two with { Devices = [two.Devices[0]] };
        world.Give(new DerInput.ConfigChanged(two)).Run(Minute);
        var one = world.Config;
        world.Config = two;
        world.Give(new DerInput.ConfigChanged(one)).Run(Minute);
        Assert.Equal(lfdis, world.State.Devices.Keys);

        // Deleted and made again it is the same aggregator to the utility.
        world.Give(new DerInput.Removed());
        var again = Inheritance.CreateState(two, [world.State], founder: Inheritance.FindFounder(two, [world.State]));
        Assert.Equal(lfdis, DerClient.Apply(two, again, new DerInput.ConfigChanged(null), world.Now, 1).State.Devices.Keys);
    }

    [Fact]
    public void A_state_of_before_learns_from_the_certificate_before_who_made_its_devices()
    {
        var world = Shared().Run(Minute * 2);
        var stored = System.Text.Json.Nodes.JsonNode.Parse(DerClientStateJson.Write(world.State))!.AsObject();
        Assert.True(stored.Remove("founder"));
        var old = DerClientStateJson.Read(System.Text.Encoding.UTF8.GetBytes(stored.ToJsonString()));
        Assert.Null(old.Founder);

        var renewed = world.Config with { Lfdi = new string('C', 40) };
        var step = DerClient.Apply(renewed, old, new DerInput.ConfigChanged(world.Config), world.Now, 1);
        Assert.Equal(world.State.Devices.Keys, step.State.Devices.Keys);
        Assert.True(step.MustStore);
        Assert.DoesNotContain(step.Publications, p => p is EnginePublication.WithdrawEnvelope);
    }

    [Fact]
    public void A_wrong_PIN_silences_one_device_and_not_the_others()
    {
        var world = Shared(Two with { Devices = [Two.Devices[0] with { Pin = "123455" }, Two.Devices[1] with { Pin = "111115" }] });
        world.Run(Minute * 5);

        Assert.Equal(["site-2"], world.Publications.Select(p => p.SiteId).Distinct(StringComparer.Ordinal));
        Assert.Contains(world.Notes, n => n.Kind == NoteKind.PinMismatch);
    }

    [Fact]
    public void Nothing_is_told_of_a_device_before_its_own_PIN_was_compared()
    {
        var world = Shared(Two with { Devices = [Two.Devices[0] with { Pin = "111115", Nmi = "6001234567" }, Two.Devices[1] with { Pin = "111115", Nmi = "6001234567" }] });
        world.Server.Status("/edev/1/rg", 404);
        world.Server.Status("/edev/2/rg", 503);
        world.Server.Status("/edev/1/cp", 204);
        world.Server.Status("/edev/2/cp", 204);
        world.Run(Minute * 5);
        Assert.NotEmpty(world.Server.Posts("/edev/1/cp"));
        Assert.Empty(world.Server.Posts("/edev/2/cp"));
    }

    [Fact]
    public void A_device_that_is_configured_no_more_is_withdrawn_and_comes_back_with_higher_revisions()
    {
        var world = Shared();
        world.Run(Minute * 2);
        var both = world.Config;
        world.Config = both with { Devices = [both.Devices[0]] };
        world.Give(new DerInput.ConfigChanged(both)).Run(Minute);
        var gone = Assert.IsType<EnginePublication.WithdrawEnvelope>(world.Publications[^1]);
        Assert.Equal("site-2", gone.SiteId);

        var one = world.Config;
        world.Config = both;
        world.Give(new DerInput.ConfigChanged(one)).Run(Minute * 2);
        var back = Assert.IsType<EnginePublication.PublishEnvelope>(world.Publications[^1]);
        Assert.Equal(("site-2", true), (back.SiteId, back.Envelope.Revision > gone.Withdrawal.Revision));
    }

    [Fact]
    public void Neighbours_in_the_list_are_neither_kept_nor_walked()
    {
        var world = new World().WithTree();
        world.Server.List("/edev", "EndDeviceList", string.Empty, () =>
            [.. Enumerable.Range(0, 600).Select(i => Xml.EndDevice($"/edev/{i + 2}", $"{i:D40}", "0", Xml.Links($"/edev/{i + 2}"))),
                Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1"))]);
        world.Run(Minute);

        Assert.Equal(3, world.Server.Gets.Count(p => p == "/edev"));
        Assert.NotNull(world.Envelope);
        Assert.InRange(DerClientStateJson.Write(world.State).Length, 1_000, 30_000);
    }

    [Fact]
    public void The_limits_of_one_EndDevice_act_before_the_list_of_the_next_is_read()
    {
        var world = CreateAggregator(5);
        world.RequestsUntil(() => world.Publications.Count > 0);
        Assert.Single(world.Server.Gets, p => p.EndsWith("/fsa", StringComparison.Ordinal));

        world.Run(Duration.FromSeconds(20));
        Assert.Equal(5, world.Publications.Select(p => p.SiteId).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(5, world.Server.Gets.Count(p => p.EndsWith("/fsa", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_changes_for_one_EndDevice_reaches_that_one_also_after_a_restart_and_where_its_program_comes_late()
    {
        var world = CreateAggregator(4);
        world.Server.List("/edev/3/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => []);
        world.Run(Minute);
        Assert.DoesNotContain("site-3", world.Publications.Select(p => p.SiteId));

        world.Server.List("/edev/3/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa("/edev/3/fsa/1", "F1", "/edev/3/derp")]);
        world.Run(Minute * 2);
        Assert.Contains("site-3", world.Publications.Select(p => p.SiteId));

        foreach (var i in new[] { 2, 4 })
        {
            var count = world.Publications.Count;
            world.Server.List($"/derp/{i}/derc", "DERControlList", string.Empty, () => [Xml.Control($"C{i}", world.Now, 3600, 300 + i)]);
            world.Run(Minute * 2);
            Assert.Equal([$"site-{i}"], world.Publications.Skip(count).Select(p => p.SiteId).Distinct(StringComparer.Ordinal));
            world.Restart().Run(Minute);
        }
    }

    // Each has a program of its own, and none reports.
    private static World CreateAggregator(int devices)
    {
        var world = new World(Two with
        {
            Registration = DerRegistration.OutOfBand,
            Reporting = new DerReporting { Enabled = false },
            Devices = [.. Enumerable.Range(1, devices).Select(i => new DerDeviceConfig { SiteId = $"site-{i}", Lfdi = $"{i:D32}00037244" })],
        }).WithTree(60);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [.. Enumerable.Range(1, devices).Select(i => Xml.EndDevice($"/edev/{i}", $"{i:D32}00037244", "0", Xml.Links($"/edev/{i}")))]);
        foreach (var i in Enumerable.Range(1, devices))
        {
            world.Server.Put($"/edev/{i}/rg", Xml.Registration(111115));
            world.Server.List($"/edev/{i}/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa($"/edev/{i}/fsa/1", "F1", $"/edev/{i}/derp")]);
            world.Server.List($"/edev/{i}/derp", "DERProgramList", "pollRate=\"60\"", () => [Xml.Program($"/derp/{i}", $"A{i}", 1)]);
            world.Server.Put($"/derp/{i}/dderc", Xml.Default("D1", 1500));
            world.Server.List($"/derp/{i}/derc", "DERControlList", string.Empty, () => []);
            world.Server.List($"/edev/{i}/der", "DERList", "pollRate=\"60\"", () => []);
        }

        return world;
    }

    private static World Shared(DerClientConfig? config = null)
    {
        var world = new World(config ?? Two).WithTree(60);
        var registered = new List<string>();
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/0", FakeServer.Lfdi, FakeServer.Sfdi, "<SubscriptionListLink href=\"/edev/0/sub\" all=\"0\"/>"),
            .. registered.Select((l, i) => Xml.EndDevice($"/edev/{i + 1}", l, "0", Xml.Links($"/edev/{i + 1}")))]);
        var list = world.Server.Resources["/edev"];
        world.Server.On("/edev", asked =>
        {
            if (asked.Method != "POST")
            {
                return list(asked);
            }

            registered.Add(Xml.Text(asked.Body, "lFDI"));
            return new FakeServer.Reply(201, string.Empty, Location: $"/edev/{registered.Count}");
        });
        foreach (var i in new[] { 1, 2 })
        {
            world.Server.Put($"/edev/{i}/rg", Xml.Registration(111115));
            world.Server.List($"/edev/{i}/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => [Xml.Fsa($"/edev/{i}/fsa/1", "F1", "/edev/1/fsa/1/derp")]);
            world.Server.List($"/edev/{i}/der", "DERList", "pollRate=\"60\"", () => []);
        }

        return world;
    }
}
