using System.Globalization;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests.Nodes;

/// <summary>Two hubs in cluster mode on one PostgreSQL schema, in this process.</summary>
public sealed class TwoHubs : IAsyncLifetime
{
    private readonly List<ServiceApp> _apps = [];

    internal TestStore Place { get; } = TestStores.Create(Dialect.PostgreSql, typeof(EnvelopeHubApp).Assembly);

    internal ServiceApp A => _apps[0];

    internal ServiceApp B => _apps[1];

    internal IReadOnlyList<ServiceApp> All => _apps;

    /// <summary>What a hub is started with besides its store: where looks are held up, or the machine is busy, no line is cut for it unless a test says otherwise.</summary>
    internal static string[] Arguments(TestStore store, params string[] further) =>
        [$"--Cluster:PostgreSql={store.Options.PostgreSql}", "--EnvelopeHub:SettleTime=00:00:00", "--EnvelopeHub:UnseenFor=00:05:00", .. further];

    public async ValueTask InitializeAsync()
    {
        await StartAsync();
        await StartAsync();
    }

    internal Task<ServiceApp> StartAsync() => StartAsync([]);

    internal async Task<ServiceApp> StartAsync(params string[] further)
    {
        _apps.Add(await ServiceApp.StartAsync(EnvelopeHubApp.Build, Place, Arguments(Place, further)));
        return _apps[^1];
    }

    internal static HttpClient Client(ServiceApp hub, string token)
    {
        var client = hub.Client(token);
        client.Timeout = Until.Ceiling;
        return client;
    }

    internal static async Task<IReadOnlyList<PublishResult>> PublishAsync(ServiceApp hub, params byte[][] events)
    {
        using var client = Client(hub, hub.Tokens.Publisher);
        using var answer = await client.PostAsync(new Uri("/v1/envelopes", UriKind.Relative), HubUnderTest.Batch(events));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await HubUnderTest.ReadAsync<PublishAnswer>(answer)).Results;
    }

    internal static Task<SseReader> SubscribeAsync(ServiceApp hub, string site, string? lastEventId = null) =>
        SseReader.OpenAsync(Client(hub, hub.Tokens.Controller), $"/v1/sites/{site}/stream", lastEventId);

    internal static async Task<PublisherAnswer> HelloAsync(ServiceApp hub, PublisherHello hello)
    {
        using var client = Client(hub, hub.Tokens.Publisher);
        using var answer = await client.PostAsync(new Uri("/v1/publishers", UriKind.Relative), HubUnderTest.Json(hello));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await HubUnderTest.ReadAsync<PublisherAnswer>(answer);
    }

    /// <summary>The limit that a hub tells, once it is this one.</summary>
    internal static async Task UntilLimitAsync(ServiceApp hub, string site, long watts)
    {
        using var client = Client(hub, hub.Tokens.Controller);
        await Until.HoldsAsync(
            async () =>
            {
                using var answer = await client.GetAsync(new Uri($"/v1/sites/{site}/effective/now/importLimitW", UriKind.Relative));
                return await answer.Content.ReadAsStringAsync();
            },
            text => text == watts.ToString(CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }

        await Place.DisposeAsync();
    }
}
