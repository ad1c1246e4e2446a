using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Service.Tests.Rig;
using GridServices.Testing;
using NodaTime;

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
        var port = FreePort();
        try
        {
            using (var first = await StartAsync(folder, tokens, hub, port))
            {
                await first.PutAsync("/v1/sources/meter", FrequencyRig.UdpSource());
                await first.PutAsync("/v1/assets/bess-1", JsonNode.Parse("""
                    { "siteId": "site-1", "kind": "bess", "chargeMaxW": 100000, "dischargeMaxW": 100000, "energyWh": 200000, "socPercent": 50, "latencyMs": 50, "rampWPerS": 10000000 }
                    """)!);
                await first.PutAsync("/v1/contracts/c1", FrequencyRig.Contract("GB-STATIC-FFR"));
                await first.MeasureUntilAsync(49.65, "active");
                await FrequencyRig.UntilAsync(() => hub.Envelopes.Any(e => e.Targets.Any(t => t.TargetW < -49_000)));
                first.Kill();
            }

            var before = hub.Envelopes.Where(e => e.Target.Kind == TargetKind.Ess).Max(e => e.Revision);
            using var second = await StartAsync(folder, tokens, hub, port);

            // The trigger is over; the support that was begun is due for half an hour.
            await second.MeasureUntilAsync(50, "active");
            var activations = (await second.GetAsync("/v1/contracts/c1/activations")).AsArray();
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

    private static async Task<Running> StartAsync(string folder, TestTokens tokens, FakeHub hub, int port)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                "exec", Path.Combine(AppContext.BaseDirectory, "GridServices.FrequencyResponse.Service.dll"), $"--urls=http://127.0.0.1:{port}", $"--Auth:TokensFile={tokens.File}",
                $"--Storage:Path={folder}", $"--Hub:Url={hub.Url}", "--Hub:Token=x", "--HotPath:RealTimePriority=0", "--Logging:LogLevel:Default=None",
            ]);
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Operator);
        var running = new Running(Process.Start(start)!, http);
        await FrequencyRig.UntilAsync(running.IsReadyAsync, ready => ready, 60);
        return running;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private sealed class Running(Process process, HttpClient http) : IDisposable
    {
        private readonly UdpClient _meter = new();
        private uint _sequence;

        public async Task<bool> IsReadyAsync()
        {
            try
            {
                using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
                return answer.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }

        public async Task PutAsync(string path, JsonNode body)
        {
            using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using var answer = await http.PutAsync(new Uri(path, UriKind.Relative), content);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        public async Task DeleteAsync(string path)
        {
            using var answer = await http.DeleteAsync(new Uri(path, UriKind.Relative));
            Assert.True(answer.IsSuccessStatusCode);
        }

        public async Task<JsonNode> GetAsync(string path) => (await http.GetFromJsonAsync<JsonNode>(new Uri(path, UriKind.Relative)))!;

        public async Task MeasureUntilAsync(double hz, string phase)
        {
            var to = IPEndPoint.Parse((await GetAsync("/v1/sources/meter"))["state"]!["endpoint"]!.GetValue<string>());
            var frame = new byte[UdpSampleFrame.Size];
            await FrequencyRig.UntilAsync(
                async () =>
                {
                    for (var i = 0; i < 5; i++)
                    {
                        var stamp = SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks() * 100;
                        new UdpSampleFrame(1, _sequence, hz + (1e-6 * (_sequence++ % 7)), float.NaN, 1, stamp, SampleQuality.Good).Write(frame);
                        await _meter.SendAsync(frame, to);
                        await Task.Delay(50);
                    }

                    return (await GetAsync("/v1/contracts/c1/state")).ToJsonString();
                },
                s => s.Contains(string.Create(CultureInfo.InvariantCulture, $"\"phase\":\"{phase}\""), StringComparison.Ordinal) && s.Contains("\"commands\":true", StringComparison.Ordinal)
                    && s.Contains("\"rung\":\"valid\"", StringComparison.Ordinal),
                30);
        }

        /// <summary>SIGKILL: nothing is flushed, nobody is told.</summary>
        public void Kill()
        {
            process.Kill();
            process.WaitForExit();
        }

        public void Dispose()
        {
            if (!process.HasExited)
            {
                Kill();
            }

            process.Dispose();
            http.Dispose();
            _meter.Dispose();
        }
    }
}
