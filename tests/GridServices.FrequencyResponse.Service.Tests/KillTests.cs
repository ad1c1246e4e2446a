using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests;

/// <summary>The service as a process of its own, ended without a goodbye.</summary>
public sealed class KillTests
{
    private const string Performance = "/v1/contracts/c1/performance";
    private const int TellsW = 500;

    [Fact]
    public async Task Killed_in_an_activation_it_comes_back_responding_and_its_revisions_go_on()
    {
        var folder = TestFolders.Create();
        var tokens = new TestTokens(folder);
        await using var hub = await FakeHub.StartAsync();
        var port = TestPorts.Next();
        try
        {
            using (var first = await StartAsync(folder, tokens, hub, port))
            {
                await first.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
                await first.PutAsync("/v1/assets/bess-1", JsonNode.Parse("""
                    { "siteId": "site-1", "kind": "bess", "chargeMaxW": 100000, "dischargeMaxW": 100000, "energyWh": 200000, "socPercent": 50, "latencyMs": 50, "rampWPerS": 10000000 }
                    """)!);
                await first.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("GB-STATIC-FFR"));

                // Measured on and on: what is published follows a measurement that is fresh.
                await first.MeasureUntilAsync(49.65, "active", () => hub.Envelopes.Any(e => e.Targets.Any(t => t.TargetW < -49_000)));
                first.Kill();
            }

            var before = hub.Envelopes.Where(e => e.Target.Kind == TargetKind.Ess).Max(e => e.Revision);
            using var second = await StartAsync(folder, tokens, hub, port);

            // The trigger is over; the support that was begun is due for half an hour.
            await second.MeasureUntilAsync(50, "active");
            var activations = (await FrequencyRig.UntilAsync(() => second.GetAsync("/v1/contracts/c1/activations"), a => a.AsArray().Count > 0)).AsArray();
            Assert.Null(activations[0]!["endedAt"]);
            Assert.All(activations.Skip(1), a => Assert.NotNull(a!["endedAt"]));
            await second.DeleteAsync("/v1/contracts/c1");
            await FrequencyRig.UntilAsync(() => hub.Withdrawals.Any(w => w.Target.Kind == TargetKind.Ess));
            Assert.True(hub.Withdrawals.First(w => w.Target.Kind == TargetKind.Ess).Revision > before);
            Assert.Empty(hub.Rejected);
        }
        finally
        {
            TestFolders.Remove(folder);
        }
    }

    /// <summary>
    /// A settlement period, of which each second counts once or not at all:
    /// <code>
    /// ├─ not sold ─┼─ measured ─┼─ killed: nobody here, the meter goes on telling ─┼─ measured ─┼─ stopped ─┤
    ///             put        6 s or more                                      started     3 s or more       over
    /// </code>
    /// </summary>
    [Fact]
    public async Task Killed_in_a_settlement_period_what_was_measured_counts_once_and_the_gap_is_not_paid()
    {
        Sums? first = null;
        var (sold, killed, restarted) = (Now, Now, Now);
        await using var rig = await FrequencyRig.AfterAsync(async (store, hub) =>
        {
            using var process = await ServiceProcess.StartAsync(new TestTokens(store.Folder), hub, TestPorts.Next(), store.Arguments);
            await process.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
            await process.PutAsync("/v1/assets/bess-1", JsonNode.Parse("""
                { "siteId": "site-1", "kind": "bess", "chargeMaxW": 100000, "dischargeMaxW": 100000, "energyWh": 200000, "socPercent": 50, "latencyMs": 50, "rampWPerS": 10000000 }
                """)!);
            sold = Now;
            await process.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("GB-DCL"));
            first = await FrequencyRig.UntilAsync(
                async () =>
                {
                    Tell(hub);
                    await process.MeasureUntilAsync(50, "ready");
                    return Sums.Read(await process.GetAsync(Performance));
                },
                sums => sums.MeasuredS >= 6);
            process.Kill();
            killed = Now;

            // The meter does not know that nobody listens: what it tells of the gap is heard later.
            await FrequencyRig.UntilAsync(() =>
            {
                Tell(hub);
                return Now - killed > Duration.FromSeconds(1);
            });
            restarted = Now;
        });
        var stored = Sums.Read(await rig.GetAsync(Performance));
        Assert.InRange(stored.MeasuredS, first!.MeasuredS, (killed - sold + (Now - restarted)).TotalSeconds);

        await FrequencyRig.UntilAsync(
            async () =>
            {
                Tell(rig.Hub);
                await rig.MeasureAsync(_ => 50, 0.25);
                return Sums.Read(await rig.GetAsync(Performance));
            },
            sums => sums.MeasuredS >= stored.MeasuredS + 3);
        await rig.StopServiceAsync();
        var stopped = Now;
        await rig.StartServiceAsync(new FakeClock(stopped + Duration.FromMinutes(32)));
        var last = await FrequencyRig.UntilAsync(async () => Sums.Read(await rig.GetAsync(Performance)), sums => sums.IsClosed);

        Assert.InRange(last.MeasuredS, stored.MeasuredS + 3, stored.MeasuredS + (stopped - restarted).TotalSeconds);
        Assert.InRange(last.RaisedWh / TellsW * 3_600, last.MeasuredS * 0.99, last.MeasuredS * 1.01);
        Assert.True(last.SoldS - last.MeasuredS > (restarted - killed).TotalSeconds, $"{last}");
        Assert.Contains("notWriter", last.Reasons, StringComparison.Ordinal);

        // The factor is full: what is paid is what was measured and available, of all that was sold.
        Assert.InRange(last.PaidHours * 3_600, 1, last.MeasuredS + 0.001);
        Assert.InRange(last.PaidHours * 3_600, last.AvailableS - 0.1, last.AvailableS + 0.1);
    }

    private static Instant Now => SystemClock.Instance.GetCurrentInstant();

    private static void Tell(FakeHub hub) => hub.Feedback.Add(
        ($"e.{hub.Feedback.Count}", new FeedbackItem { SiteId = "site-1", Reading = new Reading { At = Now, AssetId = "bess-1", NetPowerW = -TellsW } }));

    /// <summary>Over all periods, of which there may be two: the test may run at the full half hour.</summary>
    private sealed record Sums(double SoldS, double AvailableS, double MeasuredS, double RaisedWh, double PaidHours, bool IsClosed, string Reasons)
    {
        public static Sums Read(JsonNode performance)
        {
            var periods = performance["periods"]!.AsArray();
            double Sum(string member) => periods.Sum(p => p![member]!.GetValue<double>());
            return new Sums(
                Sum("procuredSeconds"), Sum("availableSeconds"), Sum("measuredSeconds"), Sum("raisedWh"),
                (double)performance["settlement"]!["blocks"]!.AsArray().Sum(b => ReadNumber(b!, "hours") * ReadNumber(b!, "performance") * ReadNumber(b!, "measured")),
                periods.Count > 0 && periods.All(p => p!["closed"]!.GetValue<bool>()),
                string.Join(' ', periods.Select(p => p!["reasons"]!.ToJsonString())));
        }

        private static decimal ReadNumber(JsonNode block, string member) => block[member]!.GetValue<decimal>();
    }

    private static Task<ServiceProcess> StartAsync(string folder, TestTokens tokens, FakeHub hub, int port) =>
        ServiceProcess.StartAsync(tokens, hub, port, [$"--Storage:Path={folder}"]);
}
