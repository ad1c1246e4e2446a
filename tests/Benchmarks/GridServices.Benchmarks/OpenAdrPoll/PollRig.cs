using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace GridServices.Benchmarks.OpenAdrPoll;

/// <summary>Service and VTN as processes of their own, and a hub in this one that takes everything and notes when.</summary>
internal sealed class PollRig : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gridservices-openadr-poll-");
    private readonly ConcurrentDictionary<string, TaskCompletionSource<long>> _seen = new(StringComparer.Ordinal);
    private readonly int _venPort = FreePort();
    private readonly int _vtnPort = FreePort();
    private readonly int _vtnTlsPort = FreePort();
    private string? _algorithm;
    private WebApplication? _hub;
    private Process? _ven;
    private Process? _vtn;

    public TimeSpan Cpu
    {
        get
        {
            _ven!.Refresh();
            return _ven.TotalProcessorTime;
        }
    }

    public string Memory => ProcessMemory.Family(_ven!.Id)[0] is var (_, kib, pss) ? $"{kib / 1024} MiB resident, {pss / 1024} MiB proportional" : string.Empty;

    /// <summary>Where the VTN answers plain HTTP.</summary>
    public Uri Vtn => new($"http://127.0.0.1:{_vtnPort}/OpenADR2/Simple/2.0b");

    /// <param name="algorithm">rsa or ec: VENs reach the VTN over TLS with client certificates of that kind, and both sign their messages; null: plain HTTP.</param>
    public static async Task<PollRig> StartAsync(string? algorithm = null)
    {
        var rig = new PollRig { _algorithm = algorithm };
        var hub = await rig.StartHubAsync();
        rig._vtn = await rig.StartVtnAsync();
        rig._ven = Start(
            "services/OpenAdr/GridServices.OpenAdr.Service",
            $"--urls=http://127.0.0.1:{rig._venPort}",
            "--Auth:AllowAnonymous=true",
            $"--Storage:Path={rig._folder.FullName}",
            $"--Hub:Url={hub}",
            "--Hub:Token=none",
            "--Logging:LogLevel:Default=Error");
        await rig.ReadyAsync();
        return rig;
    }

    /// <summary>Puts VENs, each for a site of its own, waits until all are registered, and returns how long each PUT took in milliseconds, shortest first.</summary>
    public async Task<IReadOnlyList<double>> EnrollAsync(int vens, string pollInterval)
    {
        var times = new List<double>(vens);
        for (var i = 0; i < vens; i++)
        {
            using var content = Json(Configuration(i, pollInterval));
            var clock = Stopwatch.StartNew();
            using var answer = await _http.PutAsync(new Uri($"http://127.0.0.1:{_venPort}/v1/vens/ven-{i}"), content);
            times.Add(clock.Elapsed.TotalMilliseconds);
            answer.EnsureSuccessStatusCode();
        }

        while (await RegisteredAsync() < vens)
        {
            await Task.Delay(250);
        }

        times.Sort();
        return times;
    }

    public async Task<long> PollsAsync()
    {
        var metrics = await _http.GetStringAsync(new Uri($"http://127.0.0.1:{_venPort}/metrics"));
        var line = metrics.Split('\n').FirstOrDefault(l => l.StartsWith("openadr_polls_total", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
    }

    /// <summary>Issues an event and waits for its envelope.</summary>
    public async Task<TimeSpan> IssueAsync(string eventId)
    {
        var seen = _seen[eventId] = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var content = Json($$"""
            { "eventId": "{{eventId}}", "start": "+PT{{60 + (10 * _seen.Count)}}M",
              "signals": [ { "name": "SIMPLE", "type": "level", "intervals": [ { "duration": "PT5M", "value": 1 } ] } ] }
            """);
        var issued = Stopwatch.GetTimestamp();
        using var answer = await _http.PostAsync(new Uri($"http://127.0.0.1:{_vtnPort}/sim/events"), content);
        answer.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(issued, await seen.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _ven, _vtn }.OfType<Process>())
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        await _hub!.DisposeAsync();
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private string Configuration(int i, string pollInterval) => $$"""
        { "vtnUrl": "{{(_algorithm is null ? Vtn : new Uri($"https://127.0.0.1:{_vtnTlsPort}/OpenADR2/Simple/2.0b"))}}", "venName": "ven-{{i}}", "siteId": "site-{{i}}", "pollInterval": "{{pollInterval}}", "pollFloor": "PT0.001S",
          "profile": {{(_algorithm is null ? "{}" : Profile())}},
          "programs": [ { "defaultPolicy": true, "stream": "PROG7", "signals": { "SIMPLE": { "levels": { "1": { "importLimitW": 60000 } } } } } ] }
        """;

    private string Profile() => $$"""
        { "clientCertificate": "{{Pki($"ven-{_algorithm}.crt")}}", "clientKey": "{{Pki($"ven-{_algorithm}.key")}}", "trustedRoots": "{{Pki("ca.crt")}}", "signatures": "require" }
        """;

    private string Pki(string file) => Path.Combine(_folder.FullName, "pki", file);

    private async Task<Process> StartVtnAsync()
    {
        const string project = "tests/Simulators/GridServices.Simulators.Vtn";
        List<string> arguments = ["--http", $"127.0.0.1:{_vtnPort}", "--quiet", "--poll-freq", "PT0S"];
        if (_algorithm is not null)
        {
            using var pki = Start(project, "pki", "--out", Pki(string.Empty));
            await pki.WaitForExitAsync();
            arguments.AddRange(["--https", $"127.0.0.1:{_vtnTlsPort}", "--cert", Pki($"vtn-{_algorithm}.crt"), "--key", Pki($"vtn-{_algorithm}.key"), "--ca", Pki("ca.crt"), "--sign"]);
        }

        return Start(project, [.. arguments]);
    }

    private async Task<int> RegisteredAsync() =>
        JsonNode.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{_venPort}/v1/vens")))!.AsArray().Count(v => v!["state"]!.GetValue<string>() == "registered");

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private static Process Start(string project, params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", ["exec", BuiltPrograms.Path(project), .. arguments]) { UseShellExecute = false })!;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<string> StartHubAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _hub = builder.Build();
        _hub.MapPost("/v1/envelopes", TakeAsync);
        _hub.MapPost("/v1/upstream-health", () => Results.NoContent());
        _hub.MapGet("/v1/feedback", FeedAsync);
        await _hub.StartAsync();
        return _hub.Urls.First();
    }

    private async Task TakeAsync(HttpContext http)
    {
        var body = (await JsonNode.ParseAsync(http.Request.Body))!;
        var now = Stopwatch.GetTimestamp();
        var items = body as JsonArray ?? new JsonArray(body.DeepClone());
        var text = items.ToJsonString();
        foreach (var (eventId, seen) in _seen.Where(s => text.Contains($"\"eventId\":\"{s.Key}\"", StringComparison.Ordinal)))
        {
            seen.TrySetResult(now);
        }

        var results = new JsonArray([.. items.Select(i => new JsonObject { ["id"] = i!["id"]!.GetValue<string>(), ["status"] = "accepted", ["sequence"] = "1" })]);
        await Results.Json(new JsonObject { ["results"] = results }).ExecuteAsync(http);
    }

    /// <summary>A stream on which nothing comes.</summary>
    private static async Task FeedAsync(HttpContext http)
    {
        http.Response.ContentType = "text/event-stream";
        await http.Response.StartAsync();
        await Task.Delay(Timeout.Infinite, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ReadyAsync()
    {
        for (var attempt = 0; attempt < 400; attempt++)
        {
            try
            {
                using var ven = await _http.GetAsync(new Uri($"http://127.0.0.1:{_venPort}/health/ready"));
                using var vtn = await _http.GetAsync(new Uri($"http://127.0.0.1:{_vtnPort}/sim/vens"));
                if (ven.IsSuccessStatusCode && vtn.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not up yet.
            }

            await Task.Delay(50);
        }

        throw new InvalidOperationException("service or VTN did not come up");
    }
}
