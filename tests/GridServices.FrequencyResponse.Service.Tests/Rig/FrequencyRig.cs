using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.FrequencyResponse.Frames;
using GridServices.FrequencyResponse.Measurement;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Rig;

/// <summary>The service on real sockets: a meter that sends UDP samples, a device that hears set-points, a hub that keeps what it is told.</summary>
internal sealed class FrequencyRig : IAsyncDisposable
{
    private TestStore _store;
    private readonly UdpClient _device = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly UdpClient _meter = new();
    private readonly List<string> _arguments;
    private ServiceApp? _service;
    private uint _sequence;

    private FrequencyRig(TestStore store, FakeHub hub, IEnumerable<string> arguments)
    {
        (_store, Hub) = (store, hub);
        _arguments = [$"--Hub:Url={hub.Url}", "--Hub:Token=x", "--HotPath:RealTimePriority=0", "--Logging:LogLevel:Default=None", .. arguments];
    }

    public FakeHub Hub { get; }

    public ServiceApp Service => _service ?? throw new InvalidOperationException("The service is down.");

    public string Folder => _store.Folder;

    public int DevicePort => ((IPEndPoint)_device.Client.LocalEndPoint!).Port;

    /// <summary>Where the meter sends to; found when the source is put.</summary>
    public IPEndPoint? MeterTo { get; private set; }

    public static async Task<FrequencyRig> StartAsync(Dialect dialect = Dialect.Sqlite, params string[] arguments)
    {
        var rig = new FrequencyRig(TestStores.Create(dialect), await FakeHub.StartAsync(), arguments);
        await rig.StartServiceAsync();
        return rig;
    }

    /// <summary>On the store of a process that ran before, with the source that was put there.</summary>
    public static async Task<FrequencyRig> AfterAsync(Func<TestStore, FakeHub, Task> before)
    {
        var rig = new FrequencyRig(TestStores.Create(Dialect.Sqlite), await FakeHub.StartAsync(), []);
        await before(rig._store, rig.Hub);
        await rig.StartServiceAsync();
        await rig.FindMeterAsync();
        return rig;
    }

    /// <summary>With the source, the battery and one contract of it in place, and the right to command.</summary>
    public static async Task<FrequencyRig> ArmedAsync(string service = "GB-DCL", Dialect dialect = Dialect.Sqlite, JsonObject? contract = null, params string[] arguments)
    {
        var rig = await StartAsync(dialect, arguments);
        await rig.PutAsync("/v1/sources/meter", UdpSource());
        await rig.FindMeterAsync();
        await rig.PutAsync("/v1/assets/bess-1", rig.Battery());
        await rig.PutAsync("/v1/contracts/c1", contract ?? Contract(service));
        await rig.CommandsAsync();
        return rig;
    }

    /// <param name="clock">Null: the system's.</param>
    public async Task StartServiceAsync(IClock? clock = null) => _service = await ServiceApp.StartAsync(args => FrequencyResponseApp.Build(args, clock), _store, [.. _arguments]);

    public async Task StopServiceAsync()
    {
        await Service.DisposeAsync();
        _service = null;
    }

    /// <summary>Stops the service and moves its store to PostgreSQL, where the next start finds it.</summary>
    public async Task MoveAsync()
    {
        await StopServiceAsync();
        _store = await MovedStore.MoveAsync(args => FrequencyResponseApp.Build(args, null), _store);
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        await Hub.DisposeAsync();
        await _store.DisposeAsync();
        _device.Dispose();
        _meter.Dispose();
    }

    public static JsonObject UdpSource(string period = "PT0.05S") => JsonNode.Parse($$"""
        { "kind": "udp", "period": "{{period}}", "path": "PT0.1S", "udp": { "port": 0 } }
        """)!.AsObject();

    public JsonObject Battery(long watts = 100_000, long wattHours = 200_000, int latencyMs = 50) => JsonNode.Parse($$"""
        { "siteId": "site-1", "kind": "bess", "chargeMaxW": {{watts}}, "dischargeMaxW": {{watts}}, "energyWh": {{wattHours}}, "socPercent": 50,
          "latencyMs": {{latencyMs}}, "rampWPerS": 10000000, "setpoint": { "host": "127.0.0.1", "port": {{DevicePort}}, "number": 7 } }
        """)!.AsObject();

    public static JsonObject Contract(string service, long watts = 50_000, string source = "meter") => JsonNode.Parse($$"""
        { "service": "{{service}}", "siteId": "site-1", "quantityW": {{watts}}, "windows": [ { "from": "2026-01-01T00:00:00Z", "until": null } ],
          "assets": [ "bess-1" ], "sources": [ "{{source}}" ], "connection": { "importW": 200000, "exportW": 150000 },
          "price": { "currency": "GBP", "perMwHour": 12.5 } }
        """)!.AsObject();

