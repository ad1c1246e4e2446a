using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.OpenAdr.Reports;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Meters;
using NodaTime;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>
/// Fetches what reports about the past need and their VENs do not keep. The VENs go on meanwhile; a question that found no answer is asked again until
/// there is one, or the message has waited long enough and is sent as it is.
/// </summary>
internal sealed partial class PastFetchService(PastFetcher answers, PastSourceRules pastSources, VenHost host, IClock clock, TimeProvider time, ILogger<PastFetchService> log) : BackgroundService
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly Duration FirstPause = Duration.FromSeconds(1);
    private static readonly Duration LongestPause = Duration.FromMinutes(1);
    private readonly ConcurrentDictionary<(EngineId Ven, string Report, Instant Due), Waiting> _waiting = new();

    /// <summary>Why a report that is due is not sent yet, for people; null: nothing is waited for, or it was not asked yet.</summary>
    public string? FindProblem(EngineId ven, ScheduledReport report) => _waiting.GetValueOrDefault((ven, report.ReportRequestId, report.Due))?.Problem;

    /// <summary>Each VEN by itself, one question after the other: one that is not answered keeps no other VEN waiting.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new Dictionary<EngineId, Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            var now = clock.GetCurrentInstant();
            foreach (var ven in host.Views.Where(v => v.State.Reports.Count > 0 && v.State.Reports.Any(r => r.Fetched is null && r.Due <= now)))
            {
                if (running.GetValueOrDefault(ven.Id, Task.CompletedTask) is { IsCompleted: true } before)
                {
                    await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    running[ven.Id] = TryAnswerAsync(ven, now, stoppingToken);
                }
            }

            Prune();
            await SharedTick.DelayAsync(time, LookEvery, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await Task.WhenAll(running.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task TryAnswerAsync(VenView ven, Instant now, CancellationToken ct)
    {
        try
        {
            await AnswerAsync(ven, now, ct);
        }
        catch (Exception e) when (e is not OutOfMemoryException && !ct.IsCancellationRequested)
        {
            LogFailed(log, ven.Id.Key, e);
            await Task.Delay(LongestPause.ToTimeSpan(), time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AnswerAsync(VenView ven, Instant now, CancellationToken ct)
    {
        var config = ven.Config.Asking(pastSources.GetSources(ven.Id.Tenant));
        foreach (var question in PastQuestions.Due(config, ven.State, now))
        {
            var key = (ven.Id, question.ReportRequestId, question.Due);
            if (_waiting.GetValueOrDefault(key) is { } waiting && waiting.Until > now)
            {
                continue;
            }

            if (await ProblemAsync(ven, config, question, ct) is { } problem)
            {
                _waiting.AddOrUpdate(key, _ => new Waiting(now + FirstPause, FirstPause, problem), (_, before) => before.Again(now, problem));
            }
        }
    }

    /// <summary>Why a question is not answered; null: it is, and the VEN has it.</summary>
    private async Task<string?> ProblemAsync(VenView ven, Configuration.VenConfig config, PastQuestion question, CancellationToken ct)
    {
        try
        {
            if (await answers.FindAsync(config, question, ct) is not { } past)
            {
                return "the meter's last interval of the period is not there yet";
            }

            if (host.TryGet(ven.Id, out var loop))
            {
                await loop.SubmitPatientlyAsync(new VenInput.PastFetched(question.ReportRequestId, question.Due, past), ct);
            }

            return null;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Unforeseen ones too: what fails for one VEN must not end the service, and all VENs with it.
            var problem = e is OperationCanceledException ? "no answer in time" : SafeText.Line(e.Message);
            if (!ct.IsCancellationRequested && !_waiting.ContainsKey((ven.Id, question.ReportRequestId, question.Due)))
            {
                LogUnheard(log, SafeText.Line(question.ReportRequestId), ven.Id.Key, problem, (long)PastQuestions.Patience.TotalMinutes);
            }

            return problem;
        }
    }

    // What was sent, cancelled or answered is not waited for any more.
    private void Prune()
    {
        foreach (var (key, _) in _waiting)
        {
            if (!host.TryGet(key.Ven, out var loop) || !loop.View.State.Reports.Any(r => r.Fetched is null && r.ReportRequestId == key.Report && r.Due == key.Due))
            {
                _waiting.TryRemove(key, out Waiting? _);
            }
        }
    }

    [LoggerMessage(EventIds.OwedHistoriesUnheard, LogLevel.Warning,
        "History {Report} that VEN {Ven} owes waits for interval data or readings: {Reason}. They are asked for again; {Minutes} minutes after the report was due it is sent with what is known")]
    private static partial void LogUnheard(ILogger logger, string report, string ven, string reason, long minutes);

    [LoggerMessage(EventIds.OwedHistoriesFailed, LogLevel.Error, "The look at the histories that VEN {Ven} owes failed; it is tried again each minute")]
    private static partial void LogFailed(ILogger logger, string ven, Exception fault);

    /// <summary>When a question is asked again, and why.</summary>
    private sealed record Waiting(Instant Until, Duration Pause, string Problem)
    {
        public Waiting Again(Instant now, string problem)
        {
            var pause = Duration.Min(Pause * 2, LongestPause);
            return new Waiting(now + pause, pause, problem);
        }
    }
}
