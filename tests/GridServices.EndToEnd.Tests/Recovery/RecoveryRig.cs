using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.EndToEnd.Tests.Recovery;

/// <summary>The hub, a publisher and a controller, whose stores can be lost, kept and put back while the others go on.</summary>
internal sealed class RecoveryRig : IAsyncDisposable
{
    private readonly int _port = TestPorts.Next();
    private readonly TestTokens _tokens;
    private ServiceApp? _hub;
    private ServiceApp? _publisher;

    private RecoveryRig(Dialect dialect)
    {
        Hub = new BackedUpStore(TestStores.Create(dialect), "envelope-hub");
        Publisher = new BackedUpStore(TestStores.Create(dialect), "recovery-publisher");
        _tokens = new TestTokens(TestFolders.Create());
        Watch = new SiteWatch(Address, _tokens.Controller);
    }

    public BackedUpStore Hub { get; private set; }

    public BackedUpStore Publisher { get; private set; }

    public SiteWatch Watch { get; }

    public ServiceApp PublisherService => _publisher!;

    private Uri Address => new($"http://127.0.0.1:{_port}");

    public static async Task<RecoveryRig> StartAsync(Dialect dialect)
    {
        var rig = new RecoveryRig(dialect);
        await rig.StartHubAsync();
        await rig.StartPublisherAsync();
        return rig;
    }

    public async Task StartHubAsync() => _hub = await ServiceApp.StartAsync(
        EnvelopeHubApp.Build, Hub.Place, Arguments([$"--urls={Address}", "--EnvelopeHub:HeartbeatInterval=00:00:01", "--EnvelopeHub:SettleTime=00:00:05"]));

    public async Task StopHubAsync()
    {
        await _hub!.DisposeAsync();
        _hub = null;
    }

    public async Task StartPublisherAsync() => _publisher = await ServiceApp.StartAsync(
        PublisherApp.Build, Publisher.Place, Arguments([$"--Hub:Url={Address}", $"--Hub:Token={_tokens.Publisher}"]));

    public async Task StopPublisherAsync()
    {
        await _publisher!.DisposeAsync();
        _publisher = null;
    }

    /// <summary>Both are stopped: their stores are moved to PostgreSQL.</summary>
    public async Task MoveAsync()
    {
        Hub = new BackedUpStore(await MovedStore.MoveAsync(EnvelopeHubApp.Build, Hub.Place), "envelope-hub");
        Publisher = new BackedUpStore(await MovedStore.MoveAsync(PublisherApp.Build, Publisher.Place), "recovery-publisher");
    }

    /// <summary>The service has heard its utility: state and envelope in one commit.</summary>
    public async Task SayAsync(long revision, long watts, string stream = "PROG7")
    {
        var services = _publisher!.App.Services;
        var outbox = services.GetRequiredService<Outbox>();
        var now = SystemClock.Instance.GetCurrentInstant();
        var item = services.GetRequiredService<PublisherName>().Item("default", PublisherApp.Limit(stream, revision, watts), now);
        await services.GetRequiredService<Store>().WriteAsync(tx => outbox.AddAsync(tx, [item], now));
        outbox.Wake();
    }

    /// <summary>The service has heard its utility, which has nothing new to say.</summary>
    public void HearUtility() => _publisher!.App.Services.GetRequiredService<PublisherApp.Utility>().IsHeard = true;

    /// <summary>What the publisher tells its operator that the hub did not take.</summary>
    public async Task<IReadOnlyList<ParkedItem>> ParkedAsync()
    {
        using var client = _publisher!.Client(_tokens.Operator);
        return JsonSerializer.Deserialize<OutboxView>(await client.GetStringAsync(new Uri("/v1/outbox", UriKind.Relative)), ContractJson.Options)!.ParkedItems;
    }

    /// <summary>Until the hub states this limit, and says that nothing is missing.</summary>
    public Task UntilInForceAsync(long watts) => UntilAsync($"{watts} W in force", async () =>
    {
        using var client = _hub!.Client(_tokens.Controller);
        using var answer = await client.GetAsync(new Uri($"/v1/sites/{PublisherApp.Site}/effective/now/importLimitW", UriKind.Relative));
        return answer.StatusCode == HttpStatusCode.OK && !answer.Headers.Contains("X-Incomplete")
            && await answer.Content.ReadAsStringAsync() == watts.ToString(CultureInfo.InvariantCulture);
    });

    /// <summary>Until the hub has had a hello of the publisher from after this moment.</summary>
    public Task UntilHeardAsync()
    {
        var now = SystemClock.Instance.GetCurrentInstant();
        return UntilAsync("a hello of the publisher", async () => (await PublishersAsync()).GetProperty("publishers").EnumerateArray()
            .Any(known => known.TryGetProperty("lastHeard", out var heard) && NodaTime.Text.InstantPattern.ExtendedIso.Parse(heard.GetString()!).Value > now));
    }

    public async Task<JsonElement> PublishersAsync()
    {
        using var client = _hub!.Client(_tokens.Operator);
        return JsonDocument.Parse(await client.GetStringAsync(new Uri("/v1/publishers", UriKind.Relative))).RootElement.Clone();
    }

    public async Task<SiteEnvelopes> EnvelopesAsync()
    {
        using var client = _hub!.Client(_tokens.Controller);
        return JsonSerializer.Deserialize<SiteEnvelopes>(await client.GetStringAsync(new Uri($"/v1/sites/{PublisherApp.Site}/envelopes", UriKind.Relative)), ContractJson.Options)!;
    }

    public HttpClient Controller() => _hub!.Client(_tokens.Controller);

    /// <summary>Everything must be right again without a person: within a minute where the machine is free, and there is no such promise where it is not.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> met)
    {
        var clock = Stopwatch.StartNew();
        while (!await met())
        {
            Assert.True(clock.Elapsed < Until.Ceiling, $"not within {Until.Ceiling.TotalSeconds:0} s: {what}");
            await Task.Delay(50);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Watch.DisposeAsync();
        foreach (var app in new[] { _publisher, _hub }.OfType<ServiceApp>())
        {
            await app.DisposeAsync();
        }

        await Hub.DisposeAsync();
        await Publisher.DisposeAsync();
        TestFolders.Remove(Path.GetDirectoryName(_tokens.File)!);
    }

    private string[] Arguments(string[] own) => [$"--Auth:TokensFile={_tokens.File}", "--Logging:LogLevel:Default=Critical", .. own];
}
