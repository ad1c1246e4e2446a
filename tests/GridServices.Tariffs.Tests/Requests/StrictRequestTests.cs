using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Carbon;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Statements;
using GridServices.Tariffs.Temperatures;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Tests.Requests;

/// <summary>A member that nobody reads is refused, in every request and at every depth.</summary>
public sealed class StrictRequestTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 1, 15, 12, 0);

    private static readonly Dictionary<Type, Func<byte[], ImmutableArray<ReadError>>> Doors = new()
    {
        [typeof(BillRequestBody)] = json => BillRequestJson.Read(json).Refusals,
        [typeof(ComparisonRequestBody)] = json => ComparisonRequestJson.Read(json).Refusals,
        [typeof(BaselineRequestBody)] = json => SettlementRequestJson.Read(json).Refusals,
        [typeof(SettlementRequestBody)] = json => SettlementRequestJson.Read(json, withTerms: true).Refusals,
        [typeof(FrequencyRequestBody)] = json => FrequencySettlementRequestJson.Read(json).Refusals,
        [typeof(CdrCostRequestBody)] = json => CdrCostRequestJson.Read(json).Refusals,
        [typeof(CdrBatchRequestBody)] = json => CdrBatch.Read(json).Refusals,
        [typeof(CarbonReportRequestBody)] = json => CarbonRequestJson.Read(json).Refusals,
        [typeof(IntensityRequestBody)] = json => IntensityReader.Json(json, "DE").Refusals,
        [typeof(TemperaturesRequestBody)] = json => TemperatureReader.Json(json, "KJFK").Refusals,
        [typeof(SiteCarbonPlan)] = json => SiteCarbonPlanJson.Read(json).Refusals,
        [typeof(AllocationRequestBody)] = json => AllocationRequestJson.Read(json).Refusals,
        [typeof(RunRequestBody)] = json => BillingRunJson.Read(json).Refusals,
        [typeof(PricesRequestBody)] = json => PriceSeriesJson.Read(json, "da", 10).Refusals,
        [typeof(IntervalsRequestBody)] = json => MeterIntervalsJson.Read(json, DateTimeZone.Utc, Now).Refusals,
        [typeof(StatementRequestBody)] = json => StatementRequest.Read(json).Refusals,
        [typeof(IntervalDialect)] = json => IntervalDialectJson.Read(json).Refusals,
        [typeof(Tariff)] = json => TariffJson.Read(json).Refusals,
        [typeof(MeterPlan)] = json => MeterPlanJson.Read(json, _ => []).Refusals,
    };

    [Fact]
    public void Every_request_has_its_door_in_this_test()
    {
        var parts = typeof(BillRequestBody).Assembly.GetExportedTypes().Where(t => t.Name.EndsWith("RequestBody", StringComparison.Ordinal)).ToArray();
        var inner = parts.SelectMany(t => DocumentShape.GetMembers(TariffJson.Options.GetTypeInfo(t)).Values).SelectMany(p => Objects(p.PropertyType, string.Empty)).Select(o => o.Type).ToHashSet();
        Assert.Empty(parts.Where(t => !inner.Contains(t)).Except(Doors.Keys));
    }

    [Fact]
    public void An_invented_member_is_refused_at_every_level_of_every_request()
    {
        var levels = 0;
        foreach (var (type, read) in Doors)
        {
            foreach (var (_, path) in Objects(type, string.Empty))
            {
                var refusals = read(Encoding.UTF8.GetBytes(Document(path)));
                Assert.Contains(refusals, r => r.Path == $"{path}/invented" && r.Class == ErrorClass.SchemaInvalid);
                levels++;
            }
        }

        Assert.True(levels > 100, $"only {levels} levels were tried");
    }

    [Fact]
    public void The_nearest_member_is_named()
    {
        var refusal = Assert.Single(BillRequestJson.Read(Encoding.UTF8.GetBytes("""
            {"tariff":{"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC","demand":[{"id":"d","rates":[{"period":"all","tiers":[{"price":10}]}],"ratchet":{"percent":80}}]},
             "intervals":{"start":"2026-01-01","minutes":60,"kW":[10,10,10]},"acount":{"priorPeaks":[{"month":"2025-08","kw":200}]}}
            """)).Refusals);
        Assert.Equal(("/acount", true), (refusal.Path, refusal.Detail.Contains("did you mean account?", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("\"account\":{\"priorPeaks\":[{\"month\":\"2025-08\",\"kw\":200,\"charge\":\"dd\"}]}", "/account/priorPeaks/0/charge", "did you mean d?")]
    [InlineData("\"account\":{\"priorPeaks\":[{\"month\":\"2025-08\",\"kw\":200,\"charge\":\"d\",\"period\":\"peek\"}]}", "/account/priorPeaks/0/period", "did you mean peak?")]
    [InlineData("\"account\":{\"subscribedBlocks\":{\"blok\":2}}", "/account/subscribedBlocks/blok", "did you mean block?")]
    [InlineData("\"account\":{\"contractedKw\":{\"c/peek\":2}}", "/account/contractedKw/c~1peek", "did you mean c/peak?")]
    [InlineData("\"account\":{\"openingKwh\":{\"peek\":2}}", "/account/openingKwh/peek", "did you mean peak?")]
    [InlineData("\"events\":[{\"kind\":\"cp\",\"from\":\"2026-01-01T00:00:00Z\",\"until\":\"2026-01-01T01:00:00Z\"}]", "/events/0/kind", "did you mean cpp?")]
    [InlineData("\"prices\":[{\"series\":\"dayahaed\",\"points\":[]}]", "/prices/0/series", "did you mean dayahead?")]
    [InlineData("\"options\":{\"energyTierFill\":\"prorate\"}", "/options/energyTierFill", "did you mean prorated?")]
    [InlineData("\"options\":{\"rounding\":{\"mode\":\"halfup2\"}}", "/options/rounding/mode", "did you mean halfUp?")]
    [InlineData("\"tariffFormat\":\"urbd\"", "/tariffFormat", "did you mean urdb?")]
    public void A_name_that_leads_nowhere_is_refused_with_its_place_and_the_nearest(string member, string pointer, string words)
    {
        var refusals = BillRequestJson.Read(Encoding.UTF8.GetBytes($$"""{"tariff":{{Rich}},"intervals":{"start":"2026-01-01","minutes":60,"kW":[10,10,10]},{{member}} }""")).Refusals;
        Assert.Contains(refusals, r => r.Path == pointer && r.Detail.Contains(words, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("\"EUR\"", "\"EUX\"", "/tariff/currency", "did you mean EUR?")]
    [InlineData("Etc/UTC", "Europe/Berln", "/tariff/timeZone", "did you mean Europe/Berlin?")]
    public void Currencies_and_zones_are_names_too(string part, string instead, string pointer, string words)
    {
        var json = $$"""{"tariff":{{Rich.Replace(part, instead, StringComparison.Ordinal)}},"intervals":{"start":"2026-01-01","minutes":60,"kW":[10]} }""";
        Assert.Contains(BillRequestJson.Read(Encoding.UTF8.GetBytes(json)).Refusals, r => r.Path == pointer && r.Detail.Contains(words, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"minutes":"15"}""", "/minutes", "a whole number")]
    [InlineData("""{"siteLimitKw":true}""", "/siteLimitKw", "a number is wanted here, not true")]
    [InlineData("""{"channel":"3"}""", "/channel", "one of import, export, net")]
    [InlineData("""{"csv":7}""", "/csv", "a text is wanted here, not 7")]
    public void A_value_of_the_wrong_kind_is_told_in_words_for_people(string json, string pointer, string words)
    {
        var refusal = MeterIntervalsJson.Read(Encoding.UTF8.GetBytes(json), DateTimeZone.Utc, Now).Refusals[0];
        Assert.Equal(pointer, refusal.Path);
        Assert.Contains(words, refusal.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_forms_of_the_same_data_are_refused_and_not_chosen_between()
    {
        var both = MeterIntervalsJson.Read("""{"start":"2026-01-01T00:00:00Z","minutes":15,"kW":[1],"kWh":[9]}"""u8.ToArray(), DateTimeZone.Utc, Now);
        Assert.Contains("only one of them", both.Refusals[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_effect_is_told_and_data_that_would_be_dropped_are_refused()
    {
        var told = MeterIntervalsJson.Read("""{"start":"2026-01-01T00:00:00Z","minutes":15,"kW":[1],"stamp":"end"}"""u8.ToArray(), DateTimeZone.Utc, Now);
        Assert.Equal((true, "/stamp"), (told.Ok, Assert.Single(told.Warnings).Path));
        var dropped = MeterIntervalsJson.Read("""{"start":"2026-01-01T00:00:00Z","minutes":15,"kW":[1],"exportKwh":[2]}"""u8.ToArray(), DateTimeZone.Utc, Now);
        Assert.Equal("/exportKwh", Assert.Single(dropped.Refusals).Path);
    }

    [Fact]
    public void A_zone_that_the_tariff_does_not_take_is_told()
    {
        var json = $$"""{"tariff":{{Rich}},"timeZone":"Europe/Berlin","intervals":{"start":"2026-01-01","minutes":60,"kW":[10]} }""";
        Assert.Contains(BillRequestJson.Read(Encoding.UTF8.GetBytes(json)).Warnings, w => w.Path == "/timeZone");
    }

    [Fact]
    public void A_rung_of_a_ladder_needs_no_nulls()
    {
        var json = """{"rule":{"name":"r","windowDays":1,"select":1},"event":{"date":"2026-01-14","fromHour":1,"untilHour":2},"timeZone":"Etc/UTC","terms":{"nominatedKw":1,"ladder":[{"kind":"capped"}]},"intervals":{"start":"2026-01-01","minutes":60,"kW":[1]}}"""u8;
        Assert.Empty(SettlementRequestJson.Read(json.ToArray(), withTerms: true).Refusals);
    }

    [Fact]
    public void Intervals_without_start_or_year_say_which_year_they_were_taken_for()
    {
        var json = $$"""{"tariff":{{Rich}},"prices":[{"series":"dayahead","points":[]}],"intervals":{"minutes":60,"kW":[10]} }""";
        Assert.Contains(BillRequestJson.Read(Encoding.UTF8.GetBytes(json)).Warnings, w => w.Path == "/intervals" && w.Detail.Contains("2018", StringComparison.Ordinal));
    }

    private const string Rich = """
        {"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC",
         "schedules":[{"id":"s","rules":[{"period":"cp","event":"cpp"},{"period":"peak","from":"16:00","until":"21:00"},{"period":"rest"}]}],
         "energy":[{"id":"e","schedule":"s","rates":[{"period":"cp","tiers":[{"price":1}]},{"period":"peak","tiers":[{"price":1}]},{"period":"rest","tiers":[{"price":1}]}]},{"id":"i","index":{"series":"dayahead"}}],
         "demand":[{"id":"d","schedule":"s","rates":[{"period":"peak","tiers":[{"price":10}]}]}],
         "subscriptions":[{"id":"block","blockKw":50,"blockPrice":90,"overagePerKw":4}],
         "contractedPower":[{"id":"c","schedule":"s","rates":[{"period":"peak","contractedKw":10,"price":1}]}]}
        """;

    /// <summary>Every object of a shape with a pointer that leads to it; types that stand in themselves are entered once.</summary>
    private static IEnumerable<(Type Type, string Path)> Objects(Type declared, string path, ImmutableHashSet<Type>? above = null)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        var info = type == typeof(JsonElement) ? null : TariffJson.Options.GetTypeInfo(type);
        above ??= [];
        return info?.Kind switch
        {
            JsonTypeInfoKind.Enumerable => Objects(info.ElementType!, $"{path}/0", above),
            JsonTypeInfoKind.Dictionary => Objects(info.ElementType!, $"{path}/x", above),
            JsonTypeInfoKind.Object when !above.Contains(type) =>
                DocumentShape.GetMembers(info).Values.Where(m => m.CustomConverter is null).SelectMany(m => Objects(m.PropertyType, $"{path}/{m.Name}", above.Add(type))).Prepend((type, path)),
            _ => [],
        };
    }

    private static string Document(string path)
    {
        var document = "{\"invented\":1}";
        foreach (var step in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            document = step == "0" ? $"[{document}]" : $"{{\"{step}\":{document}}}";
        }

        return document;
    }
}
