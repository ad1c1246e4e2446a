using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Carbon;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Tests.Carbon;

/// <summary>Sessions by hour, and what a request may not say.</summary>
public sealed class SessionCarbonTests
{
    private const string Intensity = """
        "intensity":{"points":[{"from":"2026-01-15T10:00:00Z","until":"2026-01-15T11:00:00Z","gramsPerKwh":300},{"from":"2026-01-15T11:00:00Z","until":"2026-01-15T11:30:00Z","gramsPerKwh":100},
        {"from":"2026-01-15T11:30:00Z","until":"2026-01-15T12:00:00Z","gramsPerKwh":200}]}
        """;

    [Fact]
    public void A_session_alone_emits_by_the_grid_and_its_energy_lies_evenly_in_its_time()
    {
        // 10:30 to 12:00 at 12 kWh/h: 6 kWh at 300, 6 at 100, 6 at 200.
        var session = Assert.Single(Report("""{"id":"a","start":"2026-01-15T10:30:00Z","end":"2026-01-15T12:00:00Z","kWh":18}""").Sessions);
        Assert.Equal((3600m, 0m), (session.Grams!.Value, session.KwhWithoutIntensity));
        Assert.Equal([(6m, 1800m), (12m, 1800m)], session.Hours.Select(h => (h.Kwh, h.Grams!.Value)));
        Assert.Null(session.MatchedShare);
    }

