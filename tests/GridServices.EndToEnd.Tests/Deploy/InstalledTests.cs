using System.Net;
using System.Net.Http.Headers;
using System.Text;
using GridServices.Testing;

namespace GridServices.EndToEnd.Tests.Deploy;

/// <summary>What docs/operations.md has people do, done by a systemd: install, upgrade under a live event, take it back, restore yesterday's copy.</summary>
public sealed class InstalledTests : IAsyncLifetime
{
    private const string Limit = "5000";
    private readonly HttpClient _http = new(TestConnections.Create()) { Timeout = Until.Ceiling };
    private readonly Guid _envelope = Guid.CreateVersion7();
    private SystemdBox _box = null!;

    public async ValueTask InitializeAsync() => _box = await SystemdBox.StartAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_box is not null)
        {
            await _box.DisposeAsync();
        }
    }

    [Fact]
    public async Task Every_service_comes_up_under_its_hardened_unit_and_is_alive()
    {
        var services = DeployedService.All.Where(service => service.Port is not null).ToList();
        await InstallAsync("1.0", services);
        var ports = services.ToDictionary(service => service.Name, _ => TestPorts.Next(), StringComparer.Ordinal);
        await MoveAsync(ports);
        await _box.DoAsync("systemctl", "start", "gridservices.target");
        foreach (var (name, port) in ports)
        {
            await Until.HoldsAsync(async () => (await _box.RunAsync("systemctl", "is-active", $"gridservices-{name}.service")).Text.Trim(), state => state == "active", () => Task.FromResult(_box.Logs()));
            using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{port}/health/live"));
            Assert.True(answer.StatusCode == HttpStatusCode.OK, _box.Logs());
        }

        // Nothing but the service's own state is to be seen by it, and root's settings by nobody.
        var process = (await _box.DoAsync("systemctl", "show", "--property=MainPID", "--value", "gridservices-tariffs.service")).Trim();
        var seen = await _box.DoAsync("nsenter", "-t", process, "-m", "ls", "/var/lib/gridservices");
        Assert.Equal("tariffs", seen.Trim());
        Assert.Equal("600", (await _box.DoAsync("stat", "-c", "%a", "/etc/gridservices/tariffs.json")).Trim());
        await _box.DoAsync("systemctl", "stop", "gridservices.target");
        await Until.HoldsAsync(async () => (await _box.RunAsync("systemctl", "is-active", "gridservices-tariffs.service")).Text.Trim(), state => state == "inactive");
    }

    [Fact]
    public async Task Under_a_live_event_an_upgrade_a_bad_one_a_rollback_and_a_restored_copy_never_read_looser()
    {
        var hub = DeployedService.Get("envelope-hub");
        await InstallAsync("1.0", [hub]);
        var port = TestPorts.Next();
        await MoveAsync(new Dictionary<string, int>(StringComparer.Ordinal) { [hub.Name] = port });
        await _box.DoAsync("systemctl", "start", "gridservices.target");
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await _box.DoAsync("cat", "/etc/gridservices/operator.token")).Trim());
        var site = new Uri($"http://127.0.0.1:{port}/v1/sites/site-1/effective/now/importLimitW");
        await PublishAsync(port);
        await InForceAsync(site);
        using var watch = new LooserLimits(site, _http.DefaultRequestHeaders.Authorization, Limit);

        await ReleaseAsync("1.1", [hub]);
        await InBoxAsync("1.1", "install.sh", "upgrade");
        Assert.Contains("version 1.1", await InBoxAsync("1.1", "install.sh", "status"), StringComparison.Ordinal);
        await InForceAsync(site);

        await BadReleaseAsync("1.2", hub);
        var bad = await _box.RunAsync($"{SystemdBox.Inside}/1.2/deploy/install.sh", "upgrade");
        Assert.Equal(1, bad.Code);
        Assert.Contains("Version 1.1 runs again", bad.Text, StringComparison.Ordinal);
        await InForceAsync(site);

        await _box.DoAsync("/opt/gridservices/current/deploy/install.sh", "rollback");
        Assert.Contains("version 1.0", await InBoxAsync("1.1", "install.sh", "status"), StringComparison.Ordinal);
        await InForceAsync(site);

        await InBoxAsync("1.1", "backup.sh", "restore", "envelope-hub", "--from", "/var/backups/gridservices/before-1.1");
        // Yesterday's copy: another history, and so nothing counts as known until the publisher has said its word again.
        await Until.HoldsAsync(() => StatusAsync(_http, site), status => status == HttpStatusCode.ServiceUnavailable);
        await Until.HoldsAsync(async () => (await _box.RunAsync("systemctl", "is-active", "gridservices-envelope-hub.service")).Text.Trim(), state => state == "active");
        await PublishAsync(port);
        await InForceAsync(site);
        Assert.Equal([], await watch.LooserAsync());
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, Uri site)
    {
        try
        {
            using var answer = await http.GetAsync(site);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return HttpStatusCode.ServiceUnavailable;
        }
    }

    private async Task InForceAsync(Uri site)
    {
        await Until.HoldsAsync(() => StatusAsync(_http, site), status => status == HttpStatusCode.OK, () => Task.FromResult(_box.Logs()));
        Assert.Equal(Limit, await _http.GetStringAsync(site));
    }

    private async Task PublishAsync(int port)
    {
        var envelope = $$"""
            { "specversion": "1.0", "id": "e-1", "source": "/gridservices/openadr/1", "type": "gridservices.envelope.published.v1", "subject": "tenants/default/sites/site-1", "time": "2027-01-15T18:00:00Z",
              "datacontenttype": "application/json", "data": { "envelopeId": "{{_envelope}}", "revision": 1, "siteId": "site-1", "target": { "kind": "site", "id": "site-1" },
              "stream": { "service": "openadr", "key": "P" }, "tier": "contractual", "obligation": "mandatory",
              "segments": [ { "from": "2020-01-01T00:00:00Z", "until": null, "limits": { "importLimitW": {{Limit}} } } ], "provenance": { "protocol": "OpenADR 2.0b", "authority": "VTN-1" } } }
            """;
        using var body = new StringContent(envelope, Encoding.UTF8, "application/cloudevents+json");
        using var answer = await _http.PostAsync(new Uri($"http://127.0.0.1:{port}/v1/envelopes"), body);
        var said = await answer.Content.ReadAsStringAsync();
        Assert.True(said.Contains("accepted", StringComparison.Ordinal) || said.Contains("duplicate", StringComparison.Ordinal), said);
    }

    private async Task InstallAsync(string version, IReadOnlyList<DeployedService> services)
    {
        await ReleaseAsync(version, services);
        await InBoxAsync(version, "install.sh", "install", "--no-start", "--services", string.Join(' ', services.Select(service => service.Name)));
    }

    private Task<string> InBoxAsync(string version, string script, params string[] arguments) => _box.DoAsync([$"{SystemdBox.Inside}/{version}/deploy/{script}", .. arguments]);

    /// <summary>Other ports than the usual ones, as a person would write them into the settings.</summary>
    private async Task MoveAsync(IReadOnlyDictionary<string, int> ports)
    {
        foreach (var (name, port) in ports)
        {
            var file = Path.Combine(_box.Outside, "etc", "gridservices", $"{name}.json");
            var settings = await File.ReadAllTextAsync(file);
            foreach (var (other, moved) in ports)
            {
                settings = settings.Replace($"127.0.0.1:{DeployedService.Get(other).Port}\"", $"127.0.0.1:{moved}\"", StringComparison.Ordinal);
            }

            Assert.Contains($"127.0.0.1:{port}\"", settings, StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, settings);
        }
    }

    /// <summary>A release folder as <c>install.sh build</c> makes it, of the programs that these tests were built with.</summary>
    private async Task ReleaseAsync(string version, IReadOnlyList<DeployedService> services)
    {
        var release = Directory.CreateDirectory(Path.Combine(_box.Outside, version)).FullName;
        await File.WriteAllTextAsync(Path.Combine(release, "VERSION"), version + "\n");
        foreach (var service in services)
        {
            await CopyAsync(service.Built, Path.Combine(release, service.Name));
        }

        Directory.CreateDirectory(Path.Combine(release, "deploy"));
        foreach (var part in new[] { "install.sh", "backup.sh", "systemd" })
        {
            await CopyAsync(DeployedService.Folder(part), Path.Combine(release, "deploy", part));
        }
    }

    private async Task BadReleaseAsync(string version, DeployedService service)
    {
        await ReleaseAsync(version, [service]);
        File.Delete(Path.Combine(_box.Outside, version, service.Name, "GridServices.Contracts.dll"));
    }

    private static async Task CopyAsync(string from, string to)
    {
        var said = await Tool.RunAsync("coreutils", "cp", ["-r", from, to]);
        Assert.True(said.Code == 0, said.Text);
    }
}
