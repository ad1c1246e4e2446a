using System.Net.Http.Headers;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service;
using GridServices.Testing.Mqtt;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Adapters.Service.Tests.Rig;

/// <summary>A real hub and a real broker, shared by the tests of a class; each test has a site of its own.</summary>
public sealed class HubAndBroker : IAsyncLifetime
{
    private static int sites;
    private long revision;
    private ServiceApp? hub;

    internal MosquittoProcess Broker { get; private set; } = null!;

    internal Uri Hub => hub!.Address;

    internal string TokenFile { get; private set; } = string.Empty;

    public async ValueTask InitializeAsync()
    {
        hub = await StartHubAsync();
        Broker = await MosquittoProcess.StartAsync();
        TokenFile = Path.Combine(Path.GetDirectoryName(hub.Tokens.File)!, "controller.token");
        await File.WriteAllTextAsync(TokenFile, hub.Tokens.Controller + "\n");
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        await hub!.DisposeAsync();
    }

    internal static string NewSite() => $"site-{Interlocked.Increment(ref sites)}";

    internal static Task<ServiceApp> StartHubAsync() =>
        ServiceApp.StartAsync(EnvelopeHubApp.Build, null, "--EnvelopeHub:SettleTime=00:00:00", "--EnvelopeHub:HeartbeatInterval=00:00:00.2");

    /// <summary>States the stream's limits from long ago on, with a rule for silence or without one.</summary>
    internal Task<Guid> StateAsync(string site, Limits limits, Failsafe? failsafe = null, EnvelopeTarget? target = null) =>
        StateAsync(hub!, site, limits, failsafe, Interlocked.Increment(ref revision), target);

    internal static async Task<Guid> StateAsync(ServiceApp hub, string site, Limits limits, Failsafe? failsafe, long revision, EnvelopeTarget? target = null)
    {
        var envelope = new Envelope
        {
            EnvelopeId = Guid.CreateVersion7(),
            Revision = revision,
            SiteId = site,
            Target = target ?? new EnvelopeTarget(TargetKind.Site, site),
            Stream = new StreamId("openadr", "PROG7"),
            Tier = Tier.Contractual,
            Obligation = Obligation.Mandatory,
            Segments = [new Segment { From = Instant.FromUtc(2020, 1, 1, 0, 0), Until = null, Limits = limits }],
            Failsafe = failsafe,
            Provenance = new Provenance { Protocol = "OpenADR 2.0b", Authority = "VTN-1" },
        };
        await PostAsync(hub, CloudEvents.Wrap(envelope, "/gridservices/openadr/1", "default", Guid.NewGuid().ToString(), Instant.FromUtc(2026, 1, 1, 0, 0)));
        return envelope.EnvelopeId;
    }

    internal Task WithdrawAsync(string site) => PostAsync(hub!, CloudEvents.Wrap(
        new Withdrawal { SiteId = site, Target = new EnvelopeTarget(TargetKind.Site, site), Stream = new StreamId("openadr", "PROG7"), Revision = Interlocked.Increment(ref revision) },
        "/gridservices/openadr/1",
        "default",
        Guid.NewGuid().ToString(),
        Instant.FromUtc(2026, 1, 1, 0, 0)));

    /// <summary>What was acknowledged for a site.</summary>
    internal async Task<IReadOnlyList<Receipt>> ReceiptsAsync(string site)
    {
        using var client = hub!.Client(hub.Tokens.Operator);
        var answer = await client.GetStringAsync(new Uri($"/v1/sites/{site}/receipts", UriKind.Relative));
        return [.. JsonSerializer.Deserialize<SiteReceipts>(answer, ContractJson.Options)!.Items.Select(item => item.Receipt)];
    }

    private static async Task PostAsync<T>(ServiceApp hub, CloudEvent<T> cloudEvent)
        where T : class
    {
        using var client = hub.Client(hub.Tokens.Publisher);
        using var body = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new[] { cloudEvent }, ContractJson.Options));
        body.Headers.ContentType = MediaTypeHeaderValue.Parse(CloudEventTypes.BatchMediaType);
        using var answer = await client.PostAsync("/v1/envelopes", body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode && text.Contains("accepted", StringComparison.Ordinal), text);
    }
}