    /// <summary>A sample over UDP, as a meter sends it.</summary>
    public void Send(double hz, float voltage = 1f, SampleQuality quality = SampleQuality.Good, ushort number = 1, long? unixNanos = null)
    {
        var frame = new byte[UdpSampleFrame.Size];
        var stamp = unixNanos ?? SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks() * 100;
        new UdpSampleFrame(number, _sequence++, hz, float.NaN, voltage, stamp, quality).Write(frame);
        _meter.Send(frame, MeterTo!);
    }

    public void SendRaw(byte[] datagram) => _meter.Send(datagram, MeterTo!);

    /// <summary>Sends at the meter's pace until it has been so long, or what is waited for holds.</summary>
    public async Task<bool> MeasureAsync(Func<double, double> hz, double seconds, Func<bool>? until = null, double voltage = 1)
    {
        var clock = Stopwatch.StartNew();
        var digits = 0;
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            // No two alike: a meter's last digit lives.
            Send(hz(clock.Elapsed.TotalSeconds) + (1e-6 * (digits++ % 7)), (float)voltage);
            await Task.Delay(50);
            if (until?.Invoke() is true)
            {
                return true;
            }
        }

        return until is null;
    }

    /// <summary>Sends at the meter's pace until what is waited for holds.</summary>
    public async Task MeasureUntilAsync(Func<double, double> hz, Func<bool> holds) =>
        Assert.True(await MeasureAsync(hz, Until.Ceiling.TotalSeconds, holds), $"did not come to hold; state: {await StateAsync()}");

    /// <summary>Sends at the meter's pace until the contract is in a phase.</summary>
    public Task MeasureUntilAsync(double hz, string phase) => UntilAsync(
        async () =>
        {
            await MeasureAsync(_ => hz, 0.2);
            return await StateAsync();
        },
        s => s["phase"]!.GetValue<string>() == phase);

    /// <summary>The newest set-point that the device heard, W, + = injection; null = none since the last look.</summary>
    public (int Watts, UdpSetpointFrame Frame)? Heard() => AllHeard() is [.., var newest] ? newest : null;

    /// <summary>All set-points that the device heard since the last look, in order: one that looks seldom misses none.</summary>
    public IReadOnlyList<(int Watts, UdpSetpointFrame Frame)> AllHeard()
    {
        var heard = new List<(int Watts, UdpSetpointFrame Frame)>();
        while (_device.Available > 0)
        {
            IPEndPoint? from = null;
            var datagram = _device.Receive(ref from);
            Assert.Equal(FrameFault.None, UdpSetpointFrame.TryRead(datagram, out var frame));
            Assert.True(UdpSetpointFrame.TrySetpoint(datagram, 7, out var watts));
            heard.Add((watts, frame));
        }

        return heard;
    }

    public async Task FindMeterAsync(string source = "meter")
    {
        var endpoint = (await GetAsync($"/v1/sources/{source}"))["state"]!["endpoint"]!.GetValue<string>();
        MeterTo = IPEndPoint.Parse(endpoint);
    }

    public Task CommandsAsync(string contract = "c1") =>
        UntilAsync(() => GetAsync($"/v1/contracts/{contract}/state"), s => s["pool"]!["commands"]!.GetValue<bool>() && s["pool"]!["leaseToken"]!.GetValue<long>() > 0);

    public Task<JsonNode> StateAsync(string contract = "c1") => GetAsync($"/v1/contracts/{contract}/state");

    public async Task<JsonNode> PutAsync(string path, JsonNode body)
    {
        var (status, answer) = await SendAsync(HttpMethod.Put, path, body.ToJsonString());
        Assert.True((int)status is 200 or 201, $"PUT {path}: {(int)status} {answer}");
        return answer!;
    }

    public async Task<JsonNode> GetAsync(string path)
    {
        var (status, answer) = await SendAsync(HttpMethod.Get, path);
        Assert.True(status == HttpStatusCode.OK, $"GET {path}: {(int)status} {answer}");
        return answer!;
    }

    public async Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(HttpMethod method, string path, string? body = null, string? token = null, string media = "application/json")
    {
        using var client = Service.Client(token ?? Service.Tokens.Operator);
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, media);
        }

        using var answer = await client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length > 0 ? JsonNode.Parse(text) : null);
    }

    /// <summary>Asks until it holds; fails with the last answer.</summary>
    public static Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> holds) => Until.HoldsAsync(ask, holds);

    public static Task UntilAsync(Func<bool> holds) => Until.HoldsAsync(holds);
}
