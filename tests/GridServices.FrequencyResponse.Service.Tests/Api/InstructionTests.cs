using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Api;

/// <summary>What the grid operator instructs reaches the assets and the hub, and outlives the process.</summary>
public sealed class InstructionTests
{
    private const string Path = "/v1/contracts/c1/instructions";

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task An_instruction_is_delivered_published_listed_and_ceased(Dialect dialect)
    {
        await using var rig = await FrequencyRig.ArmedAsync(dialect: dialect, contract: Contract(rampSeconds: 1));
        var (status, view) = await rig.SendAsync(HttpMethod.Post, Path, """{"instructionId":"i1","sequence":1,"direction":"raise","powerMw":0.05}""");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(50_000, view!["powerW"]!.GetValue<long>());

        // No meter speaks: an instruction needs none.
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["responseW"]!.GetValue<double>() == 50_000 && s["phase"]!.GetValue<string>() == "active");
        await FrequencyRig.UntilAsync(() => rig.Heard() is { Watts: 50_000 });
        await FrequencyRig.UntilAsync(() => rig.Hub.Envelopes.Any(e => e.Targets.Any(t => t.TargetW == -50_000)));
        Assert.Equal("i1", (await rig.StateAsync())["instruction"]!["instructionId"]!.GetValue<string>());
        Assert.Equal("running", (await ListedAsync(rig))["state"]!.GetValue<string>());

        // The same again without a start still means the same, and is done once.
        (status, view) = await rig.SendAsync(HttpMethod.Post, Path, """{"instructionId":"i1","sequence":1,"direction":"raise","powerMw":0.05}""");
        Assert.Equal((HttpStatusCode.OK, true), (status, view!["repeated"]!.GetValue<bool>()));

