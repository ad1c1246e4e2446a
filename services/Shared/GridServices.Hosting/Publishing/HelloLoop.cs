using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting.Publishing;

/// <summary>
/// Tells the hub every few seconds who publishes, and says everything live again when the hub's store is of another history:
/// <code>
/// hello ─▶ epoch ─┬─ the one we have restated in: nothing to do
///                 └─ another one: every stream into the outbox again ─▶ all settled ─▶ hello "restated"
/// </code>
/// It also does so once after each start, because this service's own store may have been put back.
/// </summary>
internal sealed partial class HelloLoop(
    IServiceProvider services, HubLink hub, HubView view, Restatement restatement, WaitingPublications waiting, Store store, RelayOptions options, TimeProvider time, ILogger<HelloLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan SaveHeadEvery = TimeSpan.FromMinutes(1);
    private HelloState _state = HelloState.From(new HubSeen());
    private long _savedAt;
    private int _failures;
    private int _unanswered;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (services.GetService<PublisherName>() is not { } name)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var turn = await store.TryLockAsync("publisher", stoppingToken);
                await (turn is null ? Task.Delay(options.HelloInterval, time, stoppingToken) : SendHellosAsync(name, turn, stoppingToken));
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // Without it the hub never gets complete again: it never gives up.
                Fail(fault is StoreUnavailableException ? fault.Message : fault.ToString());
                await Task.Delay(options.HelloInterval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SendHellosAsync(PublisherName name, StoreLock storeLock, CancellationToken ct)
    {
        _state = HelloState.From(await restatement.SeenAsync(ct));
        while (await storeLock.IsHeldAsync(ct))
        {
            if (await SendHelloAsync(name, ct) is { } answer)
            {
                _failures = 0;
                await SaveAnswerAsync(answer, name, ct);
                if (await FollowAsync(answer.Epoch, ct))
                {
                    continue;
                }
            }

            await view.WaitAsync(_unanswered > 0 ? options.UnansweredPause : options.HelloInterval, ct);
        }
    }

    /// <returns>Null: the hub did not take it; why is logged.</returns>
    private async Task<PublisherAnswer?> SendHelloAsync(PublisherName name, CancellationToken ct)
    {
        var atMost = options.HelloTimeoutAfter(_unanswered);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(atMost);
        try
        {
            using var answer = await hub.Api.HelloAsync(HelloRule.Hello(_state, name.Source), over.Token);
            _unanswered = 0;
            return answer.Require();
        }
        catch (HttpRequestException away)
        {
            _unanswered = 0;
            Fail(away.Message);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            _unanswered++;
            Fail($"no answer within {atMost.TotalSeconds} s");
        }

        return null;
    }

    /// <summary>Every change of the epoch at once; the count, which only serves as proof of a rewind, now and then.</summary>
    private async Task SaveAnswerAsync(PublisherAnswer answer, PublisherName name, CancellationToken ct)
    {
        view.OnEpoch(answer.Epoch);
        (_state, var isNew) = HelloRule.Answered(_state, answer, name.Source);
        if (isNew || time.GetElapsedTime(_savedAt) >= SaveHeadEvery)
        {
            await SaveAsync(ct);
            _savedAt = time.GetTimestamp();
        }
    }

    /// <returns>True: there is news for the hub, say hello again at once.</returns>
    private async Task<bool> FollowAsync(string epoch, CancellationToken ct)
    {
        await waiting.CheckAsync(ct);
        switch (HelloRule.Next(_state, epoch, view.HadTimeToHear))
        {
            case HelloStep.Begin:
                await BeginAsync(epoch, ct);
                return false;
            case HelloStep.Look:
                return await CheckProgressAsync(epoch, ct);
            default:
                return false;
        }
    }

    private async Task<bool> CheckProgressAsync(string epoch, CancellationToken ct)
    {
        var progress = await restatement.ProgressAsync(ct);
        (_state, var step) = HelloRule.Decide(_state, epoch, progress, view.HadTimeToHear);
        switch (step)
        {
            case HelloStep.Continue:
                await restatement.ContinueAsync(epoch, ct);
                return false;
            case HelloStep.Restated:
                await SaveAsync(ct);
                LogRestated(logger, progress.Streams, epoch);
                return true;
            default:
                return false;
        }
    }

    private async Task BeginAsync(string epoch, CancellationToken ct)
    {
        var isKnown = string.Equals(epoch, _state.Seen.Restated, StringComparison.Ordinal);
        var streams = await restatement.BeginAsync(epoch, ct);
        _state = HelloRule.Began(_state, epoch);
        if (!isKnown && streams > 0)
        {
            LogRestating(logger, epoch, streams);
        }
    }

    private Task SaveAsync(CancellationToken ct) => _state.IsBlank ? Task.CompletedTask : restatement.SaveAsync(_state.Seen, ct);

    private void Fail(string reason)
    {
        _failures++;
        if (int.IsPow2(_failures))
        {
            LogUnheard(logger, reason, _failures);
        }
    }

    [LoggerMessage(EventIds.HelloLoopRestating, LogLevel.Warning, "The hub's store is of another history (epoch {Epoch}): {Streams} streams are published again")]
    private static partial void LogRestating(ILogger logger, string epoch, int streams);

    [LoggerMessage(EventIds.HelloLoopRestated, LogLevel.Information, "The hub has taken all {Streams} streams again in epoch {Epoch}")]
    private static partial void LogRestated(ILogger logger, long streams, string epoch);

    [LoggerMessage(EventIds.HelloLoopUnheard, LogLevel.Warning, "The hub did not take the hello of this publisher: {Reason} (failure {Failures}; tried again)")]
    private static partial void LogUnheard(ILogger logger, string reason, int failures);
}

/// <summary>What a publisher knows of the hub, and how far it is with saying everything live again. Pure; <see cref="HelloLoop"/> does what it decides.</summary>
/// <param name="Seen">The hub's history as it was last seen.</param>
/// <param name="IsBlank">The store knows of no hub and of no stream: it is new, or was lost. It claims to have seen nothing until a hub counts it in, or it has something to say.</param>
internal sealed record HelloState(HubSeen Seen, bool IsBlank)
{
    /// <summary>The epoch in which everything is being said again, or was; null: none since the start.</summary>
    internal string? Restating { get; init; }

    internal bool Done { get; init; }

    /// <summary>The last item that waited when all of the restatement was taken; null: not yet.</summary>
    internal long? UpTo { get; init; }

    /// <summary>As a service begins.</summary>
    internal static HelloState From(HubSeen seen) => new(seen, seen.Epoch is null);
}

/// <summary>What to do after an answer of the hub.</summary>
internal enum HelloStep
{
    Rest,

    /// <summary>Every stream is to be put into the outbox again.</summary>
    Begin,

    /// <summary>It depends on what of the restatement still waits.</summary>
    Look,

    /// <summary>What was changed in the outbox while it waited is to be put into it again.</summary>
    Continue,

    /// <summary>The hub has everything: that is to be stored and said at once.</summary>
    Restated,
}

/// <summary>When everything live is said again, and when the hub hears that it was.</summary>
internal static class HelloRule
{
    internal static PublisherHello Hello(HelloState state, string source) => new()
    {
        Source = source,
        RestatedEpoch = state.Seen.Restated,
        Epoch = state.IsBlank ? null : state.Seen.Epoch,
        Head = state.IsBlank ? null : state.Seen.Head,
    };

    /// <summary>The hub answered a hello.</summary>
    /// <returns>The state after it, and whether it holds something that is to be stored at once.</returns>
    internal static (HelloState State, bool IsNew) Answered(HelloState state, PublisherAnswer answer, string source)
    {
        // A hub that knew this publisher before may wait for what a lost store can't say: then a start must not look as if it had been said.
        var isCountedIn = state.IsBlank && string.Equals(state.Seen.Restated, answer.Epoch, StringComparison.Ordinal) && answer.WaitingFor?.Contains(source, StringComparer.Ordinal) != true;
        var isNew = isCountedIn || !string.Equals(answer.Epoch, state.Seen.Epoch, StringComparison.Ordinal);
        var seen = state.Seen with { Epoch = answer.Epoch, Head = isNew ? answer.Head : Math.Max(state.Seen.Head, answer.Head) };
        return (state with { Seen = seen, IsBlank = state.IsBlank && !isCountedIn }, isNew);
    }

    /// <param name="state">The state.</param>
    /// <param name="epoch">Of the hub's answer.</param>
    /// <param name="hadTimeToHear">Whether the service has had time to hear its utility since its start.</param>
    internal static HelloStep Next(HelloState state, string epoch, bool hadTimeToHear)
    {
        if (!string.Equals(epoch, state.Restating, StringComparison.Ordinal))
        {
            // The hub is as we left it. Whether our own store is, shows once the service has heard its utility.
            return string.Equals(epoch, state.Seen.Restated, StringComparison.Ordinal) && !hadTimeToHear ? HelloStep.Rest : HelloStep.Begin;
        }

        return state.Done && !state.IsBlank ? HelloStep.Rest : HelloStep.Look;
    }

    /// <summary>Every stream was put into the outbox again.</summary>
    internal static HelloState Began(HelloState state, string epoch) => state with { Restating = epoch, Done = false, UpTo = null };

    /// <summary>What follows from what still waits.</summary>
    internal static (HelloState State, HelloStep Step) Decide(HelloState state, string epoch, RestatementProgress progress, bool hadTimeToHear)
    {
        state = progress.Pending > 0 || progress.Behind > 0 ? state with { UpTo = null } : state;
        if (progress.Pending > 0 || (progress.Streams == 0 && !hadTimeToHear))
        {
            return (state, HelloStep.Rest);
        }

        if (progress.Behind > 0)
        {
            return (state, HelloStep.Continue);
        }

        if (progress.Damaged > 0 || progress.Parked > 0)
        {
            // A limit that can't be said again, or that may be yesterday's, must not read as "no limit": the hub stays incomplete.
            return (state, HelloStep.Rest);
        }

        // A newer word that took the place of a restated one must be with the hub too: all that waits at this moment.
        state = state with { UpTo = state.UpTo ?? progress.Newest ?? 0 };
        return progress.Oldest <= state.UpTo ? (state, HelloStep.Rest) : AllTaken(state, epoch, progress);
    }

    private static (HelloState State, HelloStep Step) AllTaken(HelloState state, string epoch, RestatementProgress progress)
    {
        var speaks = state.IsBlank && progress.Streams > 0;
        var isBlank = state.IsBlank && !speaks;
        state = state with { Done = true, IsBlank = isBlank, UpTo = isBlank ? null : state.UpTo };
        return !speaks && string.Equals(state.Seen.Restated, epoch, StringComparison.Ordinal)
            ? (state, HelloStep.Rest)
            : (state with { Seen = state.Seen with { Restated = epoch } }, HelloStep.Restated);
    }
}
