using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.OpenAdr.Service.Storage;

namespace GridServices.OpenAdr.Service.Driver;

/// <summary>All VENs of this process, each with its own loop.</summary>
internal sealed partial class VenFleet(VenShell shell, VenStore store, ILogger<VenFleet> log) : IHostedService, IDisposable
{
    private static readonly TimeSpan StartSpacing = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<VenId, Running> _vens = new();
    private readonly SemaphoreSlim _registry = new(1, 1);
    private readonly CancellationTokenSource _ending = new();
    private volatile ILookup<(string Tenant, string Site), VenLoop> _bySite = Array.Empty<VenLoop>().ToLookup(_ => (string.Empty, string.Empty));

    public IEnumerable<VenLoop> Loops => _vens.Values.Select(r => r.Loop);

    public IEnumerable<VenView> Views => Loops.Select(l => l.View);

    /// <summary>True once the stored VENs are taken up.</summary>
    public bool IsLoaded { get; private set; }

    public bool TryGet(VenId id, [NotNullWhen(true)] out VenLoop? loop)
    {
        loop = _vens.TryGetValue(id, out var running) ? running.Loop : null;
        return loop is not null;
    }

    public IEnumerable<VenLoop> OfSite(string tenant, string siteId) => _bySite[(tenant, siteId)];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var stored = await store.LoadAsync(cancellationToken);
        var spread = Math.Min(LongestStart.TotalMilliseconds, stored.Count * StartSpacing.TotalMilliseconds);
        foreach (var ven in stored)
        {
            var loop = new VenLoop(shell, ven, isStored: true);

            // A message that was received but not committed when the process died is lost to us and told by the VTN: ask for all events anew.
            if (ven.State.Registration is not null)
            {
                loop.Offer(new VenWork.Take(new VenInput.OperatorAction(VenAction.RequestEvents), null));
            }

            // Spread out, so that a restart of thousands of VENs does not fall upon the VTN at once.
            Run(loop, TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(0, 1 + (int)spread)));
        }

        IndexSites();
        IsLoaded = true;
        LogLoaded(stored.Count);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_vens.Values.Select(r => r.Task)).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <returns>True where the VEN is new.</returns>
    /// <exception cref="RefusedException">Another VEN publishes one of the streams at one of the sites.</exception>
    /// <exception cref="StoreUnavailableException">Nothing is changed.</exception>
    public async Task<bool> PutAsync(VenId id, VenConfig config, CancellationToken ct)
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
            IndexSites();
        }

        return isNew;
    }

    /// <returns>False where there is no such VEN.</returns>
    public async Task<bool> DeleteAsync(VenId id)
    {
        var done = NewAnswer();
        if (!TryGet(id, out var loop) || !loop.Offer(new VenWork.Remove(done)))
        {
            return false;
        }

        await AnswerAsync(id, done);
        await EndAsync(id);
        IndexSites();
        return true;
    }

    /// <summary>Hands an input to a VEN and waits until it is applied and stored.</summary>
    public static Task<IReadOnlyList<VenNote>> SubmitAsync(VenLoop loop, VenInput input)
    {
        var done = NewAnswer();
        return loop.Offer(new VenWork.Take(input, done)) ? AnswerAsync(loop.Id, done) : throw BeingDeleted(loop.Id);
    }

    public void Dispose()
    {
        _ending.Dispose();
        _registry.Dispose();
        foreach (var running in _vens.Values)
        {
            running.Dispose();
        }
    }

    private static TaskCompletionSource<IReadOnlyList<VenNote>> NewAnswer() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task<IReadOnlyList<VenNote>> AnswerAsync(VenId id, TaskCompletionSource<IReadOnlyList<VenNote>> done)
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

    private static RefusedException BeingDeleted(VenId id) => new(ErrorClass.Conflict, $"The VEN '{id.Key}' is being deleted, or the service ends; try again.");

    /// <summary>One at a time: whoever claims a stream is seen by the next. Waiting for the VEN itself comes after, so that one VEN holds up no other.</summary>
    private async Task<bool> ClaimAsync(VenId id, VenConfig config, TaskCompletionSource<IReadOnlyList<VenNote>> done, CancellationToken ct)
    {
        await _registry.WaitAsync(ct);
        try
        {
            DemandOwnStreams(id, config);
            if (TryGet(id, out var held))
            {
                return held.Offer(new VenWork.Configure(config, done)) ? false : throw BeingDeleted(id);
            }

            var left = await store.LeftBehindAsync(id, ct);
            var loop = new VenLoop(shell, new StoredVen(id, config, left.Start()), isStored: false);
            loop.Offer(new VenWork.Configure(config, done));
            Run(loop, TimeSpan.Zero);
            return true;
        }
        finally
        {
            _registry.Release();
        }
    }

    private void Run(VenLoop loop, TimeSpan startAfter)
    {
        var ending = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        _vens[loop.Id] = new Running(loop, ending, Task.Run(() => loop.RunAsync(startAfter, ending.Token), CancellationToken.None));
    }

    private async Task EndAsync(VenId id)
    {
        if (_vens.TryRemove(id, out var running))
        {
            await running.Ending.CancelAsync();
            await running.Task;
            running.Dispose();
        }
    }

    private void IndexSites() => _bySite = Loops
        .SelectMany(l => l.View.Config.AllSites().Select(s => (Key: (l.Id.Tenant, s.SiteId), Loop: l)))
        .ToLookup(x => x.Key, x => x.Loop);

    /// <summary>Two VENs that wrote to one stream at one site would overwrite each other's schedule.</summary>
    private void DemandOwnStreams(VenId id, VenConfig config)
    {
        var own = Streams(config).ToHashSet();
        foreach (var other in Loops.Where(v => v.Id != id && v.Id.Tenant == id.Tenant))
        {
            var shared = other.Claims.SelectMany(Streams).FirstOrDefault(own.Contains);
            if (shared != default)
            {
                throw new RefusedException(
                    ErrorClass.Conflict,
                    $"The VEN '{other.Id.Key}' already publishes stream {shared.Stream} at site {shared.Site}. Give this VEN's program another stream, or delete the other VEN.",
                    "/programs");
            }
        }
    }

    private static IEnumerable<(string Site, string Stream)> Streams(VenConfig config) =>
        config.AllSites().SelectMany(s => config.Programs.Select(p => (s.SiteId, p.Stream)));

    [LoggerMessage(EventId = 5120, Level = LogLevel.Information, Message = "{Count} VENs taken up")]
    private partial void LogLoaded(int count);

    private sealed record Running(VenLoop Loop, CancellationTokenSource Ending, Task Task) : IDisposable
    {
        public void Dispose()
        {
            Ending.Dispose();
            Loop.Dispose();
        }
    }
}
