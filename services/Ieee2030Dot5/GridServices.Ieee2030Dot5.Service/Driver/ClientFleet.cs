using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Service.Storage;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>All clients of this process, each with its own loop on the shared thread pool.</summary>
internal sealed partial class ClientFleet(ClientShell shell, ClientStore store, ILogger<ClientFleet> log) : IHostedService, IDisposable
{
    private const int NotificationIdBytes = 24;
    private static readonly TimeSpan StartSpacing = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<ClientId, Running> _clients = new();
    private readonly SemaphoreSlim _registry = new(1, 1);
    private readonly CancellationTokenSource _ending = new();
    private volatile Index _index = Index.Empty;

    public IEnumerable<ClientLoop> Loops => _clients.Values.Select(r => r.Loop);

    public IEnumerable<ClientView> Views => Loops.Select(l => l.View);

    /// <summary>True once the stored clients are taken up.</summary>
    public bool IsLoaded { get; private set; }

    public bool TryGet(ClientId id, [NotNullWhen(true)] out ClientLoop? loop)
    {
        loop = _clients.TryGetValue(id, out var running) ? running.Loop : null;
        return loop is not null;
    }

    public IEnumerable<ClientLoop> OfSite(string tenant, string siteId) => _index.Sites[(tenant, siteId)];

