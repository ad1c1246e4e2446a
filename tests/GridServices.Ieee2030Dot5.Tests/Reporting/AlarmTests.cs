using System.Globalization;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Session;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Reporting;

/// <summary>Alarms of the site's equipment: in the server's log once per change, and in alarmStatus while they last.</summary>
public sealed class AlarmTests
{
    private const string Log = "/edev/1/lel";
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private static readonly Duration Second = Duration.FromSeconds(1);

    [Fact]
    public void An_alarm_is_logged_when_it_is_raised_and_when_it_returns_to_normal_and_stands_in_the_status_between()
    {
        var world = WithLog().Run(Minute);
        var raisedAt = world.Now;
        Report(world, "pv-1", AlarmKind.OverVoltage).Run(Second * 5);
        var raised = Assert.Single(world.Server.Posts(Log)).Body;
        Assert.Equal(("11", "2", "1", "40732", "2"), (Xml.Text(raised, "functionSet"), Xml.Text(raised, "logEventCode"), Xml.Text(raised, "logEventID"), Xml.Text(raised, "logEventPEN"), Xml.Text(raised, "profileID")));
        Assert.Equal(("overVoltage", "2"), (Xml.Text(raised, "details"), Xml.Text(raised, "extendedData")));
        Assert.Equal(raisedAt.ToUnixTimeSeconds(), ReadCreated(raised));
        Assert.Equal("00000002", Status(world));

        Report(world, "pv-1", AlarmKind.OverVoltage).Run(Second * 5);
        Report(world, "pv-1").Run(Second * 5);
        var returned = world.Server.Posts(Log)[^1].Body;
        Assert.Equal(2, world.Server.Posts(Log).Count);
        Assert.Equal(("3", "2", "0", "overVoltage back to normal"), (Xml.Text(returned, "logEventCode"), Xml.Text(returned, "logEventID"), Xml.Text(returned, "extendedData"), Xml.Text(returned, "details")));
        Assert.Equal("00000000", Status(world));
        Assert.Equal([NoteLevel.Warning, NoteLevel.Information], world.Notes.Where(n => n.Kind == NoteKind.Alarm).Select(n => n.Level));
    }

    [Fact]
    public void It_is_logged_by_the_servers_time()
    {
        var world = WithLog();
        world.Server.Offset = Duration.FromSeconds(30);
        world.Run(Minute);
        var at = world.Now;
        Report(world, null, AlarmKind.EmergencyLocal).Run(Second * 5);
        Assert.InRange(ReadCreated(world.Server.Posts(Log)[^1].Body) - at.ToUnixTimeSeconds(), 29, 31);
    }

    [Fact]
    public void Raised_by_two_assets_it_lasts_until_both_are_back_to_normal()
    {
        var world = WithLog().Run(Minute);
        foreach (var (asset, alarms) in new (string?, AlarmKind[])[]
        {
            ("pv-1", [AlarmKind.OverVoltage]), ("pv-2", [AlarmKind.OverVoltage, AlarmKind.OverFrequency]), ("pv-1", []), (null, [AlarmKind.PhaseRotation]), ("pv-2", []), (null, []),
        })
        {
            Report(world, asset, alarms).Run(Second * 5);
        }

        Assert.Equal(["2", "6", "20", "3", "7", "21"], Codes(world));
        Assert.Equal(["2", "10", "1034", "1024", "1024", "0"], world.Server.Posts(Log).Select(p => Xml.Text(p.Body, "extendedData")));
        Assert.Equal("00000000", Status(world));
    }

