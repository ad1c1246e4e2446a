using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Recording;

/// <summary>The alert state of the area, and what it asks of a limited reservoir, on a running service.</summary>
public sealed class ReservoirTests
{
    [Fact]
    public async Task An_alert_state_outlives_a_restart_and_what_it_took_is_restored_after_it()
    {
        await using var rig = await FrequencyRig.ArmedAsync("CE-FCR");
        var state = await ReservoirAsync(rig, 49.75, r => r["phase"]!.GetValue<string>() == "covering");
        Assert.Equal("emergency", state["system"]!.GetValue<string>());
        Assert.NotNull(state["coverUntil"]);
        var began = state["alertAt"]!.GetValue<string>();

        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        await rig.FindMeterAsync();
        await rig.CommandsAsync();
        Assert.Equal((began, "covering"), ((await rig.StateAsync())["reservoir"]!["alertAt"]!.GetValue<string>(), (await rig.StateAsync())["reservoir"]!["phase"]!.GetValue<string>()));

        // 50 kW for a quarter of an hour each way: the battery, half full, holds it.
        state = await ReservoirAsync(rig, 50, r => r["restoredAt"] is not null);
        Assert.Equal(("ready", "normal", 12_500.0), (state["phase"]!.GetValue<string>(), state["system"]!.GetValue<string>(), state["raiseRequiredWh"]!.GetValue<double>()));
        Assert.Null(state["problem"]);
        Assert.Equal(began, state["alertAt"]!.GetValue<string>());
    }

    /// <summary>12.5 kWh each way are needed, and the store holds 20 kWh in all.</summary>
    [Fact]
    public async Task The_hub_is_told_of_a_reservoir_that_does_not_hold_what_it_must_and_when_it_does()
    {
        await using var rig = await FrequencyRig.ArmedAsync("CE-FCR");
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery(wattHours: 20_000));
        var state = await ReservoirAsync(rig, 50, r => r["problem"]?.GetValue<string>().Contains("missing", StringComparison.Ordinal) == true && IsTold(rig, "limited reservoir: "));
        Assert.Equal("ready", state["phase"]!.GetValue<string>());
        Assert.Equal(1, rig.Service.App.Services.GetRequiredService<ContractAlarms>().Count());
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        await ReservoirAsync(rig, 50, r => r["phase"]!.GetValue<string>() == "ready" && r["problem"] is null && IsTold(rig, null));
    }

    /// <summary>As it was told last, of a source that is well: a controller that counted it as lost ends that on "ok" alone, whatever is missing in the store.</summary>
    private static bool IsTold(FrequencyRig rig, string? detail) =>
        rig.Hub.Reports.LastOrDefault()?.Streams.FirstOrDefault(s => s.Stream.Key == "c1") is { } told && told.Status == UpstreamStatus.Ok
        && (detail is null ? told.Detail is null : told.Detail?.StartsWith(detail, StringComparison.Ordinal) == true);

    [Fact]
    public void Of_one_contract_only_the_last_is_kept()
    {
        var pool = new EntryId("t1", "p");
        RecordedEvent.Reservoir[] told = [new(pool, "a", ReservoirDuty.Start), new(pool, "b", ReservoirDuty.Start), new(pool, "a", ReservoirDuty.Start with { Phase = ReservoirPhase.Covering }), new(new EntryId("t2", "p"), "a", ReservoirDuty.Start)];
        Assert.Equal([told[2], told[1], told[3]], Reservoirs.SelectLast(told));
    }

    private static Task<JsonNode> ReservoirAsync(FrequencyRig rig, double hz, Func<JsonNode, bool> holds) => FrequencyRig.UntilAsync(
        async () =>
        {
            rig.Hub.Feedback.Add(($"e.{rig.Hub.Feedback.Count}", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = SystemClock.Instance.GetCurrentInstant(), AssetId = "bess-1", SocPercent = 50 } }));
            await rig.MeasureAsync(_ => hz, 0.2);
            return (await rig.StateAsync())["reservoir"] ?? new JsonObject { ["phase"] = "none" };
        },
        holds);
}
