using GridServices.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting;

/// <summary>
/// Tells the hub every few seconds who publishes, and says everything live again when the hub's store is of another history:
/// <code>
/// hello ─▶ epoch ─┬─ the one we have restated in: nothing to do
///                 └─ another one: every stream into the outbox again ─▶ all settled ─▶ hello "restated"
/// </code>
/// It also does so once after each start, because this service's own store may have been put back.
/// </summary>
internal sealed partial class HelloLoop(
    IServiceProvider services, HubLink hub, HubView view, Restatement restatement, WaitingWords waiting, Store store, RelayOptions options, TimeProvider time, ILogger<HelloLoop> logger)
    : BackgroundService
{
    private static readonly TimeSpan SaveHeadEvery = TimeSpan.FromMinutes(1);
    private HubSeen _seen = new();
    private long _savedAt;
    private string? _restating;
    private bool _done;

    /// <summary>The store knows of no hub and of no stream: it is new, or was lost. It claims to have seen nothing until a hub counts it in, or it has something to say.</summary>
    private bool _isBlank;
    private long? _upTo;
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
                await using var turn = await store.TryHoldAsync("publisher", stoppingToken);
                await (turn is null ? Task.Delay(options.HelloInterval, time, stoppingToken) : SpeakAsync(name, turn, stoppingToken));
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

    private async Task SpeakAsync(PublisherName name, StoreHold turn, CancellationToken ct)
    {
        _seen = await restatement.SeenAsync(ct);
        (_restating, _done, _isBlank) = (null, false, _seen.Epoch is null);
        while (await turn.IsHeldAsync(ct))
        {
            if (await SayHelloAsync(name, ct) is { } answer)
            {
                _failures = 0;
                await RememberAsync(answer, name, ct);
                if (await FollowAsync(answer.Epoch, ct))
                {
                    continue;
                }
            }

            await view.WaitAsync(_unanswered > 0 ? options.UnansweredPause : options.HelloInterval, ct);
        }
    }

    /// <returns>Null: the hub did not take it; why is logged.</returns>
    private async Task<PublisherAnswer?> SayHelloAsync(PublisherName name, CancellationToken ct)
    {
        var atMost = options.HelloTimeoutAfter(_unanswered);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        over.CancelAfter(atMost);
        try
        {
            using var answer = await hub.Api.HelloAsync(
                new PublisherHello { Source = name.Source, RestatedEpoch = _seen.Restated, Epoch = _isBlank ? null : _seen.Epoch, Head = _isBlank ? null : _seen.Head }, over.Token);
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
    private async Task RememberAsync(PublisherAnswer answer, PublisherName name, CancellationToken ct)
    {
        view.Heard(answer.Epoch);

        // A hub that knew this publisher before may wait for what a lost store can't say: then a start must not look as if it had been said.
        var isCountedIn = _isBlank && string.Equals(_seen.Restated, answer.Epoch, StringComparison.Ordinal) && answer.WaitingFor?.Contains(name.Source, StringComparer.Ordinal) != true;
        _isBlank &= !isCountedIn;
        var isNew = isCountedIn || !string.Equals(answer.Epoch, _seen.Epoch, StringComparison.Ordinal);
        _seen = _seen with { Epoch = answer.Epoch, Head = isNew ? answer.Head : Math.Max(_seen.Head, answer.Head) };
        if (isNew || time.GetElapsedTime(_savedAt) >= SaveHeadEvery)
        {
            await SaveAsync(ct);
            _savedAt = time.GetTimestamp();
        }
    }

    /// <returns>True: there is news for the hub, say hello again at once.</returns>
    private async Task<bool> FollowAsync(string epoch, CancellationToken ct)
    {
        await waiting.LookAsync(ct);
        if (!string.Equals(epoch, _restating, StringComparison.Ordinal))
        {
            await BeginAsync(epoch, ct);
            return false;
        }

        if (_done && !_isBlank)
        {
            return false;
        }

        var progress = await restatement.ProgressAsync(ct);
        if (progress.Pending > 0 || progress.Behind > 0)
        {
            _upTo = null;
        }

        if (progress.Pending > 0 || (progress.Streams == 0 && !view.HadTimeToHear))
        {
            return false;
        }

        if (progress.Behind > 0)
        {
            await restatement.ContinueAsync(epoch, ct);
            return false;
        }

        if (progress.Damaged > 0 || progress.Parked > 0)
        {
            // A limit that can't be said again, or that may be yesterday's, must not read as "no limit": the hub stays incomplete.
            return false;
        }

        // A newer word that took the place of a restated one must be with the hub too: all that waits at this moment.
        _upTo ??= progress.Newest ?? 0;
        if (progress.Oldest <= _upTo)
        {
            return false;
        }

        _done = true;
        var speaks = _isBlank && progress.Streams > 0;
        _isBlank &= !speaks;
        _upTo = _isBlank ? null : _upTo;
        if (!speaks && string.Equals(_seen.Restated, epoch, StringComparison.Ordinal))
        {
            return false;
        }

        _seen = _seen with { Restated = epoch };
        await SaveAsync(ct);
        LogRestated(logger, progress.Streams, epoch);
        return true;
    }

    private async Task BeginAsync(string epoch, CancellationToken ct)
    {
        var isKnown = string.Equals(epoch, _seen.Restated, StringComparison.Ordinal);
        if (isKnown && !view.HadTimeToHear)
        {
            // The hub is as we left it. Whether our own store is, shows once the service has heard its utility.
            return;
        }

        var streams = await restatement.BeginAsync(epoch, ct);
        (_restating, _done, _upTo) = (epoch, false, null);
        if (!isKnown && streams > 0)
        {
            LogRestating(logger, epoch, streams);
        }
    }

    private Task SaveAsync(CancellationToken ct) => _isBlank ? Task.CompletedTask : restatement.SaveAsync(_seen, ct);

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
