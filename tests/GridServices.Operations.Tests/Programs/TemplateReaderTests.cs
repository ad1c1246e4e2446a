using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.Operations.Programs;

namespace GridServices.Operations.Tests.Programs;

public sealed class TemplateReaderTests
{
    private static JsonObject Plain() => JsonNode.Parse(TemplateReader.Write(TemplateCatalog.Find("OPENADR-PLAIN")!))!.AsObject();

    [Fact]
    public void An_unknown_member_is_refused_with_the_nearest_known_one()
    {
        var json = Plain();
        json["utillity"] = "x";
        json["limits"]!["maxEvnts"] = 3;
        var refusals = Read(json);
        Assert.Contains(refusals, r => r.Path == "/utillity" && r.Detail.Contains("did you mean utility?", StringComparison.Ordinal));
        Assert.Contains(refusals, r => r.Path == "/limits/maxEvnts" && r.Detail.Contains("did you mean maxEvents?", StringComparison.Ordinal));
    }

    [Fact]
    public void A_number_without_source_and_certainty_is_refused()
    {
        var json = Plain();
        json["limits"]!["minKw"] = 50;
        json["limits"]!["maxHours"] = new JsonObject { ["value"] = 40 };
        json["limits"]!["maxEvents"] = new JsonObject { ["value"] = 4, ["source"] = "tariff", ["certainty"] = "sure" };
        var refusals = Read(json);
        Assert.Contains(refusals, r => r.Path == "/limits/minKw" && r.Class == ErrorClass.TypeMismatch);
        Assert.Contains(refusals, r => r.Path == "/limits/maxHours" && r.Detail == "'source' is missing; add it");
        Assert.Contains(refusals, r => r.Path == "/limits/maxHours" && r.Detail == "'certainty' is missing; add it");
        Assert.Contains(refusals, r => r.Path == "/limits/maxEvents/certainty" && r.Detail.Contains("documented, published, judgement, recalled", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_missing_member_is_named_at_once()
    {
        var refusals = Read([]);
        Assert.Equal(["calendar", "code", "limits", "name", "nomination", "payment", "protocol", "timeZone", "utility", "version"],
            refusals.Select(r => r.Detail.Split(' ')[0].Trim('\'')).Order(StringComparer.Ordinal));
    }

    public static TheoryData<string, string, string> Faults => new()
    {
        { "baseline", """{"rule":{"name":"x"},"source":"t","certainty":"published","fallbacks":[{}]}""", "/baseline/fallbacks" },
        { "baseline", """{"rule":{"name":"x"},"source":"t","certainty":"published","weather":{"source":"t","certainty":"published"}}""", "/baseline/weather" },
        { "baseline", """{"rule":{"name":"x"},"source":"t","certainty":"published","weather":{"station":"a b","source":"t","certainty":"published"}}""", "/baseline/weather/station" },
        { "baseline", """{"rule":{"name":"x"},"source":"t","certainty":"published","weather":{"field":"station","source":"t","certainty":"published"}}""", "/baseline/weather/field" },
        { "code", "\"pge elrp\"", "/code" },
        { "version", "0", "/version" },
        { "country", "\"usa\"", "/country" },
        { "timeZone", "\"California\"", "/timeZone" },
        { "payment", """{"currency":"dollars"}""", "/payment/currency" },
        { "protocol", "\"market\"", "/signals" },
        { "exclusiveWith", """["OPENADR-PLAIN"]""", "/exclusiveWith" },
        { "nomination", """{"rule":"perMonth"}""", "/nomination/dueDaysBefore" },
        { "nomination", """{"rule":"perSeason","dueDaysBefore":{"value":5,"source":"tariff","certainty":"published"}}""", "/nomination/rule" },
        { "requiredFields", """[{"name":"Kw","type":"number","label":"kW"}]""", "/requiredFields/0/name" },
        { "requiredFields", """[{"name":"kw","type":"choice","label":"kW"}]""", "/requiredFields/0/choices" },
        { "requiredFields", """[{"name":"kw","type":"number","label":"kW","when":{"field":"other","value":"true"}}]""", "/requiredFields/0/when" },
        { "exportColumns", """[{"header":"x","from":"answers.nothing"}]""", "/exportColumns/0/from" },
        { "exportColumns", """[{"header":"x","from":"weather.today"}]""", "/exportColumns/0/from" },
        { "calendar", """{"excludedDays":[{"name":"x","annual":"12-24","easterOffset":1,"source":"tariff","certainty":"published"}]}""", "/calendar/excludedDays/0" },
        { "calendar", """{"weekdays":["mondy"]}""", "/calendar/weekdays/0" },
        { "calendar", """{"weekdays":[null]}""", "/calendar/weekdays/0" },
        { "calendar", """{"seasons":[{"name":"x","from":"02-30","until":"03-31","source":"tariff","certainty":"published"}]}""", "/calendar/seasons/0/from" },
        { "name", "null", "/name" },
        { "requiredFields", """[{"name":"kw","type":"number","label":"kW","unitt":"kW"}]""", "/requiredFields/0/unitt" },
        { "dualWith", "\"PGE-CBP\"", "/dualWith" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_told_where_it_is(string member, string value, string pointer)
    {
        var json = Plain();
        json[member] = JsonNode.Parse(value);
        Assert.Contains(Read(json), r => r.Path == pointer);
    }

    [Fact]
    public void What_is_no_JSON_is_refused_with_its_line() =>
        Assert.Contains("line 2", Assert.Single(TemplateReader.Read("{\n\"code\":,}"u8.ToArray()).Refusals).Detail, StringComparison.Ordinal);

    [Fact]
    public void A_member_that_is_said_twice_is_refused() =>
        Assert.Equal(ErrorClass.Malformed, Assert.Single(TemplateReader.Read("""{"code":"A","code":"B"}"""u8.ToArray()).Refusals).Class);

    [Fact]
    public void No_document_makes_the_reader_throw() => Prop.ForAll(
        Gen.Elements(Plain().Select(m => m.Key).ToArray()).ToArbitrary(),
        Gen.Elements("null", "1", "\"x\"", "[]", "{}", "[1]", "{\"a\":1}", "1e400", "true").ToArbitrary(),
        (member, value) =>
        {
            var json = Plain().ToJsonString().Replace($"\"{member}\":", $"\"{member}\":{value},\"x\":", StringComparison.Ordinal);
            Assert.NotEmpty(TemplateReader.Read(Encoding.UTF8.GetBytes(json)).Refusals);
        }).QuickCheckThrowOnFailure();

    private static IReadOnlyList<Wire.ReadError> Read(JsonObject json) => TemplateReader.Read(Encoding.UTF8.GetBytes(json.ToJsonString())).Refusals;
}
