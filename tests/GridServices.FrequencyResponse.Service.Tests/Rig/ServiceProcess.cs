using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Measurement;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Rig;

/// <summary>The service as a process of its own, with a meter.</summary>
internal sealed class ServiceProcess(Process process, HttpClient http) : IDisposable
{
    private readonly UdpClient _meter = new();
    private uint _sequence;

    public static async Task<ServiceProcess> StartAsync(TestTokens tokens, FakeHub hub, int port, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [
                "exec", Path.Combine(AppContext.BaseDirectory, "GridServices.FrequencyResponse.Service.dll"), $"--urls=http://127.0.0.1:{port}", $"--Auth:TokensFile={tokens.File}",
                $"--Hub:Url={hub.Url}", "--Hub:Token=x", "--HotPath:RealTimePriority=0", "--Logging:LogLevel:Default=None", .. arguments,
            ]);
        var http = new HttpClient(TestConnections.Create()) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Operator);
        var running = new ServiceProcess(Process.Start(start)!, http);
        await FrequencyRig.UntilAsync(running.IsReadyAsync, ready => ready);
        return running;
    }

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

    public async Task<JsonNode> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    public async Task DeleteAsync(string path)
    {
        using var answer = await http.DeleteAsync(new Uri(path, UriKind.Relative));
        Assert.True(answer.IsSuccessStatusCode);
    }

    public async Task<JsonNode> GetAsync(string path) => (await http.GetFromJsonAsync<JsonNode>(new Uri(path, UriKind.Relative)))!;

    public async Task MeasureUntilAsync(double hz, string phase, Func<bool>? also = null)
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
                && s.Contains("\"rung\":\"valid\"", StringComparison.Ordinal) && also?.Invoke() != false);
    }

    /// <summary>SIGKILL: nothing is flushed, nobody is told.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>SIGTERM: it stops in order.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync();
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
