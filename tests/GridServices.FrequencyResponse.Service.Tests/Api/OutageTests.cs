using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.FrequencyResponse.Service.Api;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Api;

/// <summary>Outages and de-ratings as an operator declares them: followed, planned, listed, cancelled.</summary>
public sealed class OutageTests
{
    private const string Path = "/v1/contracts/c1/outages";
    private static readonly Instant Now = SystemClock.Instance.GetCurrentInstant();

    [Theory]
    [InlineData(Dialect.Sqlite)]
    [InlineData(Dialect.PostgreSql)]
    public async Task What_is_declared_is_followed_planned_and_outlives_a_restart(Dialect dialect)
    {
        await using var rig = await FrequencyRig.ArmedAsync(dialect: dialect, contract: Contract());
        await FullAsync(rig, 50_000);
        var soon = TimeText.Format(Now + Duration.FromMinutes(60));
        await FrequencyRig.UntilAsync(() => rig.GetAsync($"/v1/contracts/c1/plans?until={soon}"), p => p["periods"]!.AsArray().Count > 0);

        // A de-rating just now: the same frequency gives what is left.
        var (status, view) = await rig.SendAsync(HttpMethod.Put, Path + "/inverter", Body(Duration.FromHours(30), "\"availableW\":20000"));
        Assert.Equal((HttpStatusCode.Created, "running"), (status, view!["state"]!.GetValue<string>()));
        await FullAsync(rig, 20_000);
        Assert.Equal("inverter", (await rig.StateAsync())["outages"]![0]!["outageId"]!.GetValue<string>());

        // What was decided before stands, and costs what was declared too late; what is ahead tells it.
        var all = await rig.GetAsync($"/v1/contracts/c1/plan?until={soon}");
        var decided = all["periods"]!.AsArray().Where(p => p!["decidedAt"] is not null).ToList();
        Assert.NotEmpty(decided);
        Assert.All(decided, p => Assert.Equal((50_000, true, true), (p!["availableW"]!.GetValue<long>(), p["penalty"]!.GetValue<decimal>() > 0, p["paymentLost"]!.GetValue<decimal>() > 0)));
        Assert.True(all["penalties"]!["amount"]!.GetValue<decimal>() > 0);
        var plan = (await rig.GetAsync($"/v1/contracts/c1/plan?until={TimeText.Format(Now + Duration.FromHours(3))}"))["periods"]!.AsArray().Where(p => p!["decidedAt"] is null).ToList();
        Assert.NotEmpty(plan);
        Assert.All(plan, p => Assert.Equal((20_000, "[\"declared\"]"), (p!["availableW"]!.GetValue<long>(), p["reasons"]!.ToJsonString())));

        // 50 kW for a quarter of an hour at 12.5 per MW and hour, of which two fifths are left.
        Assert.Equal(0.15625m * 0.6m, plan[0]!["paymentLost"]!.GetValue<decimal>());

        // An outage on top of it; after a restart it still holds.
        await rig.PutAsync(Path + "/fire", JsonNode.Parse(Body(Duration.FromHours(2), "\"availableMw\":0"))!);
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        await rig.FindMeterAsync();
        await rig.CommandsAsync();
        await rig.MeasureUntilAsync(49.4, "disarmed");
        Assert.Equal(0, (await rig.StateAsync())["responseW"]!.GetValue<double>());

        // It ends early; what has been stays declared.
        (status, view) = await rig.SendAsync(HttpMethod.Put, Path + "/fire", $$"""{"until":"{{TimeText.Format(SystemClock.Instance.GetCurrentInstant())}}","availableMw":0,"reason":"put out"}""");
        Assert.Equal((HttpStatusCode.OK, "ended"), (status, view!["state"]!.GetValue<string>()));
        await FullAsync(rig, 20_000);
        Assert.Equal(["fire", "inverter"], (await rig.GetAsync(Path)).AsArray().Select(o => o!["outageId"]!.GetValue<string>()));

        await rig.SendAsync(HttpMethod.Delete, "/v1/contracts/c1");
        Assert.All((await rig.GetAsync(Path)).AsArray(), o => Assert.Equal("ended", o!["state"]!.GetValue<string>()));
    }