        (status, view) = await rig.SendAsync(HttpMethod.Post, Path + "/i1/cease", "{}");
        Assert.Equal((HttpStatusCode.OK, "ceased"), (status, view!["endsBy"]!.GetValue<string>()));
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["responseW"]!.GetValue<double>() == 0);
        await FrequencyRig.UntilAsync(() => ListedAsync(rig), i => i["state"]!.GetValue<string>() == "ended");
        Assert.True((await rig.SendAsync(HttpMethod.Post, Path + "/i1/cease", "{}")).Body!["repeated"]!.GetValue<bool>());
    }

    [Fact]
    public async Task What_is_refused_says_why_and_is_listed()
    {
        await using var rig = await FrequencyRig.ArmedAsync(contract: Contract(rampSeconds: 1));
        await RefusedAsync(rig, """{"instructionId":"i1","direction":"raise","powerW":50001}""", 422, "aboveContracted");
        await RefusedAsync(rig, """{"instructionId":"i2","direction":"lower","powerW":-50000}""", 422, "wrongDirection");
        await RefusedAsync(rig, """{"instructionId":"i3","direction":"raise","powerW":50000,"from":"2025-01-01T00:00:00Z","until":"2025-01-01T01:00:00Z"}""", 422, "over");
        await RefusedAsync(rig, """{"direction":"raise","powerW":50000}""", 422, "Idempotency-Key");
        await RefusedAsync(rig, """{"instructionId":"i4","direction":"raise"}""", 422, "powerMw");
        Assert.Equal("aboveContracted", (await ListedAsync(rig))["refusal"]!.GetValue<string>());
        Assert.Equal(0, (await rig.StateAsync())["responseW"]!.GetValue<double>());

        // A cease that comes before its instruction keeps it from running.
        Assert.Equal("ended", (await rig.SendAsync(HttpMethod.Post, Path + "/late/cease", """{"sequence":2}""")).Body!["state"]!.GetValue<string>());
        await RefusedAsync(rig, """{"instructionId":"late","sequence":1,"direction":"raise","powerW":50000}""", 409, "lowerSequence");

        // What is declared for now says nothing of the time after it.
        await rig.PutAsync("/v1/contracts/c1/outages/o1", JsonNode.Parse($$"""{ "until": "{{In(60)}}", "availableW": 20000, "reason": "cooling" }""")!);
        await RefusedAsync(rig, Ahead("x1", 30), 422, $"aboveContracted: 50000 W; contracted are 50000 W, of which 20000 W are left from");
        var (status, _) = await rig.SendAsync(HttpMethod.Post, Path, Ahead("x2", 90));
        Assert.Equal(HttpStatusCode.Created, status);

        static string Ahead(string id, int minutes) => $$"""{"instructionId":"{{id}}","direction":"raise","powerW":50000,"from":"{{In(minutes)}}","until":"{{In(minutes + 5)}}"}""";
        static string In(int minutes) => TimeText.Format(SystemClock.Instance.GetCurrentInstant() + Duration.FromMinutes(minutes));
    }

    [Fact]
    public async Task A_contract_by_frequency_takes_no_instruction()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        await RefusedAsync(rig, """{"instructionId":"i1","direction":"raise","powerW":100}""", 422, "not delivered by instruction");
    }

    [Fact]
    public async Task A_contract_outside_the_dates_of_its_service_names_the_form_that_fits()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        var (status, answer) = await rig.SendAsync(HttpMethod.Put, "/v1/contracts/c2", FrequencyRig.Contract("ERCOT-REG-UP-1H", 100_000).ToJsonString());
        Assert.Equal(422, (int)status);
        var fault = Assert.Single(answer!["errors"]!.AsArray(), e => e!["pointer"]!.GetValue<string>() == "/windows/0");
        Assert.Contains("ERCOT-REG-UP is the form of that time", fault!.ToJsonString(), StringComparison.Ordinal);
        (_, answer) = await rig.SendAsync(HttpMethod.Put, "/v1/contracts/c2", FrequencyRig.Contract("GB-PQR", 50_000).ToJsonString());
        Assert.Contains("sold from 1000000 W on", answer!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Killed_on_a_ramp_it_goes_on_at_the_right_point_of_it()
    {
        const double WattsPerSecond = 100;
        var folder = TestFolders.Create();
        var tokens = new TestTokens(folder);
        await using var hub = await FakeHub.StartAsync();
        var port = TestPorts.Next();
        try
        {
            Instant startsAt;
            using (var first = await ServiceProcess.StartAsync(tokens, hub, port, [$"--Storage:Path={folder}"]))
            {
                await first.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
                await first.PutAsync("/v1/assets/bess-1", JsonNode.Parse("""
                    { "siteId": "site-1", "kind": "bess", "chargeMaxW": 100000, "dischargeMaxW": 100000, "energyWh": 200000, "socPercent": 50, "latencyMs": 50, "rampWPerS": 10000000 }
                    """)!);
                await first.PutAsync("/v1/contracts/c1", Contract(rampSeconds: 500));
                startsAt = NodaTime.Text.InstantPattern.ExtendedIso.Parse(
                    (await first.PostAsync(Path, """{"instructionId":"i1","direction":"raise","powerW":50000}"""))["startsAt"]!.GetValue<string>()).Value;

                // Ten seconds of the ramp are behind it.
                await FrequencyRig.UntilAsync(() => first.GetAsync("/v1/contracts/c1/state"), s => s["responseW"]!.GetValue<double>() > 10 * WattsPerSecond);
                first.Kill();
            }

            using var second = await ServiceProcess.StartAsync(tokens, hub, port, [$"--Storage:Path={folder}"]);

            // Begun anew it would lag by those ten seconds for ever.
            await FrequencyRig.UntilAsync(
                async () =>
                {
                    var asked = SystemClock.Instance.GetCurrentInstant();
                    var watts = (await second.GetAsync("/v1/contracts/c1/state"))["responseW"]!.GetValue<double>();
                    Assert.InRange(watts, 0, (WattsPerSecond * (SystemClock.Instance.GetCurrentInstant() - startsAt).TotalSeconds) + 1);
                    return watts - (WattsPerSecond * (asked - startsAt).TotalSeconds);
                },
                behind => behind > -5 * WattsPerSecond);
            Assert.Equal(startsAt.ToString("g", CultureInfo.InvariantCulture), (await second.GetAsync("/v1/contracts/c1/state"))["instruction"]!["startsAt"]!.GetValue<string>()[..19] + "Z");
        }
        finally
        {
            TestFolders.Remove(folder);
        }
    }

    private static JsonObject Contract(int rampSeconds) => JsonNode.Parse($$"""
        { "custom": { "id": "RESERVE-X", "nominalHz": 50, "kind": "instruction", "direction": "raise", "numbers": { "fullActivationSeconds": {{rampSeconds + 30}}, "rampSeconds": {{rampSeconds}} } },
          "siteId": "site-1", "quantityW": 50000, "windows": [ { "from": "2026-01-01T00:00:00Z", "until": null } ], "assets": [ "bess-1" ], "sources": [ "meter" ] }
        """)!.AsObject();

    private static async Task<JsonNode> ListedAsync(FrequencyRig rig) => (await rig.GetAsync(Path)).AsArray()[0]!;

    private static async Task RefusedAsync(FrequencyRig rig, string body, int status, string why)
    {
        var (answered, problem) = await rig.SendAsync(HttpMethod.Post, Path, body);
        Assert.Equal(status, (int)answered);
        Assert.Contains(why, problem!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }
}