    /// <summary>Null where no client is notified under this id.</summary>
    public ClientLoop? OfNotification(string id) => _index.Notifications.GetValueOrDefault(id);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var stored = await store.LoadAsync(cancellationToken);
        var spread = Math.Min(LongestStart.TotalMilliseconds, stored.Count * StartSpacing.TotalMilliseconds);
        foreach (var client in stored)
        {
            var loop = new ClientLoop(shell, client, isStored: true);

            // A reply that was received but not committed when the process died is lost to us: read everything anew.
            loop.Offer(new ClientWork.Take(new DerInput.Started(), null));

            // Spread out, so that a restart of a thousand clients does not fall upon the server at once.
            Run(loop, TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(0, 1 + (int)spread)));
        }

        Reindex();
        IsLoaded = true;
        LogLoaded(stored.Count);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_clients.Values.Select(r => r.Task)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <returns>True where the client is new.</returns>
    /// <exception cref="RefusedException">Another client speaks for one of the sites.</exception>
    /// <exception cref="StoreUnavailableException">Nothing is changed.</exception>
    public async Task<bool> PutAsync(ClientId id, DerClientConfig config, CancellationToken ct)
    {
        var done = NewAnswer();
        var isNew = await ClaimAsync(id, config, done, ct);
        try
        {
            await AnswerAsync(id, done);
        }
        catch (Exception) when (isNew)
        {
            await EndAsync(id);
            throw;
        }
        finally
        {
            Reindex();
        }

        return isNew;
    }

    /// <returns>False where there is no such client.</returns>
    public async Task<bool> DeleteAsync(ClientId id)
    {
        var done = NewAnswer();
        if (!TryGet(id, out var loop) || !loop.Offer(new ClientWork.Remove(done)))
        {
            return false;
        }

        await AnswerAsync(id, done);
        await EndAsync(id);
        Reindex();
        return true;
    }

    /// <summary>Hands an input to a client and waits until it is applied and stored.</summary>
    public static Task<IReadOnlyList<DerNote>> SubmitAsync(ClientLoop loop, DerInput input)
    {
        var done = NewAnswer();
        return loop.Offer(new ClientWork.Take(input, done)) ? AnswerAsync(loop.Id, done) : throw BeingDeleted(loop.Id);
    }

    public void Dispose()
    {
        _ending.Dispose();
        _registry.Dispose();
        foreach (var running in _clients.Values)
        {
            running.Dispose();
        }
    }

    private static TaskCompletionSource<IReadOnlyList<DerNote>> NewAnswer() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task<IReadOnlyList<DerNote>> AnswerAsync(ClientId id, TaskCompletionSource<IReadOnlyList<DerNote>> done)
    {
        try
        {
            return await done.Task;
        }
        catch (OperationCanceledException)
        {
            throw BeingDeleted(id);
        }
    }

    private static RefusedException BeingDeleted(ClientId id) => new(ErrorClass.Conflict, $"The client '{id.Key}' is being deleted, or the service ends; try again.");

    /// <summary>One at a time: whoever claims a site is seen by the next. Waiting for the client itself comes after, so that one holds up no other.</summary>
    private async Task<bool> ClaimAsync(ClientId id, DerClientConfig config, TaskCompletionSource<IReadOnlyList<DerNote>> done, CancellationToken ct)
    {
        await _registry.WaitAsync(ct);
        try
        {
            DemandOwnSites(id, config);
            if (TryGet(id, out var held))
            {
                return held.Offer(new ClientWork.Configure(config, done)) ? false : throw BeingDeleted(id);
            }

            var former = (await store.LeftBehindAsync(id.Tenant, ct)).Concat(Views.Where(v => v.Id.Tenant == id.Tenant).Select(v => v.State));
            var notificationId = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NotificationIdBytes));
            var loop = new ClientLoop(shell, new StoredClient(id, config, notificationId, null, Inheritance.Of(config, former)), isStored: false);
            loop.Offer(new ClientWork.Configure(config, done));
            Run(loop, TimeSpan.Zero);
            return true;
        }
        finally
        {
            _registry.Release();
        }
    }

    private void Run(ClientLoop loop, TimeSpan startAfter)
    {
        var ending = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        _clients[loop.Id] = new Running(loop, ending, Task.Run(() => loop.RunAsync(startAfter, ending.Token), CancellationToken.None));
    }

    private async Task EndAsync(ClientId id)
    {
        if (_clients.TryRemove(id, out var running))
        {
            await running.Ending.CancelAsync();
            await running.Task;
            running.Dispose();
        }
    }

    private void Reindex() => _index = new Index(
        Loops.SelectMany(l => l.View.Config.AllDevices().Select(d => (Key: (l.Id.Tenant, d.SiteId), Loop: l))).ToLookup(x => x.Key, x => x.Loop),
        Loops.ToDictionary(l => l.View.NotificationId, StringComparer.Ordinal));

    /// <summary>Two clients that spoke for one site would overwrite each other's streams.</summary>
    private void DemandOwnSites(ClientId id, DerClientConfig config)
    {
        var own = config.AllDevices().Select(d => d.SiteId).ToHashSet(StringComparer.Ordinal);
        foreach (var other in Loops.Where(c => c.Id != id && c.Id.Tenant == id.Tenant))
        {
            if (other.Claims.SelectMany(c => c.AllDevices()).FirstOrDefault(d => own.Contains(d.SiteId)) is { } shared)
            {
                throw new RefusedException(
                    ErrorClass.Conflict,
                    $"The client '{other.Id.Key}' already speaks for site '{shared.SiteId}'. Give this client another site, or delete the other client.",
                    "/siteId");
            }
        }
    }

    [LoggerMessage(EventId = 5120, Level = LogLevel.Information, Message = "{Count} clients taken up")]
    private partial void LogLoaded(int count);

    private sealed record Index(ILookup<(string Tenant, string Site), ClientLoop> Sites, IReadOnlyDictionary<string, ClientLoop> Notifications)
    {
        public static Index Empty { get; } = new(
            Array.Empty<ClientLoop>().ToLookup(_ => (string.Empty, string.Empty)), new Dictionary<string, ClientLoop>(StringComparer.Ordinal));
    }

    private sealed record Running(ClientLoop Loop, CancellationTokenSource Ending, Task Task) : IDisposable
    {
        public void Dispose()
        {
            Ending.Dispose();
            Loop.Dispose();
        }
    }
}
