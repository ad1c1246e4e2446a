using System.Text;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Ieee2030Dot5.Tests.Messages;
using GridServices.Simulators.DerServer;
using GridServices.Simulators.DerServer.Control;
using GridServices.Simulators.DerServer.Model;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Procedures;

/// <summary>The simulated utility is as strict as real ones, and what it serves reads.</summary>
public sealed class SimulatedUtilityTests
{
    private const string LFdi = Specimens.LFdi;
    private const string Other = "0000000010000000000000000000000000000000";
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Theory]
    [InlineData("GET", null, null, 400)]
    [InlineData("GET", "application/sep+xml", null, 406)]
    [InlineData("GET", "application/sep+xml; csipaus=1.3", null, 200)]
    [InlineData("POST", "application/sep+xml; csipaus=1.3", null, 400)]
    [InlineData("POST", "application/sep+xml; csipaus=1.3", "application/sep+xml", 415)]
    [InlineData("POST", "application/sep+xml; csipaus=1.3", "text/plain", 415)]
    public void The_version_stands_in_the_media_type_of_1_3(string method, string? accept, string? contentType, int expected)
    {
        var reply = Utility(SimDialect.CsipAus13).Handle(new SimRequest(method, "/edev") { Accept = accept, ContentType = contentType, Body = "<x/>"u8.ToArray() });
        Assert.Equal(expected, reply.Status);
        Assert.Equal("application/sep+xml; csipaus=1.3", reply.ContentType);
    }

    [Fact]
    public void A_device_registers_once_and_sees_itself_alone()
    {
        var utility = Utility();
        utility.Register(Other);
        var device = new EndDevice { LFdi = LFdi, SFdi = 167261211391, ChangedTime = 1, DeviceCategory = 0x800 };
        Assert.Equal((201, "/edev/2"), Status(Post(utility, "/edev", device)));
        Assert.Equal(409, Post(utility, "/edev", device).Status);
        Assert.Equal(400, Post(utility, "/edev", device with { LFdi = Other }).Status);
        Assert.Equal([LFdi], Read<EndDeviceList>(utility, "/edev", "?s=0&l=10").Readable.Select(d => d.LFdi));
        Assert.Equal(403, Get(utility, "/edev/1").Status);
        Assert.Equal(404, Get(utility, "/edev/3").Status);
    }

    [Fact]
    public void A_list_gives_one_item_unless_more_is_asked_for()
    {
        var utility = Utility();
        utility.Register(LFdi);
        var program = utility.AddProgram(1);
        for (var i = 0; i < 3; i++)
        {
            utility.AddControl(program, Now + Duration.FromHours(i + 1), Duration.FromMinutes(5), SimModes.Create(("opModExpLimW", i)));
        }

        var first = Read<DerControlList>(utility, "/edev/1/derp/1/derc");
        Assert.Equal((3, 1, 1), (first.All, first.Results, first.Items.Count));
        var rest = Read<DerControlList>(utility, "/edev/1/derp/1/derc", "?s=1&l=255");
        Assert.Equal([1m, 2m], rest.Readable.Select(c => c.Base.OpModExpLimW!.Value.Watts));
        Assert.Null(rest.Contradiction);
        Assert.Equal(400, Get(utility, "/edev/1/derp/1/derc", "?s=x").Status);
    }

    [Fact]
    public void Everything_a_client_writes_is_in_the_order_of_the_schema()
    {
        var utility = Utility(SimDialect.CsipAus13);
        utility.Register(LFdi);
        var program = utility.AddProgram(1);
        var control = utility.AddControl(program, Now, Duration.FromMinutes(5), SimModes.Create(("opModExpLimW", 0)));
        Assert.Equal(204, Put(utility, "/edev/1/cp", new ConnectionPoint { ConnectionPointId = "1234567890" }).Status);
        Assert.Equal(201, Put(utility, "/edev/1/der/1/dercap", Specimens.Capability).Status);
        Assert.Equal(201, Put(utility, "/edev/1/der/1/derg", Specimens.Settings).Status);
        Assert.Equal(201, Put(utility, "/edev/1/der/1/ders", Specimens.Status).Status);
        Assert.Equal(201, Put(utility, "/edev/1/der/1/dera", Specimens.All.OfType<DerAvailability>().Single()).Status);
        Assert.Equal(201, Post(utility, "/edev/1/lel", Specimens.All.OfType<LogEvent>().Single()).Status);
        Assert.Equal(201, Post(utility, "/edev/1/sub", Specimens.Subscription with { SubscribedResource = "/edev" }).Status);
        Assert.Equal(201, Post(utility, "/mup", Specimens.MirrorPoint).Status);
        Assert.Equal(201, Post(utility, "/mup/1", new MirrorMeterReadingList { All = 1, Results = 1, Items = [Specimens.Meter] }).Status);
        Assert.Equal(201, Post(utility, "/mup/1", Specimens.Meter).Status);
        var response = new DerControlResponse { CreatedDateTime = 1, EndDeviceLFdi = LFdi, Status = 1, Subject = control.MRid };
        Assert.Equal(201, Post(utility, "/edev/1/rsps/site_control/rsp", response).Status);
        Assert.Equal(400, Post(utility, "/edev/1/rsps/site_control/rsp", response with { Subject = "AB" }).Status);
        Assert.Equal(400, Post(utility, "/edev/1/rsps/site_control/rsp", response with { EndDeviceLFdi = Other }).Status);
    }

    [Fact]
    public void A_capability_without_doe_modes_and_elements_out_of_order_are_refused()
    {
        var utility = Utility();
        utility.Register(LFdi);
        Assert.Equal(400, Put(utility, "/edev/1/der/1/dercap", Specimens.Capability with { DoeModesSupported = null }).Status);
        var wrong = "<DERStatus xmlns='urn:ieee:std:2030.5:ns'><readingTime>5</readingTime><alarmStatus>00</alarmStatus></DERStatus>";
        Assert.Equal(400, utility.Handle(new SimRequest("PUT", "/edev/1/der/1/ders") { ContentType = Sep2Media.Xml, Body = Encoding.UTF8.GetBytes(wrong) }).Status);
    }

    [Theory]
    [InlineData(11, 22, 40732u, 2, 0, "the standard has no code 22 for DER")]
    [InlineData(11, 2, 40732u, 1, 0, "profileID 2")]
    [InlineData(20, 2, 40732u, 2, 0, "functionSet 20")]
    [InlineData(11, 2, 0u, 2, 0, "logEventPEN 0")]
    [InlineData(11, 2, 40732u, 2, 600, "createdDateTime")]
    public void A_log_event_that_is_not_the_standards_is_refused(byte functionSet, byte code, uint pen, byte profile, int secondsAhead, string why)
    {
        var utility = Utility();
        utility.Register(LFdi);
        var reply = Post(utility, "/edev/1/lel", new LogEvent
        {
            CreatedDateTime = Now.ToUnixTimeSeconds() + secondsAhead,
            FunctionSet = functionSet,
            LogEventCode = code,
            LogEventId = 1,
            LogEventPen = pen,
            ProfileId = profile,
        });
        Assert.Equal(400, reply.Status);
        Assert.Contains(why, Encoding.UTF8.GetString(reply.Body.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_event_is_taken_once_and_listed_newest_first()
    {
        var utility = Utility();
        utility.Register(LFdi);
        var raised = new LogEvent { CreatedDateTime = Now.ToUnixTimeSeconds(), FunctionSet = 11, LogEventCode = 2, LogEventId = 1, LogEventPen = 40732, ProfileId = 2 };
        Assert.Equal((201, "/edev/1/lel/1"), Status(Post(utility, "/edev/1/lel", raised)));
        Assert.Equal(409, Post(utility, "/edev/1/lel", raised).Status);
        Assert.Equal(201, Post(utility, "/edev/1/lel", raised with { CreatedDateTime = raised.CreatedDateTime + 1, LogEventCode = 3, LogEventId = 2 }).Status);
        Assert.Equal([3, 2], Read<LogEventList>(utility, "/edev/1/lel", "?s=0&l=10").Readable.Select(l => (int)l.LogEventCode));
        Assert.Contains(utility.Log.Lines(), l => l.Text.Contains("DER_FAULT_OVER_VOLTAGE_RTN", StringComparison.Ordinal));
    }

    [Fact]
    public void A_newer_control_supersedes_and_a_change_is_told_to_who_subscribed()
    {
        var utility = Utility();
        utility.Register(LFdi);
        var program = utility.AddProgram(1);
        Post(utility, "/edev/1/sub", Specimens.Subscription with { SubscribedResource = "/edev/1/derp/1/derc" });
        var older = utility.AddControl(program, Now, Duration.FromMinutes(5), SimModes.Create(("opModExpLimW", 5)));
        utility.AddControl(program, Now, Duration.FromMinutes(5), SimModes.Create(("opModExpLimW", 0)));
        Assert.Equal(4, older.StatusAt(Now));
        var told = utility.TakeNotifications();
        Assert.Equal(2, told.Count);
        var notification = Assert.IsType<Notification>(Sep2Xml.Read(told[1].Body).Resource);
        Assert.Equal(2, Assert.IsType<DerControlList>(notification.Resource).Items.Count);
    }

    [Fact]
    public void It_misbehaves_on_demand()
    {
        var utility = Utility();
        utility.Register(LFdi);
        utility.Faults.Lies["/edev"] = ("50", "7");
        Assert.Equal((50, 7), (Read<EndDeviceList>(utility, "/edev").All, Read<EndDeviceList>(utility, "/edev").Results));
        utility.Faults.ForeignHosts["/dcap"] = "http://127.0.0.1:9";
        Assert.Equal("http://127.0.0.1:9/tm", Read<DeviceCapability>(utility, "/dcap").TimeLink?.Href);
        utility.Faults.Redirects["/tm"] = (302, "/elsewhere");
        Assert.Equal((302, "/elsewhere"), Status(Get(utility, "/tm")));
        (utility.Faults.RetryAfter, utility.Faults.Times) = ("30", 1);
        Assert.Equal(429, Get(utility, "/edev").Status);
        Assert.Equal(200, Get(utility, "/edev").Status);
        utility.Faults.Outage = 500;
        Assert.Equal(500, Get(utility, "/edev").Status);
        utility.Faults.Clear();
        Assert.Null(Read<EndDeviceList>(utility, "/edev").Contradiction);
    }

    [Fact]
    public void The_hostile_http_scenarios_are_played()
    {
        var utility = Utility();
        foreach (var file in Directory.GetFiles(TestData.Path("hostile/ieee2030-5"), "*.json"))
        {
            using var scenario = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var (path, reply) in CannedReply.Scenario(scenario.RootElement))
            {
                utility.Faults.Reply(path, reply);
                Assert.NotEqual(0, Get(utility, path, "?s=3&l=1").Status);
            }

            if (file.EndsWith("S5-070-a.json", StringComparison.Ordinal))
            {
                Assert.Equal("00000000000000000000000000000003", Read<DerControlList>(utility, "/derp/1/derc", "?s=3&l=1").Readable.Single().MRid);
            }
        }
    }

    private static SimulatedUtility Utility(SimDialect dialect = SimDialect.CsipAus12)
    {
        var clock = new FakeClock(Now);
        return new SimulatedUtility(new DerServerOptions { Dialect = dialect, Quiet = true }, clock, new SimLog(clock, quiet: true));
    }

    private static Sep2Dialect GetDialect(SimulatedUtility utility) => utility.Options.IsCsipAus13 ? Sep2Dialect.CsipAus13 : Sep2Dialect.CsipAus12;

    private static SimReply Get(SimulatedUtility utility, string path, string query = "") =>
        utility.Handle(new SimRequest("GET", path) { Query = query, Accept = GetDialect(utility).MediaType(), LFdi = LFdi });

    private static SimReply Post(SimulatedUtility utility, string path, Resource resource) => Send(utility, "POST", path, resource);

    private static SimReply Put(SimulatedUtility utility, string path, Resource resource) => Send(utility, "PUT", path, resource);

    private static SimReply Send(SimulatedUtility utility, string method, string path, Resource resource) =>
        utility.Handle(new SimRequest(method, path) { ContentType = GetDialect(utility).MediaType(), Body = Sep2Xml.Write(resource, GetDialect(utility)), LFdi = LFdi });

    private static T Read<T>(SimulatedUtility utility, string path, string query = "")
        where T : Resource => Assert.IsType<T>(Sep2Xml.Read(Get(utility, path, query).Body).Resource);

    private static (int Status, string? Location) Status(SimReply reply) => (reply.Status, reply.Location);
}
