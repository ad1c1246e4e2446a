using System.Net;
using GridServices.Contracts;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace GridServices.Hosting.Hub;

/// <summary>Tells the hub how well each stream's source is heard: at once when that changes, and every half minute.</summary>
internal sealed partial class UpstreamReporter(
    HubLink hub, IUpstreamHealth health, PublisherName publisher, IClock clock, TimeProvider time, ILogger<UpstreamReporter> log) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PostTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);
    private static readonly Duration ValidFor = Duration.FromSeconds(90);
    private Dictionary<(StreamId Stream, string? Site), UpstreamStream> _known = [];
    private bool _unread;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? told = null; // by the monotonic clock: one that is set back must not keep the hub waiting, or it counts all streams as lost
        var failing = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var isDue = told is not { } last || time.GetElapsedTime(last) >= (failing ? RetryInterval : ReportInterval);
            if (IsToTell(isDue))
            {
                var began = time.GetTimestamp();
                var sent = await PostAsync(stoppingToken);
                if (sent is not null && !failing)
                {
                    LogUnheard(sent);
                }

                failing = sent is not null;
                told = began;
            }

            await SharedTick.DelayAsync(time, LookInterval, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A fault in what one stream is to be told as must not end the publisher: without a report the hub soon counts its streams as lost.</summary>
    private bool IsToTell(bool isDue)
    {
        try
        {
            var tells = health.IsReady && (Update(clock.GetCurrentInstant()) || isDue);
            _unread = false;
            return tells;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            if (!_unread)
            {
                LogFailed(fault);
            }

            _unread = true;
            return false;
        }
    }

    /// <returns>True where any status changed, or a stream came or went.</returns>
    private bool Update(Instant now)
    {
        var seen = new Dictionary<(StreamId Stream, string? Site), UpstreamStream>(_known.Count);
        var changed = false;
        foreach (var stream in health.Streams(now))
        {
            var key = (stream.Stream, stream.Sites is [var first, ..] ? first : null);
            var same = _known.TryGetValue(key, out var known) && known.Status == stream.Status;
            changed |= !same;
            seen[key] = same ? stream with { Since = known!.Since } : stream;
        }

        changed |= seen.Count != _known.Count;
        _known = seen;
        return changed;
    }

    /// <returns>Null when the hub took it, otherwise why not.</returns>
    private async Task<string?> PostAsync(CancellationToken ct)
    {
        var report = new UpstreamReport { Source = publisher.Source, ValidFor = ValidFor, Streams = [.. _known.Values] };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(PostTimeout);
        try
        {
            using var answer = await hub.Api.ReportUpstreamAsync(report, deadline.Token);

            // The hub says 204 and nothing else; a portal's page between us is no hearing.
            return answer.StatusCode == HttpStatusCode.NoContent ? null
                : answer.IsSuccessStatusCode ? $"{(int)answer.StatusCode!} was answered, but not as the hub does: something between may have answered for it"
                : answer.Describe();
        }
        catch (OperationCanceledException)
        {
            return ct.IsCancellationRequested ? null : $"no answer within {PostTimeout.TotalSeconds} s";
        }
    }

    [LoggerMessage(EventId = EventIds.UpstreamReporterUnheard, Level = LogLevel.Warning, Message = "The hub did not take the report on upstream health: {Reason}")]
    private partial void LogUnheard(string reason);

    [LoggerMessage(EventId = EventIds.UpstreamReporterFailed, Level = LogLevel.Error, Message = "How well the streams' sources are heard could not be worked out; nothing is reported until it can")]
    private partial void LogFailed(Exception fault);
}
