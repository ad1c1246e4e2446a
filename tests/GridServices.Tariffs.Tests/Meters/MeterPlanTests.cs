using System.Collections.Immutable;
using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Tests.Meters;

public sealed class MeterPlanTests
{
    private static readonly ImmutableArray<CompiledTariff> Known = [CompiledTariff.Compile(Sample.Empty() with { Schedules = [Sample.OnOff(16, 21)] })];

    [Fact]
    public void A_plan_as_a_person_writes_it_is_read_and_written_back_equal()
    {
        const string json = """
            { "siteId": "site-1", "tariffId": "t", "interval": "PT5M", "targetW": 50000, "obligation": "mandatory", "staleAfter": "PT30S", "failsafeW": 20000, "physicalW": 250000,
              "caps": [ { "id": "on-peak", "schedule": "tou", "period": "on", "limitW": 30000 } ], "programPrices": [ { "stream": "openadr/PROG7", "use": "adds" } ] }
            """;
        var plan = MeterPlanJson.Read(Encoding.UTF8.GetBytes(json), _ => Known).OrThrow();
        Assert.Equal((Obligation.Mandatory, 50_000L, ProgramPriceUse.Adds), (plan.Obligation, plan.TargetW, plan.ProgramPrices[0].Use));
        Assert.Equal(MeterPlanJson.Write(plan), MeterPlanJson.Write(MeterPlanJson.Stored(Encoding.UTF8.GetString(MeterPlanJson.Write(plan)))));
    }

    [Theory]
    [InlineData("""{"tariffId":"t"}""", "/", ErrorClass.SchemaInvalid, "siteId")]
    [InlineData("""{"siteId":"../x","tariffId":"t"}""", "/siteId", ErrorClass.SemanticId, "letter")]
    [InlineData("""{"siteId":"s","tariffId":"none"}""", "/tariffId", ErrorClass.UnknownId, "PUT /v1/tariffs/none")]
    [InlineData("""{"siteId":"s","tariffId":"t","interval":"PT7M"}""", "/interval", ErrorClass.SemanticDuration, "divides the hour")]
    [InlineData("""{"siteId":"s","tariffId":"t","interval":"15 min"}""", "/interval", ErrorClass.SemanticTime, "PT15M")]
    [InlineData("""{"siteId":"s","tariffId":"t","targetW":-1}""", "/targetW", ErrorClass.SemanticNumber, "0 to 10^12")]
    [InlineData("""{"siteId":"s","tariffId":"t","sumOf":[{"meterId":"a"}]}""", "/telemetry", ErrorClass.SchemaInvalid, "only billed")]
    [InlineData("""{"siteId":"s","tariffId":"t","telemetry":false,"publish":false,"sumOf":[{"meterId":"a","takes":"deduct"}]}""", "/sumOf", ErrorClass.LimitCount, "at least is added")]
    [InlineData("""{"siteId":"s","tariffId":"t","telemetry":false,"publish":false,"sumOf":[{"meterId":"a"},{"meterId":"a"}]}""", "/sumOf/1/meterId", ErrorClass.SemanticId, "once")]
    [InlineData("""{"siteId":"s","tariffId":"t","target":"fixed"}""", "/targetW", ErrorClass.SchemaInvalid, "needs its watts")]
    [InlineData("""{"siteId":"s","tariffId":"t","target":"peakToDate","targetW":5}""", "/targetW", ErrorClass.SchemaInvalid, "leave targetW out")]
    [InlineData("""{"siteId":"s","tariffId":"t","obligation":"mandatory","failsafeW":1}""", "/targetW", ErrorClass.SchemaInvalid, "planned peak")]
    [InlineData("""{"siteId":"s","tariffId":"t","obligation":"mandatory","targetW":1}""", "/failsafeW", ErrorClass.SchemaInvalid, "fail-safe")]
    [InlineData("""{"siteId":"s","tariffId":"t","limitsAt":{"kind":"site","id":"other"}}""", "/limitsAt/id", ErrorClass.SemanticId, "site itself")]
    [InlineData("""{"siteId":"s","tariffId":"t","caps":[{"id":"a","schedule":"tou","period":"night","limitW":1}]}""", "/caps/0", ErrorClass.SemanticReference, "known are off, on")]
    [InlineData("""{"siteId":"s","tariffId":"t","caps":[{"id":"peak-cap","limitW":1}]}""", "/caps/0/id", ErrorClass.SemanticId, "not peak-cap")]
    [InlineData("""{"siteId":"s","tariffId":"t","programPrices":[{"stream":"openadr"}]}""", "/programPrices/0/stream", ErrorClass.SemanticId, "openadr/PROG7")]
    [InlineData("""{"siteId":"s","tariffId":"t","targtW":1}""", "/targtW", ErrorClass.SchemaInvalid, "did you mean targetW?")]
    [InlineData("""{"siteId":"s","tariffId":"t","siteId":"x"}""", "/", ErrorClass.SchemaInvalid, "twice")]
    [InlineData("[1]", "/", ErrorClass.SchemaInvalid, "")]
    [InlineData("{", "/", ErrorClass.Malformed, "not JSON")]
    public void What_is_wrong_is_said_with_its_place_and_its_mending(string json, string pointer, ErrorClass errorClass, string words)
    {
        var refusal = MeterPlanJson.Read(Encoding.UTF8.GetBytes(json), id => id == "t" ? Known : []).Refusals[0];
        Assert.Equal((pointer, errorClass), (refusal.Path, refusal.Class));
        Assert.Contains(words, refusal.Detail, StringComparison.Ordinal);
    }
}
