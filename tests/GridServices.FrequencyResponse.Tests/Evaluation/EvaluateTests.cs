using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Evaluation;

namespace GridServices.FrequencyResponse.Tests.Evaluation;

public sealed class EvaluateTests
{
    [Fact]
    public void Every_static_point_is_exact()
    {
        var known = FrequencyData.Json("open/static_points.json").EnumerateArray().ToList();
        var body = new JsonObject { ["points"] = new JsonArray([.. known.Select(Question)]) };
        var answer = Evaluate.Body(ServiceCatalog.BuiltIn, Encoding.UTF8.GetBytes(body.ToJsonString()));
        Assert.Null(answer.Problem);
        foreach (var (point, got) in known.Zip(answer.Value!.Points))
        {
            var (expected, ours) =
                point.TryGetProperty("expected_pu", out var pu) ? (pu, got.Pu)
                : point.TryGetProperty("expected_armed_pu", out pu) ? (pu, got.Pu)
                : point.TryGetProperty("expected_p_pu", out pu) ? (pu, got.Pu)
                : point.TryGetProperty("expected_MW", out pu) ? (pu, got.Mw)
                : (point.GetProperty("expected_W"), got.W);
            Assert.True(Math.Abs(expected.GetDouble() - ours!.Value) <= 1e-6, $"{point}: {ours}");
        }
    }

    [Fact]
    public void Body_and_answer_have_the_documented_form()
    {
        const string Body = """
            {"points":[{"service":"GB-DCL","frequencyHz":49.25},
             {"service":"IEEE1547-CAT-DEFAULT","frequencyHz":60.4,"prePu":0.7,"availablePu":0.9,"minPu":0},
             {"stackMw":{"GB-DCL":20,"GB-DRL":5},"frequencyHz":49.7},
             {"service":"GB-DCH","frequencyHz":50.0,"quantityW":1000},
             {"curve":[[49.8,1],[50,0]],"frequencyHz":49.9}]}
            """;
        var answer = Evaluate.Body(ServiceCatalog.BuiltIn, Encoding.UTF8.GetBytes(Body)).Value;
        var points = JsonSerializer.SerializeToNode(answer, ContractJson.Options)!["points"]!.AsArray();
        Assert.Equal("""{"pu":1}""", points[0]!.ToJsonString());
        Assert.Equal(0.7 - ((60.4 - 60.036) / 3), points[1]!["pu"]!.GetValue<double>(), 1e-9);
        Assert.Equal((20 * (1 - (0.95 * 2 / 3.0))) + 5, points[2]!["mw"]!.GetValue<double>(), 1e-9);
        Assert.Equal("""{"pu":0,"w":0}""", points[3]!.ToJsonString());
        Assert.Equal(0.5, points[4]!["pu"]!.GetValue<double>(), 1e-9);
    }

