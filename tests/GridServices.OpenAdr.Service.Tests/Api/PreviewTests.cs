using System.Net;
using System.Text.Json.Nodes;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests.Api;

/// <summary>What an event would come to, before any utility sends it.</summary>
public sealed class PreviewTests
{
    private const string Preview = "/v1/policies/preview";
    private const string Program = """
        [ { "stream": "P", "defaultPolicy": true, "recovery": { "seconds": 600, "steps": 2, "fullPowerW": 90000 },
            "signals": { "SIMPLE": { "levels": { "1": { "importLimitW": 60000 }, "2": { "importLimitW": 30000 } } } } } ]
        """;

    // An event of EPRI's VTN: 18:00 to 20:00, SIMPLE 0, 1, 2 for 40 minutes each, and a price of 0.5, 0.75 for an hour each.
    private static readonly Lazy<string> Xml = new(() => File.ReadAllText(TestData.Path("openadr/samples/epri_ven_library/payload__distribute_event_1event2signals.xml")));

    [Fact]
    public async Task Programs_are_tried_on_an_event_before_there_is_any_VEN()
    {
        await using var rig = await VenRig.StartAsync();
        var (status, shown) = await AskAsync(rig, Program);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("71dd232a8dab3b1a7279", "far", "optIn"), (Text(shown!["events"]![0], "eventId"), Text(shown["events"]![0], "status"), Text(shown["events"]![0], "optType")));
        Assert.False(shown["events"]![0]!["answerOwed"]!.GetValue<bool>());
        Assert.Equal(
            ["18:40 60000", "19:20 30000", "20:05 60000"],
            shown["envelopes"]![0]!["segments"]!.AsArray().Select(s => $"{Text(s, "from")[11..16]} {s!["limits"]!["importLimitW"]}"));
        Assert.Equal("2015-06-26T20:10:00Z", Text(shown["envelopes"]![0]!["segments"]![2], "until"));
        Assert.Equal(["0.5", "0.75"], shown["prices"]![0]!["segments"]!.AsArray().Select(s => s!["importPrice"]!.ToString()));
        Assert.Empty((await rig.GetAsync("/v1/vens")).AsArray());
        Assert.Empty(rig.Hub.Envelopes);
    }

    [Fact]
    public async Task A_VENs_own_programs_count_where_none_are_given_and_nothing_of_it_changes()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        var before = (await rig.GetAsync(VenRig.Path + "/events")).ToJsonString();
        var (status, shown) = await AskAsync(rig, null, "site-1");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("refused", Text(shown!["events"]![0], "status"));
        Assert.Contains("EPRI_VTN", string.Join(' ', shown["notes"]!.AsArray().Select(n => n!.GetValue<string>())) + shown["events"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(before, (await rig.GetAsync(VenRig.Path + "/events")).ToJsonString());
    }

    [Fact]
    public async Task Where_people_must_opt_in_it_shows_nothing_unless_they_are_taken_to_have()
    {
        await using var rig = await VenRig.StartAsync();
        var manual = Program.Replace("\"defaultPolicy\"", "\"optPolicy\": \"manual\", \"defaultPolicy\"", StringComparison.Ordinal);
        Assert.Equal(("optOut", 0), await SeenAsync(null));
        Assert.Equal(("optIn", 1), await SeenAsync(true));

        async Task<(string, int)> SeenAsync(bool? optIn)
        {
            var (_, shown) = await AskAsync(rig, manual, optIn: optIn);
            return (Text(shown!["events"]![0], "optType"), shown["envelopes"]!.AsArray().Count);
        }
    }

    [Fact]
    public async Task What_cannot_be_read_is_named_with_its_place()
    {
        await using var rig = await VenRig.StartAsync();
        await IsRefusedAsync("""{ "xml": "<a/>" }""", "/venKey", "name a VEN, or give programs");
        await IsRefusedAsync($$"""{ "xml": "<a/>", "programs": {{Program}} }""", "/xml", "a");
        await IsRefusedAsync($$"""{ "xml": "<oadrPoll xmlns='http://openadr.org/oadr-2.0b/2012/07'/>", "programs": {{Program}} }""", "/xml", "oadr");
        await IsRefusedAsync($$"""{ "xml": "<a/>", "programs": {{Program.Replace("\"seconds\": 600", "\"seconds\": -1", StringComparison.Ordinal)}} }""", "/programs/0/recovery/seconds", "0 to 86400");
        await IsRefusedAsync($$"""{ "xml": "<a/>", "programs": {{Program}}, "optin": true }""", "/optin", "optIn");
        Assert.Equal(HttpStatusCode.NotFound, (await rig.SendAsync(HttpMethod.Post, Preview, """{ "xml": "<a/>", "venKey": "nobody" }""")).Status);

        async Task IsRefusedAsync(string body, string pointer, string says)
        {
            var (status, problem) = await rig.SendAsync(HttpMethod.Post, Preview, body);
            Assert.InRange((int)status, 400, 422);
            Assert.Equal(pointer, Text(problem, "pointer"));
            Assert.Contains(says, Text(problem, "detail"), StringComparison.Ordinal);
        }
    }

    private static Task<(HttpStatusCode Status, JsonNode? Body)> AskAsync(VenRig rig, string? programs, string? venKey = null, bool? optIn = null)
    {
        var body = new JsonObject { ["xml"] = Xml.Value, ["at"] = "2015-06-26T17:00:00Z" };
        if (programs is not null)
        {
            body["programs"] = JsonNode.Parse(programs);
        }

        if (venKey is not null)
        {
            body["venKey"] = venKey;
        }

        if (optIn is not null)
        {
            body["optIn"] = optIn;
        }

        return rig.SendAsync(HttpMethod.Post, Preview, body.ToJsonString());
    }

    private static string Text(JsonNode? node, string name) => node?[name]?.GetValue<string>() ?? string.Empty;
}
