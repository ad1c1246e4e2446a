using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Tests.Hub;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests;

public sealed class ResponseTests
{
    /// <summary>49.6 Hz asks 0.05 + 0.95 × 2/3 of GB-DCL: 34,167 of 50,000 W.</summary>
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_low_frequency_becomes_power_at_the_device_and_a_target_at_the_hub(Dialect dialect)
    {
        await using var rig = await FrequencyRig.ArmedAsync("GB-DCL", dialect);
        await rig.MeasureAsync(_ => 50.0, 0.5);
        (int Watts, UdpSetpointFrame Frame)? heard = null;
        await rig.MeasureUntilAsync(_ => 49.6, () => (heard = rig.Heard() ?? heard)?.Watts > 34_100);
        Assert.InRange(heard!.Value.Watts, 34_100, 34_200);
        Assert.True(heard.Value.Frame.LeaseToken > 0);
        Assert.True(heard.Value.Frame.Marks.HasFlag(SetpointMarks.Responding));

        await FrequencyRig.UntilAsync(() => rig.Hub.Envelopes.Any(e => e.Targets.Any(t => t.TargetW < -30_000)));
        var target = rig.Hub.Envelopes.Last(e => e.Targets.Any(t => t.TargetW < -30_000));
        Assert.Equal(new EnvelopeTarget(TargetKind.Ess, "bess-1"), target.Target);
        Assert.Equal("frequency/c1", target.Stream.ToString());
        Assert.StartsWith("c1:", target.Targets[0].Cause!.EventId, StringComparison.Ordinal);
        Assert.Empty(rig.Hub.Rejected);

        var activations = (await FrequencyRig.UntilAsync(() => rig.GetAsync("/v1/contracts/c1/activations"), a => a.AsArray().Count > 0)).AsArray();
        Assert.InRange(activations[0]!["peakPu"]!.GetValue<double>(), 0.02, 0.7);
    }

    [Fact]
    public async Task Room_for_the_response_is_reserved_and_given_back_while_it_responds()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        await FrequencyRig.UntilAsync(() => rig.Hub.Envelopes.Any(e => e.Target.Kind == TargetKind.Site));
        var room = rig.Hub.Envelopes.First(e => e.Target.Kind == TargetKind.Site);

