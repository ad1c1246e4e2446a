using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.FrequencyResponse.Service.Tests;

/// <summary>The service as a process of its own, ended without a goodbye.</summary>
public sealed class KillTests
{
    [Fact]
    public async Task Killed_in_an_activation_it_comes_back_responding_and_its_revisions_go_on()
    {
        var folder = TestFolders.Make();
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

    private static Task<ServiceProcess> StartAsync(string folder, TestTokens tokens, FakeHub hub, int port) =>
        ServiceProcess.StartAsync(tokens, hub, port, [$"--Storage:Path={folder}"]);
}
