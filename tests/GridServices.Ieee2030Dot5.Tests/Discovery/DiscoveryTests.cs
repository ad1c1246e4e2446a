using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>Nothing is known beforehand but where DeviceCapability is, and not even that.</summary>
public sealed class DiscoveryTests
{
    [Fact]
    public void Without_assignments_the_programs_that_DeviceCapability_links_hold()
    {
        var world = new World(World.Usual with { Edition = Ieee2030Dot5.Configuration.DerEdition.Ieee2018 }).WithTree(60);
        world.Server.Put("/dcap", Xml.DeviceCapability("<DERProgramListLink href=\"/derp\" all=\"1\"/><TimeLink href=\"/tm\"/><EndDeviceListLink href=\"/edev\" all=\"1\"/>", 60));
        world.Server.List("/edev", "EndDeviceList", "pollRate=\"60\"", () => [Xml.EndDevice("/edev/1", FakeServer.Lfdi, FakeServer.Sfdi, string.Empty)]);
        IReadOnlyList<string> programs = [Xml.Program("/derp/1", "A1", 1)];
        world.Server.List("/derp", "DERProgramList", "pollRate=\"60\"", () => programs);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + Duration.FromMinutes(2), 120, 700)]);
        world.Run(Duration.FromMinutes(1));
        Assert.Equal(1500, world.StrictestExportNow());
        Assert.Null(Ieee2030Dot5.Session.TreeReading.FindUnreadReason(world.Config, world.State, FakeServer.Lfdi));
        Assert.Empty(Ieee2030Dot5.Session.Usability.For(world.Config, world.State).Devices);
        world.Run(Duration.FromMinutes(2));
        Assert.Equal(700, world.StrictestExportNow());
        Assert.Equal(["1", "2"], world.Server.Posts("/rsp").Select(p => Xml.Text(p.Body, "status")));

        // What appears there late is found.
        programs = [Xml.Program("/derp/1", "A1", 1), Xml.Program("/derp/2", "A2", 0)];
        world.Server.Put("/derp/2/dderc", Xml.Default("D2", 100));
        world.Run(Duration.FromMinutes(4));
        Assert.Equal(100, world.StrictestExportNow());
    }

    private static readonly Duration Minute = Duration.FromMinutes(1);

    [Fact]
    public void Well_known_versions_that_are_foreign_null_or_empty_are_never_followed()
    {
        // CSIP-AUS SDVN-01
        var world = new World(World.Usual with { ServerUrl = "https://utility.example", Edition = null }).WithTree();
        var dcap = world.Server.Resources["/dcap"];
        world.Server.Resources["/random3"] = dcap;
        world.Server.Resources["/.well-known/csipaus"] = _ => new FakeServer.Reply(200, """
            { "supportedSchemaVersions": { "https://csipaus.org/ns/v99.99": { "dcap": ["/random1"] }, "null": { "dcap": ["/random2"] },
              "https://csipaus.org/ns/v1.2": { "dcap": [] }, "https://csipaus.org/ns/v1.1": null, "https://csipaus.org/ns/v1.3": { "dcap": ["/random3"] } } }
            """, ContentType: "application/json");
        world.Run(Minute);

        Assert.Equal("/.well-known/csipaus", world.Server.Requests[0].Path);
        Assert.Equal("/random3", world.Server.Requests[1].Path);
        Assert.DoesNotContain(world.Server.Requests, r => r.Path is "/dcap" or "/random1" or "/random2");
        Assert.Equal("application/sep+xml; csipaus=1.3", world.Server.Requests[1].Request.Accept);
        Assert.All(world.Server.Requests.Where(r => r.Method != "GET"), r => Assert.Equal("application/sep+xml; csipaus=1.3", r.Request.ContentType));
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void A_server_without_the_well_known_document_is_told_to_people_and_asked_again()
    {
        var world = new World(World.Usual with { ServerUrl = "https://utility.example/" });
        world.Run(Duration.FromMinutes(5));

        Assert.InRange(world.Server.Requests.Count, 8, 12);
        Assert.Contains(world.Notes, n => n is { Level: NoteLevel.Alarm, Kind: NoteKind.ResourceMissing } && n.Text.Contains("serverUrl", StringComparison.Ordinal));
    }

    [Fact]
    public void A_server_that_answers_406_is_spoken_to_in_1_3_where_no_edition_is_configured()
    {
        var world = new World(World.Usual with { Edition = null }).WithTree();
        var dcap = world.Server.Resources["/dcap"];
        world.Server.On("/dcap", asked => asked.Request.Accept.Contains("csipaus=1.3", StringComparison.Ordinal) ? dcap(asked) : new FakeServer.Reply(406, string.Empty));
        world.Run(Minute);

        Assert.Equal(Sep2Dialect.CsipAus13, world.State.Heard);
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void What_appears_late_is_found_at_the_next_reading_of_what_leads_to_it()
    {
        var world = new World().WithTree(pollRate: 60);
        var (devices, programs) = (false, false);
        world.Server.On("/dcap", _ => new FakeServer.Reply(200, Xml.DeviceCapability(
            "<TimeLink href=\"/tm\"/>" + (devices ? "<EndDeviceListLink href=\"/edev\"/>" : string.Empty), 60)));

        // The assignments are empty right after registration, as they are on a server whose programs come later.
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => programs ? [Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp")] : []);
        world.Run(Minute * 3);
        Assert.DoesNotContain("/edev", world.Server.Gets);

        devices = true;
        world.Run(Minute * 3);
        Assert.Contains("/edev/1/fsa", world.Server.Gets);
        Assert.DoesNotContain("/edev/1/fsa/1/derp", world.Server.Gets);
        Assert.Empty(world.Publications);

        programs = true;
        world.Run(Duration.FromSeconds(70));
        Assert.Equal(1500, world.Envelope!.Segments[0].Limits.ExportLimitW);
    }

    [Fact]
    public void An_assignment_without_a_program_list_gets_it_later()
    {
        var world = new World().WithTree(pollRate: 60);
        var link = false;
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () =>
            [link ? Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp") : "<FunctionSetAssignments href=\"/edev/1/fsa/1\"><mRID>F1</mRID></FunctionSetAssignments>"]);
        world.Run(Minute * 2);
        Assert.Empty(world.Publications);

        link = true;
        world.Run(Duration.FromSeconds(70));
        Assert.NotNull(world.Envelope);
    }

    [Fact]
    public void Mirror_usage_points_that_the_server_offers_later_start_metering()
    {
        var world = new World().WithTree(pollRate: 60);
        var with = world.Server.Resources["/dcap"];
        world.Server.Put("/dcap", Xml.DeviceCapability("<TimeLink href=\"/tm\"/><EndDeviceListLink href=\"/edev\"/>", 60));
        world.Run(Minute * 2);
        Assert.DoesNotContain("/mup", world.Server.Gets);

        world.Server.Resources["/dcap"] = with;
        world.Run(Minute * 2);
        Assert.NotEmpty(world.Server.Posts("/mup"));
    }

    [Fact]
    public void A_program_reached_through_two_assignments_is_applied_once()
    {
        var world = new World().WithTree();
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", string.Empty, () =>
            [Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp"), Xml.Fsa("/edev/1/fsa/2", "F2", "/edev/1/fsa/2/derp")]);
        world.Server.Resources["/edev/1/fsa/2/derp"] = world.Server.Resources["/edev/1/fsa/1/derp"];
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start + Minute, 600, 700)]);
        world.Run(Duration.FromMinutes(3));

        Assert.Single(world.Server.Gets, "/derp/1/derc");
        Assert.Equal(2, world.Server.Posts("/rsp").Count);
        Assert.Single(world.Publications.OfType<EnginePublication.PublishEnvelope>().Select(p => p.Envelope.Stream.Key).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public void An_assignment_that_goes_takes_its_programs_along()
    {
        // CSIP-AUS P-02
        var world = new World().WithTree(pollRate: 60);
        var assigned = true;
        world.Server.List("/edev/1/fsa", "FunctionSetAssignmentsList", "pollRate=\"60\"", () => assigned ? [Xml.Fsa("/edev/1/fsa/1", "F1", "/edev/1/fsa/1/derp")] : []);
        world.Run(Minute);
        Assert.NotNull(world.Envelope);

        assigned = false;
        world.Run(Minute * 2);
        Assert.IsType<EnginePublication.WithdrawEnvelope>(world.Publications[^1]);
        var count = world.Server.Gets.Count(p => p == "/derp/1/derc");
        world.Run(Minute * 10);
        Assert.Equal(count, world.Server.Gets.Count(p => p == "/derp/1/derc"));
    }

    [Fact]
    public void A_list_of_programs_that_is_suddenly_empty_frees_nobody()
    {
        var world = new World().WithTree(pollRate: 60);
        world.Run(Minute);
        var published = world.Publications.Count;

        world.Server.List("/edev/1/fsa/1/derp", "DERProgramList", "pollRate=\"60\"", () => []);
        world.Run(Minute * 5);

        Assert.Equal(published, world.Publications.Count);
        Assert.Contains(world.Notes, n => n.Class == ErrorClass.LastKnownGood);
    }
}
