using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Session;

/// <summary>Demand response of an aggregator's fleet: an answer leads to a look at those it concerns, and to those always.</summary>
public sealed class LoadFleetTests
{
    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void What_changes_for_one_EndDevice_reaches_that_one_also_after_a_restart_and_where_its_program_comes_late()
    {
        var world = CreateAggregator(4);
        world.Server.List("/edev/3/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => []);
        world.Run(Minute * 2);
        Assert.Empty(GetSites(world, 0));

        foreach (var i in new[] { 2, 4 })
        {
            var count = world.Publications.Count;
            world.Server.List($"/drp/{i}/edc", "EndDeviceControlList", "pollRate=\"60\"", () => [Control($"E{i}", world.Now, 7200)]);
            world.Run(Minute * 3);
            Assert.Equal([$"site-{i}"], GetSites(world, count));
            world.Restart().Run(Minute * 2);
        }

        var before = world.Publications.Count;
        Assign(world, 3);
        world.Server.List("/drp/3/edc", "EndDeviceControlList", "pollRate=\"60\"", () => [Control("E3", world.Now, 7200)]);
        world.Run(Minute * 3);
        Assert.Equal(["site-3"], GetSites(world, before));
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
            Reporting = new DerReporting { Enabled = false },
            LoadControl = new DerLoadControl { ReferenceW = 10_000 },
            Devices = [.. Enumerable.Range(1, devices).Select(i => new DerDeviceConfig { SiteId = $"site-{i}", Lfdi = $"{i:D32}00037244" })],
        }).WithTree(60);
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [.. Enumerable.Range(1, devices).Select(i =>
            Xml.EndDevice($"/edev/{i}", $"{i:D32}00037244", "0", $"<FunctionSetAssignmentsListLink href=\"/edev/{i}/fsa\" all=\"1\"/>"))]);
        foreach (var i in Enumerable.Range(1, devices))
        {
            Assign(world, i);
            world.Server.List($"/edev/{i}/drp", "DemandResponseProgramList", "pollRate=\"60\"", () =>
                [$"<DemandResponseProgram href=\"/drp/{i}\"><mRID>D{i}</mRID><EndDeviceControlListLink href=\"/drp/{i}/edc\" all=\"1\"/><primacy>1</primacy></DemandResponseProgram>"]);
            world.Server.List($"/drp/{i}/edc", "EndDeviceControlList", "pollRate=\"60\"", () => []);
        }

        return world;
    }

    private static void Assign(World world, int device) => world.Server.List($"/edev/{device}/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () =>
        [$"<FunctionSetAssignments href=\"/edev/{device}/fsa/1\"><DemandResponseProgramListLink href=\"/edev/{device}/drp\" all=\"1\"/><mRID>F{device}</mRID></FunctionSetAssignments>"]);

    private static IEnumerable<string> GetSites(World world, int after) => world.Publications.Skip(after).Select(p => p.SiteId).Distinct(StringComparer.Ordinal);

    private static string Control(string mrid, Instant start, int seconds) =>
        $"<EndDeviceControl href=\"/edc/{mrid}\" replyTo=\"/rsp\" responseRequired=\"03\"><mRID>{mrid}</mRID><version>0</version><creationTime>{(start - Minute).ToUnixTimeSeconds()}</creationTime>"
        + $"<EventStatus><currentStatus>0</currentStatus><dateTime>{start.ToUnixTimeSeconds()}</dateTime><potentiallySuperseded>false</potentiallySuperseded></EventStatus>"
        + $"<interval><duration>{seconds}</duration><start>{start.ToUnixTimeSeconds()}</start></interval><deviceCategory>FFFFFFFF</deviceCategory><drProgramMandatory>false</drProgramMandatory>"
        + "<DutyCycle><normalValue>50</normalValue></DutyCycle><loadShiftForward>false</loadShiftForward></EndDeviceControl>";
}
