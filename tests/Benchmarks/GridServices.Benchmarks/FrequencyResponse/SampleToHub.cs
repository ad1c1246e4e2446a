using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GridServices.Benchmarks.HubLoad;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Service;
using NodaTime;

namespace GridServices.Benchmarks.FrequencyResponse;

/// <summary>
/// A meter's sample that begins an activation, to the envelope on the site controller's stream: service in this process, hub in another,
/// both storing with fsync. Options: <c>times=20</c>.
/// </summary>
internal static class SampleToHub
{
    public static async Task<int> RunAsync(string[] args)
    {
        var times = args.FirstOrDefault(a => a.StartsWith("times=", StringComparison.Ordinal)) is { } given ? int.Parse(given[6..], CultureInfo.InvariantCulture) : 20;
        Console.WriteLine($"Asked: p50 <= 5 ms. Machine: {Environment.ProcessorCount} cores, load {(await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0]}");
        await using var hub = await HubProcess.StartAsync([]);
        var folder = Directory.CreateTempSubdirectory("gridservices-frequency-");
        await using var app = FrequencyResponseApp.Build(
        [
            "--urls=http://127.0.0.1:0", "--Auth:AllowAnonymous=true", $"--Storage:Path={folder.FullName}", $"--Hub:Url=http://{hub.EndPoint}", $"--Hub:Token={HubProcess.Token}",
            "--Logging:LogLevel:Default=Warning",
        ]);
        await app.StartAsync();
        using var api = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var meter = await SetUpAsync(api);
        using var stream = new StreamWatch(hub.EndPoint);
        await stream.ConnectAsync();
        var millis = await MeasureAsync(meter, stream, times);
        millis.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"sample to envelope at the site controller, {millis.Count} activations: p50 {millis[millis.Count / 2]:F2} p90 {millis[millis.Count * 9 / 10]:F2} max {millis[^1]:F2} ms"));
        await app.StopAsync();
        folder.Delete(recursive: true);
        return 0;
    }

    private static async Task<Action<double>> SetUpAsync(HttpClient api)
    {
        await PutAsync(api, "/v1/sources/meter", """{"kind":"udp","period":"PT0.02S","udp":{"port":0}}""");
        await PutAsync(api, "/v1/assets/bess-1", """{"siteId":"site-1","kind":"bess","chargeMaxW":50000,"dischargeMaxW":50000,"energyWh":100000,"socPercent":50,"latencyMs":50,"rampWPerS":10000000}""");
        await PutAsync(api, "/v1/contracts/fcr", """{"service":"CE-FCR","siteId":"site-1","quantityW":30000,"windows":[{"from":"2026-01-01T00:00:00Z","until":null}],"assets":["bess-1"],"sources":["meter"]}""");
        var source = await api.GetFromJsonAsync<JsonNode>(new Uri("/v1/sources/meter", UriKind.Relative));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(IPEndPoint.Parse(source!["state"]!["endpoint"]!.GetValue<string>()));
        var (frame, sequence) = (new byte[UdpSampleFrame.Size], 0u);
        return hz =>
        {
            new UdpSampleFrame(1, sequence++, hz, float.NaN, 1, SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks() * 100, SampleQuality.Good).Write(frame);
            socket.Send(frame);
        };
    }

    /// <summary>Calm, then a step; timed from the sample of the step to the first bytes that name an activation.</summary>
    private static async Task<List<double>> MeasureAsync(Action<double> meter, StreamWatch stream, int times)
    {
        var millis = new List<double>();
        for (var i = 0; i < times + 2; i++)
        {
            // Until the activation before has ended: 2 s of quiet, and the lease at the very first.
            for (var n = 0; n < 130; n++)
            {
                meter(50 + (0.0005 * (n % 5)));
                await Task.Delay(20);
            }

            var next = stream.NextActivation();
            var from = Stopwatch.GetTimestamp();
            meter(49.95);
            if (await Task.WhenAny(next, Task.Delay(2_000)) == next && i >= 2)
            {
                millis.Add(Stopwatch.GetElapsedTime(from, await next).TotalMilliseconds);
            }
        }

        return millis;
    }

    private static async Task PutAsync(HttpClient api, string path, string json)
    {
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await api.PutAsync(new Uri(path, UriKind.Relative), content);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"PUT {path}: {await answer.Content.ReadAsStringAsync()}");
        }
    }

    /// <summary>The controller's stream on a bare socket; stamps the arrival of an event that carries an activation's id.</summary>
    private sealed class StreamWatch(IPEndPoint hub) : IDisposable
    {
        private static readonly byte[] Mark = "\"eventId\":\"fcr:"u8.ToArray();
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private readonly byte[] _buffer = new byte[1 << 16];
        private volatile TaskCompletionSource<long> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task ConnectAsync()
        {
            await _socket.ConnectAsync(hub);
            await _socket.SendAsync(System.Text.Encoding.ASCII.GetBytes($"GET /v1/sites/site-1/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {HubProcess.Token}\r\n\r\n"));
            _ = ReadAsync();
        }

        public Task<long> NextActivation()
        {
            _next = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            return _next.Task;
        }

        public void Dispose() => _socket.Dispose();

        private async Task ReadAsync()
        {
            try
            {
                while (await _socket.ReceiveAsync(_buffer) is > 0 and var read)
                {
                    var at = Stopwatch.GetTimestamp();
                    if (_buffer.AsSpan(0, read).IndexOf(Mark) >= 0)
                    {
                        _next.TrySetResult(at);
                    }
                }
            }
            catch (Exception dropped) when (dropped is SocketException or ObjectDisposedException)
            {
                // The run is over.
            }
        }
    }
}
