using System.Text.Json.Nodes;
using System.Xml.Linq;
using GridServices.Testing;
using static GridServices.Client.Tests.Simulators.VtnUnderTest;

namespace GridServices.Client.Tests.Simulators;

/// <summary>What the simulator writes is valid 2.0b, real payloads go through it, and it judges the VEN by a schema.</summary>
public sealed class VtnSchemaTests
{
    private const string Everything = """
        {"eventId":"all","start":"+PT1M","startAfter":"PT2M","rampUp":"PT1M","recovery":"PT1M","notification":"PT1H","priority":2,"testEvent":true,"comment":"c",
         "targets":{"groupIds":["g"],"resourceIds":["r"],"partyIds":["p"]},
         "signals":[{"name":"LOAD_DISPATCH","type":"setpoint","deviceClasses":["Electric_Vehicle"],"unit":{"kind":"powerReal","scale":"k"},"intervals":[{"duration":"PT1M","value":-5.5}]},
                    {"name":"CHARGE_STATE","type":"setpoint","id":"s1","unit":{"kind":"energyReal"},"intervals":[{"duration":"PT1M","value":5}]},
                    {"name":"ELECTRICITY_PRICE","type":"price","id":"s2","unit":{"kind":"currencyPerKWh","units":"USD"},"intervals":[{"duration":"PT1M","value":0.123}]},
                    {"name":"x-custom","type":"level","id":"s3","unit":{"kind":"customUnit","units":"x","description":"d"},"intervals":[{"duration":"PT1M","value":1}]},
                    {"name":"SIMPLE","type":"level","id":"s4","intervals":[{"duration":"PT1M","value":1}]}]}
        """;

    /// <summary>Two files that import one another's names, as the schema set of the profile does: strict about a poll, lax about all else.</summary>
    private const string Wrapping = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:ei="http://docs.oasis-open.org/ns/energyinterop/201110" xmlns:oadr="http://openadr.org/oadr-2.0b/2012/07"
                   targetNamespace="http://openadr.org/oadr-2.0b/2012/07" elementFormDefault="qualified">
          <xs:import namespace="http://docs.oasis-open.org/ns/energyinterop/201110" schemaLocation="ids.xsd"/>
          <xs:element name="oadrPayload"><xs:complexType><xs:sequence><xs:element name="oadrSignedObject"><xs:complexType>
            <xs:choice><xs:element ref="oadr:oadrPoll"/><xs:element name="oadrCreatePartyRegistration"/></xs:choice></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>
          <xs:element name="oadrPoll"><xs:complexType><xs:sequence><xs:element ref="ei:venID"/></xs:sequence><xs:attribute ref="ei:schemaVersion"/></xs:complexType></xs:element>
        </xs:schema>
        """;

    private const string Ids = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://docs.oasis-open.org/ns/energyinterop/201110" elementFormDefault="qualified">
          <xs:element name="venID" type="xs:string"/>
          <xs:attribute name="schemaVersion" type="xs:string"/>
        </xs:schema>
        """;

    public static TheoryData<string> RealEvents => [.. new[]
        {
            "epri_ven_library/payload__distribute_event_1event2signals.xml", "epri_ven_library/payload__distribute_event_active.xml", "avob_20b/eievent__oadrDistributeEvent.xml",
        }.Concat(Enumerable.Range(0, 12).Select(i => $"openleadr_generated/vtn_oadrDistributeEvent_{i}.xml"))
        .Concat(Enumerable.Range(0, 4).SelectMany(i => new[] { $"openleadr_signed/vtn_rsa_oadrDistributeEvent_{i}.xml", $"openleadr_signed/vtn_ec_oadrDistributeEvent_{i}.xml" }))];

