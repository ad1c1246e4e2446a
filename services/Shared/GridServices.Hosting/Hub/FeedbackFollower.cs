using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using GridServices.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Hosting.Hub;

/// <summary>Follows the hub's feedback stream and hands it on in batches of up to a second.</summary>
internal sealed partial class FeedbackFollower(
    HubLink hub, FeedbackDelivery delivery, FeedbackProgress progress, FeedbackPace pace, OneFollower one, TimeProvider time, ILogger<FeedbackFollower> log) : BackgroundService
{
    private const int LargestBatch = 2_000;
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);
    private static readonly Backoff Pauses = new(Duration.FromSeconds(1), Duration.FromSeconds(30), Spread: 0);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => one.RunAsync(FollowAsync, progress.Clear, stoppingToken);

    private async Task FollowAsync(CancellationToken stoppingToken)
    {
        string? cursor = null;
        var loaded = false;
        for (var failures = 0; !stoppingToken.IsCancellationRequested;)
        {
            try
            {
                cursor = loaded ? cursor : await progress.LoadAsync(stoppingToken);
                loaded = true;
                await FollowAsync(cursor, reached => (cursor, failures) = (reached, 0), stoppingToken);
                LogEnded();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (OperationCanceledException)
            {
                // Nothing for a minute: perhaps there is nothing, perhaps the line is dead. Connecting anew tells.
                failures = 0;
                continue;
            }
            catch (CursorGoneException)
            {
                LogCursorGone(cursor ?? "none");
                cursor = null;
                progress.Clear();
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Unforeseen ones too: the loop must not end for what somebody answered, and the service with it.
                if (failures % 20 == 0)
                {
                    LogBroken(SafeText.Line(e.Message));
                }
            }

            await Task.Delay(Pauses.After(++failures).ToTimeSpan(), time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(string? cursor, Action<string> reached, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/feedback");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (cursor is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", cursor);
        }

        using var response = await hub.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        if (response.StatusCode is HttpStatusCode.Gone or HttpStatusCode.BadRequest && cursor is not null)
        {
            throw new CursorGoneException();
        }

        response.EnsureSuccessStatusCode();
        if (response.Content.Headers.ContentType?.MediaType != "text/event-stream")
        {
            throw new HttpRequestException($"{response.Content.Headers.ContentType} was answered where a stream of events was asked for: something between may have answered for the hub");
        }

        await using var stream = await response.Content.ReadAsStreamAsync(ct);
        await ReadAsync(stream, reached, ct);
    }

    internal async Task ReadAsync(Stream stream, Action<string> reached, CancellationToken ct)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var batch = new List<(string Cursor, FeedbackItem Item)>();
        var begun = 0L;
        var events = SseParser.Create(stream).EnumerateAsync(silence.Token).GetAsyncEnumerator(silence.Token);
        silence.CancelAfter(Silence);
        var next = events.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                // Whatever has come goes on a batch time after its first item, or as soon as it is many: a stream without pauses must not be held back.
                if (batch.Count > 0 && !await IsDoneWithinAsync(next, pace.BatchTime - time.GetElapsedTime(begun)))
                {
                    await DispatchAsync(batch, reached, ct);
                }

                if (!await next)
                {
                    await DispatchAsync(batch, reached, ct);
                    return;
                }

                silence.CancelAfter(Silence);
                begun = batch.Count == 0 ? time.GetTimestamp() : begun;
                HandleEvent(events.Current, batch);
                next = events.MoveNextAsync().AsTask();
                if (batch.Count >= LargestBatch)
                {
                    await DispatchAsync(batch, reached, ct);
                }
            }
        }
        finally
        {
            // One that is still read can't be closed.
            await silence.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await events.DisposeAsync();
        }
    }

    /// <summary>False when the time is up, even if the task is done by then.</summary>
    private async Task<bool> IsDoneWithinAsync(Task task, TimeSpan atMost)
    {
        if (atMost > TimeSpan.Zero && !task.IsCompleted)
        {
            await Task.WhenAny(task, Task.Delay(atMost, time));
        }

        return atMost > TimeSpan.Zero && task.IsCompleted;
    }

    private void HandleEvent(SseItem<string> item, List<(string Cursor, FeedbackItem Item)> batch)
    {
        if (item.EventType == "gone")
        {
            throw new CursorGoneException();
        }

        if (item.EventType == "damaged")
        {
            LogDamaged(SafeText.Line(item.Data));
        }

        if (item is { EventType: "feedback", EventId: { } cursor } && JsonSerializer.Deserialize<FeedbackItem>(item.Data, ContractJson.Options) is { } feedback)
        {
            batch.Add((cursor, feedback));
        }
    }

    private async Task DispatchAsync(List<(string Cursor, FeedbackItem Item)> batch, Action<string> reached, CancellationToken ct)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var last = batch[^1].Cursor;
        await delivery.BeginAsync(last, [.. batch.Select(b => b.Item)], ct);
        reached(last);
        batch.Clear();
    }

    [LoggerMessage(EventId = EventIds.FeedbackFollowerBroken, Level = LogLevel.Warning, Message = "The hub's feedback broke off: {Reason}")]
    private partial void LogBroken(string reason);

    [LoggerMessage(EventId = EventIds.FeedbackFollowerEnded, Level = LogLevel.Debug, Message = "The hub ended the feedback stream")]
    private partial void LogEnded();

    [LoggerMessage(EventId = EventIds.FeedbackFollowerCursorGone, Level = LogLevel.Warning, Message = "The hub no longer knows the feedback cursor {Cursor}; reading begins where the hub's log begins")]
    private partial void LogCursorGone(string cursor);

    [LoggerMessage(EventId = EventIds.FeedbackFollowerDamaged, Level = LogLevel.Error, Message = "The hub leaves out feedback that was changed in its store: {Problem}")]
    private partial void LogDamaged(string problem);

    private sealed class CursorGoneException : Exception
    {
        public CursorGoneException()
            : base("The hub no longer knows the cursor.")
        {
        }
    }
}

/// <summary>How long feedback is gathered before it is handed on.</summary>
internal sealed record FeedbackPace(TimeSpan BatchTime);
