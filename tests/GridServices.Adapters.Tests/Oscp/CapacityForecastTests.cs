using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Oscp;
using Json.Schema;
using NodaTime.Text;
using static GridServices.Adapters.Tests.Some;
using Duration = NodaTime.Duration;
using Instant = NodaTime.Instant;
using TestData = GridServices.Testing.TestData;

namespace GridServices.Adapters.Tests.Oscp;

public sealed class CapacityForecastTests
{
    private const long MostW = 15_000;
    private static readonly CapacityForecast Forecast = new() { GroupId = "depot", MostW = MostW };

    [Fact]
    public void Never_more_than_the_hub_allows_without_a_gap_and_fail_safe_in_the_end() => Prop.ForAll(Views, view => CapacityForecast.Types.All(type =>
    {
        var quantity = type is ForecastType.Consumption or ForecastType.FallbackConsumption ? Quantity.ConsumptionW : Quantity.ProductionW;
        var blocks = Blocks(view, type);
        var probes = view.Segments.Select(s => s.From).Concat(blocks.Select(b => b.From)).SelectMany(at => new[] { at - Duration.Epsilon, at }).Append(view.At).Where(at => at >= view.At);
        return blocks.Zip(blocks.Skip(1)).All(pair => pair.First.Until == pair.Second.From) && blocks[^1].Watts <= Rules.GetFailsafe(quantity) && blocks[^1].Until > view.At + Duration.FromDays(365)
            // A provider whose clock is slow has a block for its present too.
            && blocks[0].From <= view.At - Duration.FromMinutes(5) && blocks[0].Until > view.At - Duration.FromSeconds(1)
            && probes.All(at => blocks.Single(b => b.From <= at && at < b.Until).Watts is var told && told <= MostW && IsWithin(told, Allowed(view, quantity, at)));
    })).QuickCheckThrowOnFailure();