    [Fact]
    public async Task Every_message_of_the_simulator_is_valid()
    {
        var samples = TestData.Path("openadr/samples/openleadr_generated");
        await using var vtn = await VtnUnderTest.StartAsync("--request-reports", "PT1M");
        await vtn.RegisterAsync();
        foreach (var (service, file) in new[]
        {
            ("EiRegisterParty", "ven_oadrQueryRegistration_0"), ("EiReport", "ven_oadrRegisterReport_0"), ("EiReport", "ven_oadrUpdateReport_0"), ("EiReport", "ven_oadrCreatedReport_0"), ("EiEvent", "ven_oadrCreatedEvent_0"),
        })
        {
            await vtn.SayAsync(service, Ours(Path.Combine(samples, file + ".xml"), vtn.VenId));
        }

        await vtn.SimAsync("/sim/events", Everything);
        foreach (var command in new[] { "request-reregistration", "request-metadata", "request-reports", "cancel-reports", "cancel-registration" })
        {
            await vtn.SimAsync($"/sim/vens/{vtn.VenId}/{command}");
        }

        for (var i = 0; i < 10; i++)
        {
            await vtn.PollAsync();
        }

        await vtn.SimAsync($"/sim/vens/{vtn.VenId}/forget");
        await vtn.PollAsync();
        var messages = await vtn.GetAsync("/sim/messages");
        Assert.All(messages, m => Assert.Empty(PayloadShapes.Errors(Load(System.Text.Encoding.UTF8.GetBytes(m!["reply"]!.GetValue<string>())))));
        var said = messages.Select(m => m!["replyName"]!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(
            new HashSet<string>(StringComparer.Ordinal)
            {
                "oadrCreatedPartyRegistration", "oadrRegisteredReport", "oadrUpdatedReport", "oadrResponse", "oadrRegisterReport", "oadrCreateReport", "oadrCancelReport",
                "oadrRequestReregistration", "oadrCancelPartyRegistration", "oadrDistributeEvent",
            },
            said);
    }

    [Theory]
    [MemberData(nameof(RealEvents))]
    public async Task A_real_payload_arrives_with_our_times_and_IDs_and_stays_valid(string file)
    {
        var payload = await File.ReadAllBytesAsync(Path.Combine(TestData.Path("openadr/samples"), file));
        await using var vtn = await VtnUnderTest.StartAsync();
        await vtn.RegisterAsync();
        var before = Unwrap(payload);
        var count = before.Elements(Oadr + "oadrEvent").Count();
        if (count == 0)
        {
            using var nothing = await vtn.Http.PostAsync("/sim/replay", new ByteArrayContent(payload));
            Assert.Equal(400, (int)nothing.StatusCode);
            return;
        }

        var asked = TimeProvider.System.GetUtcNow();
        var taken = (JsonArray)await vtn.SimAsync("/sim/replay?start=%2BPT10S", payload);
        var answered = TimeProvider.System.GetUtcNow();
        var told = await vtn.SendAsync("OadrPoll", Root("oadrPoll", new XElement(Ei + "venID", vtn.VenId)));
        Assert.Empty(PayloadShapes.Errors(Load(told)));
        var after = Unwrap(told);
        Assert.Equal(count, taken.Count);
        Assert.Equal("VTN-SIM", after.Elements(Ei + "vtnID").Single().Value);
        Assert.All(after.Elements(Oadr + "oadrEvent").Descendants(Ei + "venID"), id => Assert.Equal(vtn.VenId, id.Value));

        // Times are moved to whole seconds: a distance of 2.6 s may become 2 or 3.
        Assert.All(Distances(before).Zip(Distances(after)), pair => Assert.InRange(pair.Second - pair.First, -1, 1));
        Assert.Equal(Values(before), Values(after));
        Assert.InRange(Starts(after).Min(), asked.AddSeconds(9), answered.AddSeconds(11));
        var again = await vtn.SendAsync("EiEvent", Root("oadrRequestEvent", new XElement("{http://docs.oasis-open.org/ns/energyinterop/201110/payloads}eiRequestEvent", new XElement("{http://docs.oasis-open.org/ns/energyinterop/201110/payloads}requestID", "r"), new XElement(Ei + "venID", vtn.VenId))));
        Assert.Empty(PayloadShapes.Errors(Load(again)));
        Assert.Equal(count, Unwrap(again).Elements(Oadr + "oadrEvent").Count());
    }

    [Fact]
    public async Task A_message_that_breaks_a_schema_is_noted()
    {
        var folder = TestFolders.Create();
        await File.WriteAllTextAsync(Path.Combine(folder, "wrapping.xsd"), Wrapping, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(folder, "ids.xsd"), Ids, TestContext.Current.CancellationToken);
        await NotesTheSurplusAsync(folder);
        TestFolders.Remove(folder);
    }

    [Fact]
    public Task A_message_that_breaks_the_schema_of_the_profile_is_noted() => NotesTheSurplusAsync(TestData.NotCarried("openadr/xsd_20b"));

    private static async Task NotesTheSurplusAsync(string xsdFolder)
    {
        await using var vtn = await VtnUnderTest.StartAsync("--xsd", xsdFolder);
        await vtn.RegisterAsync();
        await vtn.PollAsync();
        await vtn.SayAsync("OadrPoll", Root("oadrPoll", new XElement(Ei + "venID", vtn.VenId), new XElement(Ei + "surplus")));
        Assert.Equal([0, 0, 1], (await vtn.GetAsync("/sim/messages")).Select(m => m!["schemaErrors"]!.AsArray().Count));
    }

    private static XElement Ours(string file, string venId)
    {
        var message = Unwrap(File.ReadAllBytes(file));
        foreach (var id in message.Descendants(Ei + "venID"))
        {
            id.Value = venId;
        }

        return message;
    }

    private static List<DateTimeOffset> Starts(XElement distribute) => [.. distribute.Descendants("{urn:ietf:params:xml:ns:icalendar-2.0}date-time")
        .Where(e => e.Ancestors(Ei + "eiActivePeriod").Any()).Select(e => DateTimeOffset.Parse(e.Value.Trim(), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal))];

    // Whole seconds: replayed times are written without fractions (rule 1).
    private static IEnumerable<double> Distances(XElement distribute) => Starts(distribute).Select(s => Math.Round((s - Starts(distribute).Min()).TotalSeconds));

    private static IEnumerable<string> Values(XElement distribute) => distribute.Descendants(Ei + "value").Select(v => v.Value);
}
