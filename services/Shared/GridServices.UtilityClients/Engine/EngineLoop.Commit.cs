using System.Data.Common;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>What goes to disk before anything of it shows, however long the store is away.</summary>
public sealed partial class EngineLoop<TView, TConfig, TState, TInput, TKind>
{
    /// <summary>
    /// State, journal and publications in one transaction; only then does anything of it show. Once it may be on disk nobody's patience ends it, only the
    /// loop's own end: what came next would begin from the state before.
    /// </summary>
    private async Task CommitAsync(EngineStep<TState, TKind> step, bool patient, Func<DbTransaction, Task>? also, Instant now, CancellationToken ct)
    {
        var items = _with.Publisher.Items(Id, step.Publications, now);
        var mayBeStored = false;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _disk.WriteAsync(step.State, items, also, now, mayBeStored ? _ending : ct);
                break;
            }
            catch (Exception e) when (IsWrittenAgain(e, patient, mayBeStored))
            {
                // Where the commit may have happened nobody can be told that nothing is changed: the same is written again until it is known.
                mayBeStored |= e is StoreUnavailableException { OutcomeUnknown: true };
                LogStoreAway(e.Message, attempt);

                // Somebody waits for this one: soon after the store is back.
                await Task.Delay(patient ? PauseAfter(attempt) : PauseAfter(Math.Min(attempt, 3)), _with.Time, mayBeStored ? _ending : ct);
            }
        }

        HitStep("after-commit", items.Count);
        if (items.Count > 0)
        {
            _with.Outbox.Wake();
            _protocol.Published(items.Count);
        }
    }

    // A server that fails over refuses logins and lacks tables before it is whole again: what it says then is no answer to whether the commit happened.
    private bool IsWrittenAgain(Exception fault, bool patient, bool mayBeStored) => fault switch
    {
        StoreUnavailableException away => patient || mayBeStored || away.OutcomeUnknown,
        EngineFencedException => false,
        _ => mayBeStored && !_ending.IsCancellationRequested,
    };

    /// <summary>While the store is away nobody knows, and nothing is sent.</summary>
    private async Task RequireUnfencedAsync(CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _disk.RequireUnfencedAsync(ct);
                return;
            }
            catch (StoreUnavailableException e)
            {
                LogStoreAway(e.Message, attempt);
                await Task.Delay(PauseAfter(attempt), _with.Time, ct);
            }
        }
    }
}