    [Fact]
    public void Energy_in_an_hour_that_is_not_known_is_told_and_makes_no_grams()
    {
        var report = Report("""{"id":"a","parts":[{"from":"2026-01-15T11:50:00Z","until":"2026-01-15T12:10:00Z","kWh":4},{"from":"2026-01-15T10:00:00Z","until":"2026-01-15T10:15:00Z","kWh":1}]}""");
        var session = Assert.Single(report.Sessions);
        Assert.Null(session.Grams);
        Assert.Equal(2m, session.KwhWithoutIntensity);
        Assert.Equal([300m, 400m, null], session.Hours.Select(h => h.Grams));
        Assert.True(report.Provisional);
        Assert.Contains("1 sessions have energy", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void At_a_site_a_kwh_emits_what_each_kwh_used_there_did_and_sessions_that_take_more_are_told()
    {
        // 6 kWh drawn at 300 g and 4 made on the site: 180 g and 40 % for each of the 10 kWh used.
        const string Site = """
            "intervals":{"start":"2026-01-15T10:00:00Z","minutes":60,"kWh":[6]},"supplies":[{"id":"pv","kind":"onSite","kWh":[4]}],
            """;
        var session = Report("""{"id":"a","start":"2026-01-15T10:00:00Z","end":"2026-01-15T10:30:00Z","kWh":5}""", Site).Sessions[0];
        Assert.Equal((900m, 0.4m), (session.Grams!.Value, session.MatchedShare!.Value));
        var over = Report("""{"id":"a","start":"2026-01-15T10:00:00Z","end":"2026-01-15T10:30:00Z","kWh":11}""", Site);
        Assert.Contains("took more than the site used", Assert.Single(over.Notes), StringComparison.Ordinal);
        Assert.Null(Report("""{"id":"a","start":"2026-01-15T11:00:00Z","end":"2026-01-15T11:30:00Z","kWh":5}""", Site).Sessions[0].Grams);
    }

    [Fact]
    public void A_site_whose_data_begin_inside_an_hour_says_nothing_of_the_part_before()
    {
        const string Site = """
            "intervals":{"start":"2026-01-15T10:30:00Z","minutes":30,"kWh":[5]},
            """;
        Assert.Null(Report("""{"id":"a","start":"2026-01-15T10:00:00Z","end":"2026-01-15T10:30:00Z","kWh":4}""", Site).Sessions[0].Grams);
        Assert.Null(Report("""{"id":"a","start":"2026-01-15T10:15:00Z","end":"2026-01-15T10:45:00Z","kWh":4}""", Site).Sessions[0].MatchedShare);
        Assert.Equal(1200m, Report("""{"id":"a","start":"2026-01-15T10:30:00Z","end":"2026-01-15T11:00:00Z","kWh":4}""", Site).Sessions[0].Grams);
    }

    [Fact]
    public void A_cycle_that_the_data_cover_in_part_is_provisional()
    {
        static CarbonSum Cycle(int hours)
        {
            var kwh = string.Join(',', Enumerable.Repeat("1", hours));
            var json = "{\"timeZone\":\"Etc/UTC\",\"intensity\":{\"points\":[{\"from\":\"2026-01-15T00:00:00Z\",\"until\":\"2026-01-16T00:00:00Z\",\"gramsPerKwh\":300}]},"
                + "\"intervals\":{\"start\":\"2026-01-15T00:00:00Z\",\"minutes\":60,\"kWh\":[" + kwh + "]},\"cycles\":[{\"from\":\"2026-01-15\",\"until\":\"2026-01-16\"}]}";
            return Assert.Single(CarbonRequestJson.Read(Encoding.UTF8.GetBytes(json)).OrThrow().Report().Cycles);
        }

        Assert.Equal((6900m, true), (Cycle(23).Grams!.Value, Cycle(23).Provisional));
        Assert.Equal((7200m, false), (Cycle(24).Grams!.Value, Cycle(24).Provisional));
    }

    [Theory]
    [InlineData("""{"from":"2026-01-15","until":"2026-01-15"}""", "/cycles/0")]
    [InlineData("""{"from":"2026-01-16","until":"2026-01-15"}""", "/cycles/0")]
    [InlineData("""{"from":"2026-01-14","until":"2026-01-16"},{"from":"2026-01-15","until":"2026-01-17"}""", "/cycles/1")]
    public void Cycles_that_are_empty_or_overlap_are_refused(string cycles, string path)
    {
        var read = CarbonRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"timeZone":"Etc/UTC",{{Intensity}},"intervals":{"start":"2026-01-15T10:00:00Z","minutes":60,"kWh":[6]},"cycles":[{{cycles}}]}"""));
        Assert.Contains(read.Refusals, r => r.Path == path && r.Class == ErrorClass.SemanticTime);
    }

    [Fact]
    public void Sessions_over_more_hours_or_years_than_can_be_answered_are_refused()
    {
        static string Session(int id, string start, string end) => "{\"id\":\"" + id + "\",\"start\":\"" + start + "T00:00:00Z\",\"end\":\"" + end + "T00:00:00Z\",\"kWh\":1}";
        static ReadResult<CarbonRequest> Asked(IEnumerable<string> sessions) =>
            CarbonRequestJson.Read(Encoding.UTF8.GetBytes("{\"timeZone\":\"Etc/UTC\",\"gridZone\":\"DE\",\"sessions\":[" + string.Join(',', sessions) + "]}"));

        var many = Enumerable.Range(0, 700).Select(i => Session(i, "2026-01-01", "2026-02-01")).ToArray();
        Assert.Contains(Asked(many).Refusals, r => r.Path == "/sessions" && r.Class == ErrorClass.LimitCount);
        Assert.True(Asked(many.Take(600)).Ok);
        Assert.Contains(Asked([Session(1, "1990-01-01", "1990-01-02"), Session(2, "2026-01-01", "2026-01-02")]).Refusals, r => r.Path == "/gridZone" && r.Class == ErrorClass.LimitCount);
    }

    [Theory]
    [InlineData("""{"id":"a","start":"2026-01-15T10:00:00Z","end":"2026-01-15T10:00:00Z","kWh":5}""", "/sessions/0/end", ErrorClass.SemanticTime)]
    [InlineData("""{"id":"a","start":"2026-01-15T10:00:00Z","end":"2026-03-15T10:00:00Z","kWh":5}""", "/sessions/0/end", ErrorClass.SemanticTime)]
    [InlineData("""{"id":"a","start":"2026-01-15T10:00:00Z","end":"2026-01-15T11:00:00Z","kWh":-5}""", "/sessions/0/kWh", ErrorClass.SemanticNumber)]
    [InlineData("""{"id":"a","start":"2026-01-15T10:00:00Z","end":"2026-01-15T11:00:00Z"}""", "/sessions/0/kWh", ErrorClass.SchemaInvalid)]
    [InlineData("""{"id":"a","kWh":1,"parts":[{"from":"2026-01-15T10:00:00Z","until":"2026-01-15T11:00:00Z","kWh":1}]}""", "/sessions/0", ErrorClass.SchemaInvalid)]
    [InlineData("""{"id":"a","parts":[{"from":"2026-01-15T10:00:00Z","until":"2026-01-15T11:00:00Z","kWh":1},{"from":"2026-01-15T10:30:00Z","until":"2026-01-15T11:30:00Z","kWh":1}]}""", "/sessions/0/parts", ErrorClass.SemanticOverlap)]
    [InlineData("""{"start":"2026-01-15T10:00:00Z","end":"2026-01-15T11:00:00Z","kWh":1}""", "/sessions/0/id", ErrorClass.SchemaInvalid)]
    public void A_session_that_cannot_be_is_refused_at_its_place(string session, string path, ErrorClass kind) =>
        Assert.Contains(Read(session).Refusals, r => r.Path == path && r.Class == kind);

    [Theory]
    [InlineData("""{"id":"pv","kWh":[1]}""", "/supplies/0/kind")]
    [InlineData("""{"id":"pv","kind":"onSite","kWh":[1,2]}""", "/supplies/0")]
    [InlineData("""{"id":"pv","kind":"onSite","kWh":[-1]}""", "/supplies/0")]
    [InlineData("""{"id":"pv","kind":"contracted","percent":101,"kWh":[1]}""", "/supplies/0/percent")]
    [InlineData("""{"id":"pv","kind":"roof","kWh":[1]}""", "/supplies/0/kind")]
    public void A_supply_that_cannot_be_is_refused_at_its_place(string supply, string path)
    {
        var read = CarbonRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"timeZone":"Etc/UTC",{{Intensity}},"intervals":{"start":"2026-01-15T10:00:00Z","minutes":60,"kWh":[6]},"supplies":[{{supply}}]}"""));
        Assert.Contains(read.Refusals, r => r.Path == path);
    }

    [Theory]
    [InlineData("""{"timeZone":"Etc/UTC","gridZone":"DE"}""", "/intervals")]
    [InlineData("""{"timeZone":"Etc/UTC","sessions":[]}""", "/gridZone")]
    [InlineData("""{"timeZone":"Etc/UTC","gridZone":"DE","intervals":{"start":"2026-01-15","minutes":60,"kW":[6],"generationKW":[1]}}""", "/intervals/generationKW")]
    public void A_request_that_lacks_or_mixes_what_it_needs_is_refused(string json, string path) =>
        Assert.Contains(CarbonRequestJson.Read(Encoding.UTF8.GetBytes(json)).Refusals, r => r.Path == path);

    private static CarbonReport Report(string session, string site = "") => Read(session, site).OrThrow().Report();

    private static ReadResult<CarbonRequest> Read(string session, string site = "") =>
        CarbonRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"timeZone":"Etc/UTC",{{Intensity}},{{site}}"sessions":[{{session}}]}"""));
}