    [Theory]
    [InlineData("""{"points":[{"service":"GB-DCL","frequencyHz":50},{"service":"GB-XXL","frequencyHz":50}]}""", "/points/1/service", "GB-XXL")]
    [InlineData("""{"points":[{"service":"GB-DCL","frequencyHz":0}]}""", "/points/0/frequencyHz", "GB-DCL")]
    [InlineData("""{"points":[{"service":"GB-DCL","frequencyHz":60}]}""", "/points/0/frequencyHz", "50 Hz")]
    [InlineData("""{"points":[{"service":"ERCOT-PFR","frequencyHz":50}]}""", "/points/0/frequencyHz", "60 Hz")]
    [InlineData("""{"points":[{"service":"GB-DCL","frequencyHz":50000}]}""", "/points/0/frequencyHz", "50000")]
    [InlineData("""{"points":[{"service":"GB-DCL","frequencyHz":-50}]}""", "/points/0/frequencyHz", "-50")]
    [InlineData("""{"points":[{"service":"GB-DCL","frequencyHz":1e400}]}""", "/points/0/frequencyHz", "1e400")]
    [InlineData("""{"points":[{"service":"GB-DCL","frequencyHz":"50"}]}""", "/points/0/frequencyHz", "a text")]
    [InlineData("""{"points":[{"service":"GB-DCL","frequencyHz":null}]}""", "/points/0/frequencyHz", "required")]
    [InlineData("""{"points":[{"service":"GB-DCL"}]}""", "/points/0/frequencyHz", "required")]
    [InlineData("""{"points":[{"frequencyHz":50}]}""", "/points/0/service", "required")]
    [InlineData("""{"points":[{"service":"GB-DCL","hz":50}]}""", "/points/0", "hz")]
    [InlineData("""{"points":[{"service":"PJM-REGULATION","frequencyHz":60}]}""", "/points/0/service", "signal")]
    [InlineData("""{"points":[{"service":"IEEE1547-CAT-DEFAULT","frequencyHz":60}]}""", "/points/0/prePu", "required")]
    [InlineData("""{"points":[{"service":"IEEE1547-CAT-DEFAULT","frequencyHz":60,"prePu":0,"availablePu":0,"minPu":1}]}""", "/points/0/minPu", "above")]
    [InlineData("""{"points":[{"service":"GB-DCL","frequencyHz":50,"prePu":0.5}]}""", "/points/0/prePu", "no meaning")]
    [InlineData("""{"points":[{"stackMw":{"GB-XXL":1},"frequencyHz":50}]}""", "/points/0/stackMw/GB-XXL", "GB-XXL")]
    [InlineData("""{"points":[{"stackMw":{"GB-DCL":-1},"frequencyHz":50}]}""", "/points/0/stackMw/GB-DCL", "-1")]
    [InlineData("""{"points":[{"stackMw":{"GB-DCL":1,"ERCOT-PFR":1},"frequencyHz":50}]}""", "/points/0/frequencyHz", "ERCOT-PFR")]
    [InlineData("""{"points":[{"stackMw":{},"frequencyHz":50}]}""", "/points/0/stackMw", "0 members")]
    [InlineData("""{"points":[{"curve":[[50,0],[49,1]],"frequencyHz":50}]}""", "/points/0/curve/1", "sort")]
    [InlineData("""{"points":{}}""", "/points", "array")]
    [InlineData("""{"points":[3]}""", "/points/0", "object")]
    [InlineData("""{}""", "/points", "required")]
    [InlineData("""{"points":[],"points":[]}""", "", "well-formed")]
    [InlineData("{\"points\":[{\"service\":\"\\ud800\",\"frequencyHz\":50}]}", "", "surrogate")]
    public void What_makes_no_sense_is_refused_by_name(string json, string pointer, string named)
    {
        var problem = Evaluate.Body(ServiceCatalog.BuiltIn, Encoding.UTF8.GetBytes(json)).Problem;
        Assert.Equal(pointer, problem?.Pointer);
        Assert.Contains(named, problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Random_bytes_never_throw() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        var outcome = Evaluate.Body(ServiceCatalog.BuiltIn, bytes);
        return (outcome.Value is null) != (outcome.Problem is null);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Cut_and_flipped_bodies_never_throw()
    {
        var good = """{"points":[{"service":"GB-DCL","frequencyHz":49.25},{"stackMw":{"GB-DCL":20},"frequencyHz":49.7},{"curve":[[49.8,1]],"frequencyHz":50}]}"""u8.ToArray();
        Prop.ForAll(Gen.Choose(0, good.Length - 1).Zip(Gen.Choose(0, 255)).ToArbitrary(), at =>
        {
            var flipped = good.ToArray();
            flipped[at.Item1] = (byte)at.Item2;
            var outcome = Evaluate.Body(ServiceCatalog.BuiltIn, flipped);
            var cut = Evaluate.Body(ServiceCatalog.BuiltIn, good.AsMemory(0, at.Item1));
            return (outcome.Value is null) != (outcome.Problem is null) && cut.Problem is not null;
        }).QuickCheckThrowOnFailure();
    }

    private static JsonNode Question(JsonElement known)
    {
        var point = new JsonObject { ["frequencyHz"] = known.Double("f_hz") };
        Copy(known, "service", point, "service");
        Copy(known, "p_pre_pu", point, "prePu");
        Copy(known, "p_avl_pu", point, "availablePu");
        Copy(known, "p_min_pu", point, "minPu");
        Copy(known, "stack_MW", point, "stackMw");
        Copy(known, "curve", point, "curve");
        Copy(known, "v2xBaseline_W", point, "v2xBaselineW");
        return point;
    }

    private static void Copy(JsonElement known, string from, JsonObject point, string to)
    {
        if (known.TryGetProperty(from, out var value))
        {
            point[to] = JsonNode.Parse(value.GetRawText());
        }
    }
}
