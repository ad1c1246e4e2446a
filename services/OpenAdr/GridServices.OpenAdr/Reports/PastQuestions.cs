using GridServices.OpenAdr.Configuration;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>Which reports about the past wait for something that the VEN does not keep, and how long.</summary>
/// <remarks>
/// <code>
///   dtstart               first point kept                    now
///   ──┼─── hub: fetched ────────┼──── buffer ───────────────────┼──▶ t
///     └─── channels with a meter: fetched from Tariffs ─────────┘
/// </code>
/// </remarks>
public static class PastQuestions
{
    /// <summary>A message waits so long for what is fetched; then it tells what is known, and the rest as bad.</summary>
    public static readonly Duration Patience = Duration.FromHours(1);

    /// <summary>So long after the end of a period its last interval may still be on its way.</summary>
    public static readonly Duration LateData = Duration.FromMinutes(30);

    /// <summary>A VTN that asks and never takes anything costs no more than so many intervals of all its reports together.</summary>
    private const int MostHeld = 20_000;

    /// <summary>The questions of reports that are due, each until <see cref="VenInput.PastFetched"/> has answered it.</summary>
    public static IReadOnlyList<PastQuestion> Due(VenConfig config, VenState state, Instant now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        return state.Registration is null || state.Reports.Sum(Held) >= MostHeld ? [] : [.. state.Reports.Where(r => r.Due <= now).Select(r => Find(config, state, r)).OfType<PastQuestion>()];
    }

    /// <summary>Whether an answer will not become better: the meter's last interval of the period is there, or no longer waited for.</summary>
    /// <param name="question">What was asked.</param>
    /// <param name="lastEnd">End of the last interval known; null: none is.</param>
    /// <param name="kept">Length of the meter's intervals.</param>
    /// <param name="now">The time.</param>
    public static bool IsFinal(PastQuestion question, Instant? lastEnd, Duration kept, Instant now)
    {
        ArgumentNullException.ThrowIfNull(question);
        return now >= question.Until + LateData || lastEnd + kept > question.Until;
    }

    internal static PastQuestion? Find(VenConfig config, VenState state, ScheduledReport report)
    {
        if (!Channels.IsHistory(report.Kind) || report.Fetched is not null)
        {
            return null;
        }

        var channels = Channels.GetAll(config, report);
        var question = new PastQuestion
        {
            ReportRequestId = report.ReportRequestId,
            Due = report.Due,
            From = report.CoveredUntil,
            Until = History.GetEnd(report),
            Step = report.Kind == ReportKind.HistoryUsage && report.Granularity > Duration.Zero ? report.Granularity : null,
            MostIntervals = Channels.BufferPoints(config),
            Metered = [.. channels.Where(c => Channels.IsMetered(config, c))],
            Sampled = [.. channels.Where(c => config.PastSources.HasFlag(PastSources.Hub) && !Channels.IsMetered(config, c))],
        };
        question = question with { Sampled = [.. question.Sampled.Where(c => !IsKept(state, c, question))] };
        return question.Until > question.From && question.Metered.Count + question.Sampled.Count > 0 ? question : null;
    }

    private static int Held(ScheduledReport report) => report.Fetched is { } past ? past.Metered.Sum(m => m.Values.Count) + past.Sampled.Sum(s => s.Points.Count) : 0;

    // What lies between two points may not have come yet: only as many intervals as there should be are all. The first and the last may be cut,
    // and of a full buffer the oldest slot may be over by now: a message as long as the buffer is not worth a question.
    private static bool IsKept(VenState state, ReportConfig channel, PastQuestion question)
    {
        var step = Duration.Max(question.Step ?? channel.SamplingInterval, channel.SamplingInterval);
        var from = Instant.Max(question.From, question.Until - (step * (question.MostIntervals - 1)));
        var points = state.Points.GetValueOrDefault(channel.RId) ?? [];
        var told = points.Where(p => p.At >= from - channel.SamplingInterval && p.At < question.Until).Select(p => Math.Floor((p.At - from) / step)).Distinct().Count();
        return told >= Math.Max(1, ((question.Until - from) / step) - 1);
    }
}