        // A low-frequency response needs room to export: 150 kW less the 50 kW that are sold. Import is not touched.
        Assert.Equal(100_000, room.Segments.Single().Limits.ExportLimitW);
        Assert.Equal(200_000, room.Segments.Single().Limits.ImportLimitW);
        await rig.MeasureUntilAsync(_ => 49.5, () => rig.Hub.Envelopes.Any(e => e.Target.Kind == TargetKind.Site && e.Segments.Any(s => s.Limits.ExportLimitW > 140_000)));
    }

    [Fact]
    public async Task Silence_is_never_a_number_and_the_response_is_let_go()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        (int Watts, UdpSetpointFrame Frame)? heard = null;
        await rig.MeasureUntilAsync(_ => 49.5, () => (heard = rig.Heard() ?? heard)?.Watts is >= 49_000 and <= 50_000);

        // Not a sample more.
        await FrequencyRig.UntilAsync(() => (heard = rig.Heard() ?? heard)?.Watts == 0);
        Assert.True(heard!.Value.Frame.Marks.HasFlag(SetpointMarks.FailSafe));
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["rung"]!.GetValue<string>() is "unavailable" or "deviceDefault");
        await FrequencyRig.UntilAsync(() => rig.Hub.Reports.LastOrDefault()?.Streams.Any(s => s.Status == UpstreamStatus.Lost) is true);
    }

    [Fact]
    public async Task Nothing_is_commanded_before_the_first_sample()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        await Task.Delay(1_000, TestContext.Current.CancellationToken);
        Assert.True(rig.Heard() is not { Watts: not 0 });
        Assert.Equal("notReady", (await rig.StateAsync())["phase"]!.GetValue<string>());
    }

    [Fact]
    public async Task Limits_of_others_come_first_also_when_the_hub_lost_them_or_is_away_at_a_restart()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        rig.Hub.State(HeldLimitsTests.Export(10_000));
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["pool"]!["mostExportW"]?.GetValue<double>() == 10_000);
        await rig.MeasureUntilAsync(_ => 49.5, () => rig.Heard()?.Watts is >= 9_900 and <= 10_000);

        // Asked while it is measured: what nobody measures is let go.
        var state = await FrequencyRig.UntilAsync(
            async () =>
            {
                await rig.MeasureAsync(_ => 49.5, 0.2);
                return await rig.StateAsync();
            },
            s => s["pool"]!["shortfallW"]!.GetValue<double>() > 39_000);
        Assert.Contains("envelopeLimit", state["pool"]!["reasons"]!.AsArray().Select(r => r!.GetValue<string>()));

        // A hub that lost its store states nothing: what holds still holds. A new limit shows that its answer was read.
        rig.Hub.Lose();
        rig.Hub.State(HeldLimitsTests.Import(7_000, "P2"));
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["pool"]!["mostImportW"]?.GetValue<double>() == 7_000);
        Assert.Equal(10_000, (await rig.StateAsync())["pool"]!["mostExportW"]?.GetValue<double>());

        // It binds a moment before it is on disk.
        var store = rig.Service.App.Services.GetRequiredService<Store>();
        await FrequencyRig.UntilAsync(
            () => store.ReadAsync(db => db.ExecuteScalarAsync<string>("SELECT held FROM site_limits"), TestContext.Current.CancellationToken),
            held => held?.Contains(":7000", StringComparison.Ordinal) is true);
        rig.Hub.IsAway = true;
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        var restarted = (await rig.StateAsync())["pool"]!;
        Assert.Equal((7_000, 10_000), (restarted["mostImportW"]?.GetValue<double>(), restarted["mostExportW"]?.GetValue<double>()));
    }

    [Fact]
    public async Task Until_the_hub_was_heard_nothing_that_needs_room_is_given()
    {
        await using var rig = await FrequencyRig.StartAsync();
        rig.Hub.IsAway = true;
        await rig.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
        await rig.FindMeterAsync();
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        await rig.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("GB-DCL"));
        await rig.CommandsAsync();
        await FrequencyRig.UntilAsync(
            async () =>
            {
                await rig.MeasureAsync(_ => 49.5, 0.2);
                return (await rig.StateAsync())["pool"]!;
            },
            p => p["shortfallW"]!.GetValue<double>() > 49_000 && p["mostExportW"]?.GetValue<double>() == 0);
        Assert.True(rig.Heard() is not { Watts: not 0 });
        rig.Hub.IsAway = false;
        await rig.MeasureUntilAsync(_ => 49.5, () => rig.Heard()?.Watts > 49_000);
    }

    [Fact]
    public async Task A_latch_and_its_activation_survive_a_restart()
    {
        await using var rig = await FrequencyRig.ArmedAsync("GB-STATIC-FFR");
        await rig.MeasureAsync(_ => 50.0, 0.5);
        await rig.MeasureUntilAsync(49.65, "active");
        var stored = await FrequencyRig.UntilAsync(() => rig.GetAsync("/v1/contracts/c1/activations"), a => a.AsArray().Count > 0);
        var begun = Assert.Single(stored.AsArray())!["id"]!.GetValue<string>();
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        await rig.FindMeterAsync();
        await rig.CommandsAsync();
        await rig.MeasureUntilAsync(_ => 50.0, () => rig.Heard()?.Watts is >= 49_000 and <= 50_000);

        // Support is due for half an hour, whatever the frequency does meanwhile.
        Assert.Equal("active", (await rig.StateAsync())["phase"]!.GetValue<string>());
        var activations = (await rig.GetAsync("/v1/contracts/c1/activations")).AsArray();
        Assert.Equal(begun, activations[^1]!["id"]!.GetValue<string>());

        // Nothing measures while the service stops. Where that takes longer than 2 s the activation ends for want of a measurement, and another one goes on with the latch.
        Assert.Null(activations[0]!["endedAt"]);
        Assert.All(activations.Skip(1), a => Assert.Contains("measurementLost", a!["reasons"]!.AsArray().Select(r => r!.GetValue<string>())));
    }

    [Fact]
    public async Task An_activation_that_begins_before_the_right_to_command_is_granted_is_stored()
    {
        await using var rig = await FrequencyRig.StartAsync();
        await rig.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
        await rig.FindMeterAsync();
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        await rig.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("GB-STATIC-FFR"));
        var stored = (await FrequencyRig.UntilAsync(
            async () =>
            {
                await rig.MeasureAsync(_ => 49.6, 0.2);
                return await rig.GetAsync("/v1/contracts/c1/activations");
            },
            a => a.AsArray().Count > 0)).AsArray();
        Assert.Null(stored[0]!["endedAt"]);
    }

    [Fact]
    public async Task The_baseline_is_told_per_period_and_stands_unless_it_is_submitted()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        var answer = await rig.GetAsync("/v1/contracts/c1/baseline");
        Assert.False(answer["submitsBaseline"]!.GetValue<bool>());
        var periods = answer["periods"]!.AsArray();
        Assert.InRange(periods.Count, 8, 9);
        Assert.All(periods, p => Assert.Equal((0, 0), (p!["baselineW"]!.GetValue<long>(), p["recoveryW"]!.GetValue<long>())));
        Assert.Equal(422, (int)(await rig.SendAsync(HttpMethod.Get, "/v1/contracts/c1/baseline?until=2020-01-01T00:00:00Z")).Status);
    }

    [Fact]
    public async Task A_deleted_contract_is_withdrawn_and_lets_go()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        await rig.MeasureUntilAsync(_ => 49.5, () => rig.Hub.Envelopes.Select(e => e.Target.Kind).ToHashSet().IsSupersetOf([TargetKind.Site, TargetKind.Ess]));
        var (status, _) = await rig.SendAsync(HttpMethod.Delete, "/v1/contracts/c1");
        Assert.Equal(System.Net.HttpStatusCode.NoContent, status);
        await FrequencyRig.UntilAsync(() => rig.Hub.Withdrawals.Select(w => w.Target.Kind).ToHashSet().SetEquals([TargetKind.Site, TargetKind.Ess]));
        _ = rig.Heard();
        await rig.MeasureAsync(_ => 49.5, 0.3);
        Assert.Null(rig.Heard());
    }

    [Fact]
    public async Task A_limit_next_to_what_the_rest_of_the_site_draws_holds_however_often_the_pool_looks()
    {
        await using var rig = await FrequencyRig.ArmedAsync();
        rig.Hub.State(HeldLimitsTests.Export(5_000));
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["pool"]!["mostExportW"]?.GetValue<double>() == 5_000);
        Read(rig, site: 2_000, asset: 0);
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["pool"]!["mostExportW"]?.GetValue<double>() == 7_000);
        var (most, book) = (0, rig.Service.App.Services.GetRequiredService<ReadingCache>());
        await rig.MeasureUntilAsync(_ => 49.5, () =>
        {
            // On a slow machine the reading may be a minute old by now.
            if (book.SiteNet(new EntryId("default", "site-1")) is null)
            {
                Read(rig, site: 2_000, asset: 0);
            }

            return Heard() > 6_900;
        });

        // The battery does not follow; every reading, of the site or not, has the pool look again.
        for (var i = 0; i < 3; i++)
        {
            var version = book.Version;
            Read(rig, site: i == 1 ? 2_000 : null, asset: 0);
            await rig.MeasureUntilAsync(_ => 49.5, () => Heard() >= 0 && book.Version > version);
            await rig.MeasureAsync(_ => 49.5, 0.2, () => Heard() < 0);
        }

        // It does at last.
        Read(rig, site: -5_000, asset: -7_000);
        await rig.MeasureAsync(_ => 49.5, 0.5, () => Heard() < 0);
        await FrequencyRig.UntilAsync(() => rig.StateAsync(), s => s["pool"]!["mostExportW"]?.GetValue<double>() == 7_000);
        Assert.InRange(most, 6_900, 7_000);

        int Heard() => most = Math.Max(most, rig.Heard()?.Watts ?? 0);
    }

    /// <summary>Measured at one moment; + = import.</summary>
    private static void Read(FrequencyRig rig, long? site, long asset)
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        lock (rig.Hub.Feedback)
        {
            rig.Hub.Feedback.Add(($"e.{rig.Hub.Feedback.Count + 1}", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = now, AssetId = "bess-1", NetPowerW = asset } }));
            if (site is { } net)
            {
                rig.Hub.Feedback.Add(($"e.{rig.Hub.Feedback.Count + 1}", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = now, NetPowerW = net } }));
            }
        }
    }
}
