using System.Net.Http.Json;
using System.Text;
using GridServices.Contracts;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;

namespace GridServices.Hosting.Tests.Relay;

/// <summary>A service with an outbox, and a hub that does what a test says.</summary>
public abstract class RelayRig : IAsyncLifetime
{
    private protected static readonly RelayOptions Quick = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(5),
        LongestPause = TimeSpan.FromMilliseconds(40),
        LookAgain = TimeSpan.FromMilliseconds(50),
        Timeout = Until.Ceiling,
    };

    private protected FakeHub Hub { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Hub = await FakeHub.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected Task<ServiceApp> StartAsync(TestStore? store = null, RelayOptions? options = null) => ServiceApp.StartAsync(
        args => SampleApp.Build(args, builder => builder.Services.Replace(ServiceDescriptor.Singleton(options ?? Quick))),
        store,
        $"--Hub:Url={Hub.Url}",
        "--Hub:Token=hub-token",
        "--Logging:LogLevel:GridServices.Hosting=None");

    private protected static OutboxItem Item(string id, string site) =>
        new(site, Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"{{id}}","subject":"tenants/default/sites/{{site}}"}"""));

    private protected static List<OutboxItem> Items(int count) => [.. Enumerable.Range(0, count).Select(i => Item($"e{i}", $"site-{i % 5}"))];

    private protected static async Task AddAsync(ServiceApp service, IReadOnlyList<OutboxItem> items, bool wake = true)
    {
        var outbox = service.App.Services.GetRequiredService<Outbox>();
        var now = SystemClock.Instance.GetCurrentInstant();
        await service.App.Services.GetRequiredService<Store>().WriteAsync(tx => outbox.AddAsync(tx, items, now));
        if (wake)
        {
            outbox.Wake();
        }
    }

    private protected static async Task EmptyAsync(ServiceApp service)
    {
        var queue = service.App.Services.GetRequiredService<OutboxQueue>();
        await UntilAsync(async () => (await queue.CountAsync(CancellationToken.None)).Pending == 0);
    }

    private protected static async Task<OutboxView> ViewAsync(ServiceApp service)
    {
        using var client = service.Client(service.Tokens.Operator);
        return (await client.GetFromJsonAsync<OutboxView>("/v1/outbox", ContractJson.Options))!;
    }

    private protected static Task UntilAsync(Func<bool> met) => Until.HoldsAsync(met);

    private protected static Task UntilAsync(Func<Task<bool>> met) => Until.HoldsAsync(met, holds => holds);
}
