using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Adapters.Ocpp;
using GridServices.Adapters.Schedules;
using Json.Schema;
using Duration = NodaTime.Duration;
using Instant = NodaTime.Instant;
using TestData = GridServices.Testing.TestData;

namespace GridServices.Adapters.Tests.Ocpp;

public sealed class ChargingProfileTests
{
    private static readonly ChargingStation Station = new() { Id = "cp-1", Phases = 3, MaxA = 32, HighestVolts = 253 };
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);
    private static readonly PowerCurve Curve = PowerCurve.Create(
        [Start, Start + Duration.FromSeconds(100), Start + Duration.FromSeconds(900)], at => at == Start ? Station.Step(12_000) : at < Start + Duration.FromSeconds(900) ? 0 : Station.Step(7_000));

    [Fact]
    public void In_version_1_6_it_is_the_most_of_the_whole_charge_point()
    {
        var profile = Request(OcppVersion.V16)["csChargingProfiles"]!;
        Assert.Equal(("ChargePointMaxProfile", "Absolute", 1, 3), ((string)profile["chargingProfilePurpose"]!, (string)profile["chargingProfileKind"]!, (int)profile["chargingProfileId"]!, (int)profile["stackLevel"]!));
        var schedule = profile["chargingSchedule"]!;
        Assert.Equal(("2027-01-14T18:00:00Z", "A", null), ((string)schedule["startSchedule"]!, (string)schedule["chargingRateUnit"]!, schedule["duration"]));
        Assert.Equal(["0:15:3", "86500:0:3", "87300:9:3"], Periods(schedule));
    }

    [Fact]
    public void From_2_0_1_on_it_says_so_in_its_own_words()
    {
        var profile = Request(OcppVersion.V201)["chargingProfile"]!;
        Assert.Equal(("ChargingStationMaxProfile", "2037-01-01T00:00:00Z"), ((string)profile["chargingProfilePurpose"]!, (string)profile["validTo"]!));
        Assert.Equal(["0:15:3", "86500:0:3", "87300:9:3"], Periods(profile["chargingSchedule"]![0]!));
        Assert.Null(Request(OcppVersion.V16)["csChargingProfiles"]!["validTo"]);
    }

    // OCPP: an absolute schedule limits nothing before startSchedule.
    [Theory]
    [InlineData(-300, 15)]
    [InlineData(-2, 15)]
    [InlineData(99, 15)]
    [InlineData(100, 0)]
    [InlineData(900, 9)]
    public void It_holds_for_a_station_whose_clock_is_slow_from_the_moment_it_comes(int seconds, long amperes)
    {
        var schedule = Request(OcppVersion.V16)["csChargingProfiles"]!["chargingSchedule"]!;
        var since = (Start + Duration.FromSeconds(seconds) - NodaTime.Text.InstantPattern.ExtendedIso.Parse((string)schedule["startSchedule"]!).Value).TotalSeconds;
        Assert.Equal(amperes, schedule["chargingSchedulePeriod"]!.AsArray().Where(p => (long)p!["startPeriod"]! <= since).Select(p => (long?)p!["limit"]).LastOrDefault());
    }

    [Fact]
    public void Watts_are_watts_of_all_phases_together()
    {
        var watts = Station with { Unit = ChargingRateUnit.W, Phases = 1 };
        var schedule = JsonNode.Parse(new ChargingProfile { Version = OcppVersion.V16 }.Json(watts, PowerCurve.Constant(Start, 7_001)))!["csChargingProfiles"]!["chargingSchedule"]!;
        Assert.Equal(("W", "0:7001:1"), ((string)schedule["chargingRateUnit"]!, Periods(schedule).Single()));
    }

    /// <summary>The schemas of the Open Charge Alliance may not be carried.</summary>
    [Theory]
    [InlineData(OcppVersion.V16, "envelopes/ocpp-1.6/SetChargingProfile.json", "csChargingProfiles")]
    [InlineData(OcppVersion.V201, "envelopes/ocpp-2.0.1/SetChargingProfileRequest.json", "chargingProfile")]
    [InlineData(OcppVersion.V21, "envelopes/ocpp-2.1/SetChargingProfileRequest.json", "chargingProfile")]
    public void Requests_are_what_the_schemas_of_OCPP_ask_for(OcppVersion version, string file, string profile)
    {
        var text = JsonNode.Parse(File.ReadAllText(TestData.NotCarried(file)))!.AsObject();
        // Draft 4, which is read nowhere any more, differs from draft 7 in nothing that these schemas use.
        text["$schema"] = "http://json-schema.org/draft-07/schema#";
        var schema = JsonSchema.FromText(text.ToJsonString(), new BuildOptions { SchemaRegistry = new SchemaRegistry() });
        var request = Request(version);
        Assert.True(IsValid(schema, request));
        request[profile]!.AsObject().Remove("stackLevel");
        Assert.False(IsValid(schema, request));
    }

    [Theory]
    [InlineData(OcppVersion.V16, "envelopes/ocpp-1.6/ClearChargingProfile.json", "id")]
    [InlineData(OcppVersion.V201, "envelopes/ocpp-2.0.1/ClearChargingProfileRequest.json", "chargingProfileId")]
    [InlineData(OcppVersion.V21, "envelopes/ocpp-2.1/ClearChargingProfileRequest.json", "chargingProfileId")]
    public void What_clears_a_profile_is_what_the_schemas_ask_for_and_names_it_alone(OcppVersion version, string file, string member)
    {
        var text = JsonNode.Parse(File.ReadAllText(TestData.NotCarried(file)))!.AsObject();
        text["$schema"] = "http://json-schema.org/draft-07/schema#";
        var schema = JsonSchema.FromText(text.ToJsonString(), new BuildOptions { SchemaRegistry = new SchemaRegistry() });
        var request = JsonNode.Parse(new ChargingProfile { Version = version, Id = 7 }.ClearJson())!.AsObject();
        Assert.True(IsValid(schema, request));
        Assert.Equal((1, 7), (request.Count, (int)request[member]!));
    }

    [Theory]
    [InlineData("""{"status":"Accepted"}""", ProfileOutcome.Accepted)]
    [InlineData("""{"status":"Unknown"}""", ProfileOutcome.Accepted)]
    [InlineData("""{"status":"unknown"}""", ProfileOutcome.Unknown)]
    [InlineData("""{"errorCode":"NotImplemented"}""", ProfileOutcome.Refused)]
    public void A_profile_is_cleared_by_the_stations_word_alone(string body, ProfileOutcome outcome) => Assert.Equal(outcome, ProfileAnswer.FromClearing(body).Outcome);

    [Theory]
    [InlineData(200, """[{"success":true}]""", ProfileOutcome.OnItsWay)]
    [InlineData(200, """{"success":true,"payload":"x"}""", ProfileOutcome.OnItsWay)]
    [InlineData(200, """[{"success":false,"payload":"No two charging profiles"}]""", ProfileOutcome.NotSent)]
    [InlineData(200, """{"status":"Accepted"}""", ProfileOutcome.Accepted)]
    [InlineData(200, """{"status":"Rejected"}""", ProfileOutcome.Refused)]
    [InlineData(200, "<html>welcome</html>", ProfileOutcome.Unknown)]
    [InlineData(200, "[]", ProfileOutcome.Unknown)]
    [InlineData(200, """{"success":"yes"}""", ProfileOutcome.Unknown)]
    [InlineData(302, "", ProfileOutcome.Unknown)]
    [InlineData(401, "", ProfileOutcome.NotSent)]
    [InlineData(502, "", ProfileOutcome.Unknown)]
    public void Nothing_but_the_stations_word_is_a_yes(int status, string body, ProfileOutcome outcome) =>
        Assert.Equal(outcome, ProfileAnswer.FromSystem(status, body, isStations: true).Outcome);

    [Theory]
    [InlineData("""{"status":"Accepted"}""", ProfileOutcome.OnItsWay)]
    [InlineData("""{"status":"Rejected"}""", ProfileOutcome.Unknown)]
    [InlineData("""{"success":false}""", ProfileOutcome.NotSent)]
    public void Where_the_stations_answer_comes_later_the_systems_word_is_not_the_stations(string body, ProfileOutcome outcome) =>
        Assert.Equal(outcome, ProfileAnswer.FromSystem(200, body, isStations: false).Outcome);

    [Theory]
    [InlineData("""{"status":"Accepted"}""", ProfileOutcome.Accepted)]
    [InlineData("""{"status":"NotSupported"}""", ProfileOutcome.Refused)]
    [InlineData("""{"status":"Rejected","statusInfo":{"reasonCode":"InvalidProfile"}}""", ProfileOutcome.Refused)]
    [InlineData("""{"errorCode":"NotImplemented"}""", ProfileOutcome.Refused)]
    [InlineData("""{"errorCode":"OccurenceConstraintViolation"}""", ProfileOutcome.Refused)]
    [InlineData("""{"errorCode":"InternalError"}""", ProfileOutcome.Unknown)]
    [InlineData("""{"errorCode":"GenericError"}""", ProfileOutcome.Unknown)]
    [InlineData("""{"status":"accepted"}""", ProfileOutcome.Unknown)]
    [InlineData("""{"status":"Acc""", ProfileOutcome.Unknown)]
    [InlineData("""[3,"1",{"status":"Accepted"}]""", ProfileOutcome.Unknown)]
    [InlineData("", ProfileOutcome.Unknown)]
    [InlineData("Accepted", ProfileOutcome.Unknown)]
    [InlineData("""{"success":true}""", ProfileOutcome.Unknown)]
    public void A_station_accepts_by_one_word_alone_and_refuses_by_few(string body, ProfileOutcome outcome)
    {
        var answer = ProfileAnswer.FromStation(body);
        Assert.Equal((outcome, outcome == ProfileOutcome.Accepted), (answer.Outcome, answer.Why.Length == 0));
    }

    [Fact]
    public void What_a_peer_writes_makes_no_lines_of_its_own_in_the_log()
    {
        var why = ProfileAnswer.FromStation("{\"status\":\"Rejected\",\n\"x\":\"" + new string('y', 400) + "\u2028\"}").Why;
        Assert.DoesNotContain(why, c => char.IsControl(c));
        Assert.True(why.Length < 330);
    }

    private static bool IsValid(JsonSchema schema, JsonNode request) =>
        schema.Evaluate(JsonDocument.Parse(request.ToJsonString()).RootElement, new EvaluationOptions { RequireFormatValidation = true }).IsValid;

    private static JsonNode Request(OcppVersion version) =>
        JsonNode.Parse(new ChargingProfile { Version = version, StackLevel = 3 }.Json(Station, Curve, Instant.FromUtc(2037, 1, 1, 0, 0)))!;

    private static IEnumerable<string> Periods(JsonNode schedule) => schedule["chargingSchedulePeriod"]!.AsArray().Select(p => $"{p!["startPeriod"]}:{p["limit"]}:{p["numberPhases"]}");
}