    [Fact]
    public async Task A_declaration_is_repeated_changed_by_its_tag_and_cancelled_before_it_begins()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        var body = Body(Duration.FromHours(9), "\"availableW\":0", Duration.FromHours(5));
        var (status, first, tag) = await PutAsync(rig, "/o1", body, null);
        Assert.Equal((HttpStatusCode.Created, "declared"), (status, first!["state"]!.GetValue<string>()));
        (status, var again, _) = await PutAsync(rig, "/o1", body, null);
        Assert.Equal((HttpStatusCode.OK, first.ToJsonString()), (status, again!.ToJsonString()));

        (status, _, var changed) = await PutAsync(rig, "/o1", Body(Duration.FromHours(10), "\"availableW\":0", Duration.FromHours(5)), tag);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync(rig, "/o1", body, tag)).Status);
        Assert.NotEqual(tag, changed);

        Assert.Equal(HttpStatusCode.NoContent, (await rig.SendAsync(HttpMethod.Delete, Path + "/o1")).Status);
        Assert.Equal("cancelled", (await rig.GetAsync(Path + "/o1"))["state"]!.GetValue<string>());
        Assert.Null((await rig.GetAsync("/v1/contracts/c1/plan?until=" + TimeText.Format(Now + Duration.FromHours(12))))["periods"]!.AsArray()
            .FirstOrDefault(p => p!["reasons"]!.ToJsonString().Contains("declared", StringComparison.Ordinal)));

        // One that runs is not declared away.
        await rig.PutAsync(Path + "/o2", JsonNode.Parse(Body(Duration.FromHours(1), "\"availableW\":0"))!);
        (status, var refusal) = await rig.SendAsync(HttpMethod.Delete, Path + "/o2");
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("until = now", refusal!.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","until":"2099-01-01T00:00:00Z","availableW":0,"reason":"x"}""", "/until")]
    [InlineData("""{"from":"2026-01-01T00:00:00Z","until":"2026-06-01T00:00:00Z","availableW":0,"reason":"x"}""", "/from")]
    [InlineData("""{"until":"2026-01-01T00:00:00Z","availableW":50000,"availableMw":1,"reason":" "}""", "/until", "/availableMw", "/reason")]
    [InlineData("""{"until":"2098-01-01T00:00:00Z","availableW":50000,"reason":"whole"}""", "/availableW")]
    public void What_can_not_be_declared_is_named(string body, params string[] pointers)
    {
        var contract = new ContractSettings { SiteId = "site-1", QuantityW = 50_000, Windows = [], Assets = [], Sources = [] };
        var stated = StrictJson.Read<OutageBody>(Encoding.UTF8.GetBytes(body), out _)!;
        var faults = Assert.Throws<FaultyEntryException>(() => OutageRules.State("o", stated, null, contract, [], Now)).Faults;
        Assert.Superset(pointers.ToHashSet(), faults.Select(f => f.Pointer).ToHashSet());
    }

    /// <summary>A curve that names no duration: nothing of its availability hangs on energy.</summary>
    private static JsonObject Contract()
    {
        var contract = FrequencyRig.Contract("GB-DCL");
        contract.Remove("service");
        contract["custom"] = JsonNode.Parse("""{"id":"CURVE-1","nominalHz":50,"curve":[[49.5,1],[49.9,0],[50.1,0],[50.5,-1]],"numbers":{"fullActivationSeconds":1}}""");
        contract["penalties"] = JsonNode.Parse("""{"latePerMwHour":30,"source":"a test"}""");
        return contract;
    }

    /// <summary>The frequency falls until the pool gives what is left of it.</summary>
    private static Task<JsonNode> FullAsync(FrequencyRig rig, double watts) => FrequencyRig.UntilAsync(
        async () =>
        {
            await rig.MeasureAsync(_ => 49.4, 0.2);
            return await rig.StateAsync();
        },
        s => Math.Abs(s["responseW"]!.GetValue<double>() - watts) < 1);

    private static string Body(Duration until, string left, Duration? from = null) =>
        $$"""{ {{(from is { } begin ? $"\"from\":\"{TimeText.Format(Now + begin)}\"," : string.Empty)}} "until":"{{TimeText.Format(Now + until)}}",{{left}},"reason":"cooling" }""";

    private static async Task<(HttpStatusCode Status, JsonNode? Body, string? Tag)> PutAsync(FrequencyRig rig, string path, string body, string? tag)
    {
        using var client = rig.Service.Client(rig.Service.Tokens.Operator);
        using var request = new HttpRequestMessage(HttpMethod.Put, Path + path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (tag is not null)
        {
            request.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(tag));
        }

        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonNode.Parse(text), answer.Headers.ETag?.ToString());
    }
}