    [Fact]
    public void A_reading_without_a_statement_changes_nothing_nor_does_one_of_the_past()
    {
        var world = WithLog().Run(Minute);
        var before = world.Now;
        world.Run(Second);
        Report(world, "pv-1", AlarmKind.UnderVoltage).Run(Second * 5);
        world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = world.Now, AssetId = "pv-1", NetPowerW = -5 })])).Run(Second * 5);
        ReportAt(world, "pv-1", before).Run(Second * 5);
        Assert.Equal(["4"], Codes(world));
        Report(world, "pv-1").Run(Second * 5);
        ReportAt(world, "pv-1", world.Now - Duration.FromSeconds(6), AlarmKind.UnderVoltage);
        Assert.Equal(["4", "5"], Codes(world.Run(Minute)));
        Assert.Equal("00000000", Status(world));
    }

    [Fact]
    public void Assets_that_do_not_count_are_not_the_devices_and_those_that_cease_to_take_their_alarms_along()
    {
        var world = WithLog(World.Usual with { Assets = ["pv-1", "pv-2"] }).Run(Minute);
        Report(world, "ev-1", AlarmKind.OverCurrent);
        Report(world, "pv-2", AlarmKind.OverCurrent).Run(Second * 5);
        var previous = world.Config;
        world.Config = previous with { Assets = ["pv-1"] };
        world.Give(new DerInput.ConfigChanged(previous)).Run(Minute);
        Assert.Equal(["0", "1"], Codes(world));
        Assert.Equal("00000000", Status(world));
    }

    [Fact]
    public void What_is_owed_outlives_an_outage_and_a_restart_and_is_told_once()
    {
        var world = WithLog().Run(Minute);
        world.Server.Outage = new FakeServer.Reply(500, string.Empty);
        Report(world, "pv-1", AlarmKind.OverVoltage).Run(Minute);
        var stated = world.Now;
        Report(world, "pv-1").Run(Minute);
        world.Server.Outage = null;
        var tried = world.Server.Posts(Log).Count;
        world.Restart(Minute).Run(Minute * 3);
        Assert.Equal(["2", "3"], Codes(world, tried));

        // The hub gives again what it does not know to have been taken.
        ReportAt(world, "pv-1", stated - Minute, AlarmKind.OverVoltage);
        ReportAt(world, "pv-1", stated).Run(Minute);
        Assert.Equal(2 + tried, world.Server.Posts(Log).Count);
    }

    [Fact]
    public void Without_a_list_people_are_told_once_and_the_status_says_it_all_the_same()
    {
        var world = new World().WithTree(60).Run(Minute);
        for (var i = 0; i < 60; i++)
        {
            Report(world, "pv-1", AlarmKind.OverVoltage).Run(Second * 5);
            Assert.Equal("00000002", Status(world));
            Report(world, "pv-1").Run(Second * 5);
        }

        Assert.Single(world.Notes, n => n.Text.Contains("LogEventListLink", StringComparison.Ordinal));
        Assert.Single(world.Notes, n => n.Class == ErrorClass.LimitCount);
        Assert.Contains(Usability.For(world.Config, world.State).Refused, t => t.Reason.Contains("LogEventListLink", StringComparison.Ordinal));

        // The server gets a list: what was kept follows, the newest hundred, and what is missing is told.
        Offer(world);
        world.Run(Minute * 2);
        Assert.Equal(100, world.Server.Posts(Log).Count);
        Assert.Equal(120, int.Parse(Xml.Text(world.Server.Posts(Log)[^1].Body, "logEventID"), CultureInfo.InvariantCulture));
        Assert.Single(world.Notes, n => n.Text.Contains("20 older ones", StringComparison.Ordinal));
        Assert.DoesNotContain(Usability.For(world.Config, world.State).Refused, t => t.Reason.Contains("LogEventListLink", StringComparison.Ordinal));
    }

    [Fact]
    public void An_alarm_before_the_device_is_found_is_told_of_once_the_list_is_missed()
    {
        var world = new World().WithTree(60);
        Report(world, "pv-1", AlarmKind.OverVoltage).Run(Minute * 5);
        Assert.Single(world.Notes, n => n.Text.Contains("LogEventListLink", StringComparison.Ordinal));
        Assert.Equal("00000002", Status(world));
    }

    [Theory]
    [InlineData(403, 2)]
    [InlineData(400, 0)]
    [InlineData(409, 0)]
    public void A_refusal_that_can_be_lifted_is_waited_for_and_any_other_costs_its_event(int status, int left)
    {
        var world = WithLog().Run(Minute);
        world.Server.Status(Log, status);
        Report(world, "pv-1", AlarmKind.OverVoltage).Run(Second * 5);
        Report(world, "pv-1").Run(Minute * 10);
        Assert.Equal(left, world.State.Devices.Values.Single().Logs.Count);
        Assert.InRange(world.Server.Posts(Log).Count, 2, 8);
        Assert.Equal(status switch { 403 => 1, 400 => 2, _ => 0 }, world.Notes.Count(n => n.Kind == NoteKind.ReportRefused));

        world.Server.Status(Log, 201);
        world.Run(Minute * 20);
        Assert.Empty(world.State.Devices.Values.Single().Logs);
    }

    [Fact]
    public void Without_log_events_in_the_configuration_the_status_alone_tells_it()
    {
        var world = WithLog(World.Usual with { Reporting = World.Usual.Reporting with { LogEvents = false } }).Run(Minute);
        Report(world, "pv-1", AlarmKind.LowPowerInput).Run(Minute);
        Assert.Empty(world.Server.Posts(Log));
        Assert.Equal("00000200", Status(world));
    }

    [Fact]
    public void Alarms_of_another_site_are_none_of_the_devices()
    {
        var world = WithLog().Run(Minute);
        world.Give(new DerInput.ReadingsArrived([new SiteReading("site-2", new Reading { At = world.Now, Alarms = [AlarmKind.OverVoltage] })])).Run(Minute);
        Assert.Empty(world.State.Devices.Values.Single().Alarms);
        Assert.Empty(world.Server.Posts(Log));
    }

    private static World Report(World world, string? asset, params AlarmKind[] alarms) => ReportAt(world, asset, world.Now, alarms);

    private static World ReportAt(World world, string? asset, Instant at, params AlarmKind[] alarms) =>
        world.Give(new DerInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = at, AssetId = asset, Alarms = alarms })]));

    private static IEnumerable<string> Codes(World world, int after = 0) => world.Server.Posts(Log).Skip(after).Select(p => Xml.Text(p.Body, "logEventCode"));

    private static string Status(World world) => Xml.Text(world.Server.Posts("/edev/1/der/1/ders")[^1].Body, "alarmStatus");

    private static long ReadCreated(string body) => long.Parse(Xml.Text(body, "createdDateTime"), CultureInfo.InvariantCulture);

    private static World WithLog(DerClientConfig? config = null)
    {
        var world = new World(config).WithTree(60);
        Offer(world);
        return world;
    }

    private static void Offer(World world)
    {
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () =>
            [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, Xml.Links("/edev/1") + $"<LogEventListLink href=\"{Log}\" all=\"0\"/>")]);
        world.Server.Status(Log, 201);
    }
}