    [Fact]
    public void What_holds_without_us_is_never_looser_than_anything_to_come() => Prop.ForAll(Views, view =>
    {
        var left = Forecast.Compute(ForecastType.FallbackConsumption, view, Rules).Points.Single().Watts;
        return left <= Rules.FailsafeImportW && view.Segments.All(s => IsWithin(left, Allowed(view, Quantity.ConsumptionW, s.From)))
            && Forecast.GetShutdownCurve(ForecastType.Consumption, view, Rules).Points.Single().Watts == left;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_limit_is_the_greatest_power_and_0_is_nothing()
    {
        Assert.Equal([MostW, 7_000], Blocks(View(known: true), ForecastType.Consumption).Select(b => b.Watts));
        Assert.Equal(0, Blocks(View(known: true, (100, Import(0))), ForecastType.Consumption)[0].Watts);
        Assert.Equal(4_500, Read((Forecast with { SharePercent = 50 }).Json(ForecastType.Consumption, (Forecast with { SharePercent = 50 }).Compute(ForecastType.Consumption, View(known: true, (100, Import(9_000))), Rules)))[0].Watts);
    }

    /// <summary>The schemas of the Open Charge Alliance may not be carried.</summary>
    [Fact]
    public void Messages_are_what_the_schemas_of_OSCP_ask_for()
    {
        var schema = Schema("update-group-capacity-forecast.json");
        Prop.ForAll(Views, view => CapacityForecast.Types.All(type => IsValid(schema, Forecast.Json(type, Forecast.Compute(type, view, Rules))))).QuickCheckThrowOnFailure();
        Assert.False(IsValid(schema, """{"group_id":"depot","type":"CONSUMPTION","forecasted_blocks":[{"capacity":-1,"phase":"ALL","unit":"W","start_time":"2027-01-01T00:00:00Z","end_time":"2027-01-02T00:00:00Z"}]}"""));
        Assert.True(IsValid(Schema("register.json"), OscpMessages.Register("t", new Uri("http://cp.example/2.0"))));
        Assert.False(IsValid(Schema("register.json"), "{}"));
        Assert.True(IsValid(Schema("handshake.json"), OscpMessages.Handshake(Duration.FromSeconds(60))));
        Assert.True(IsValid(Schema("heartbeat.json"), OscpMessages.Heartbeat(Now)));
    }

    [Theory]
    [InlineData("""{"token":"t","version_url":[{"version":"1.0","base_url":"http://a/"},{"version":"2.0","base_url":"https://fp.example/2.0"}]}""", "https://fp.example/2.0")]
    [InlineData("""{"token":"t","version_url":[{"version":"1.0","base_url":"http://a/"}]}""", null)]
    [InlineData("""{"token":"","version_url":[{"version":"2.0","base_url":"http://a/"}]}""", null)]
    [InlineData("""{"token":"a b","version_url":[{"version":"2.0","base_url":"http://a/"}]}""", null)]
    [InlineData("""{"token":"t","version_url":[{"version":"2.0","base_url":"file:///etc"}]}""", null)]
    [InlineData("""{"token":"t"}""", null)]
    [InlineData("""{"token":"t","version_url":[null]}""", null)]
    [InlineData("""{"token":"t","version_url":[{"version":"2.0","base_url":null}]}""", null)]
    [InlineData("no", null)]
    public void A_registration_names_a_token_and_where_version_2_is_spoken(string body, string? address)
    {
        var read = OscpMessages.ReadRegistration(body, out var fault);
        Assert.Equal((address, address is null), (read?.Version2()?.ToString(), fault.Length > 0));
    }

    [Theory]
    [InlineData("""{"required_behaviour":{"heartbeat_interval":20,"measurement_configuration":[]}}""", 20.0)]
    [InlineData("""{"required_behaviour":{"measurement_configuration":[]}}""", null)]
    [InlineData("""{"required_behaviour":{"heartbeat_interval":0}}""", null)]
    [InlineData("[]", null)]
    [InlineData("no", null)]
    public void How_often_the_other_side_wants_to_hear_from_us(string body, double? seconds) => Assert.Equal(seconds, OscpMessages.HeartbeatWanted(body)?.TotalSeconds);

    private static List<(Instant From, Instant Until, long Watts)> Blocks(SiteView view, ForecastType type) => Read(Forecast.Json(type, Forecast.Compute(type, view, Rules)));

    private static List<(Instant From, Instant Until, long Watts)> Read(string json) => [.. JsonNode.Parse(json)!["forecasted_blocks"]!.AsArray()
        .Select(b => (At(b!["start_time"]!), At(b["end_time"]!), (long)b["capacity"]!))];

    private static Instant At(JsonNode time) => InstantPattern.ExtendedIso.Parse((string)time!).Value;

    private static bool IsValid(JsonSchema schema, string message) => schema.Evaluate(JsonDocument.Parse(message).RootElement, new EvaluationOptions { RequireFormatValidation = true }).IsValid;

    // The files name each other: what is named is put in its place.
    private static JsonSchema Schema(string name) => JsonSchema.FromText(Whole(name).ToJsonString(), new BuildOptions { SchemaRegistry = new SchemaRegistry() });

    private static JsonNode Whole(string name)
    {
        var text = JsonNode.Parse(File.ReadAllText(TestData.NotCarried($"envelopes/oscp-2.0/{name}")))!.AsObject();
        text.Remove("$id");
        text.Remove("$schema");
        return Inlined(text);
    }

    private static JsonNode Inlined(JsonNode node) => node switch
    {
        JsonObject item when item["$ref"] is { } named => Whole((string)named!),
        JsonObject item => new JsonObject(item.Select(m => KeyValuePair.Create(m.Key, m.Value is null ? null : Inlined(m.Value)))),
        JsonArray list => new JsonArray([.. list.Select(n => n is null ? null : Inlined(n))]),
        _ => node.DeepClone(),
    };
}
