using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>Scores how a regulation signal is followed while it is (PJM Manual 12 4.5.6, as <see cref="PjmScorer"/> does after the hour). One thread.</summary>
/// <remarks>
/// <code>
/// signal     ├─── window, 31 points of 10 s ───┤
/// response   ├─────────────────────────────────┼─── lags up to 5 min ───┤
///                                   precision known          accuracy, delay known
/// </code>
/// Interpretation: the last windows of a settlement period are scored when it ends, over the lags of which the response is known by then: never better than all lags would.
/// A point without a reading counts in no part: its time is not measured, and not paid.
/// </remarks>
/// <param name="terms">Of the service.</param>
internal sealed class RegulationScorer(RegulationTerms terms)
{
    private const long StepTicks = 10 * NodaConstants.TicksPerSecond;
    private const int WindowPoints = 30;
    private const int Length = WindowPoints + 1;
    private const int Most = Length + WindowPoints;
    private const int LeastPoints = WindowPoints / 2;
    private readonly List<RegulationWindow> _windows = [];
    private readonly List<double> _signal = [];
    private readonly List<double> _response = [];
    private (double Signal, double Response, long Until) _held = (double.NaN, double.NaN, long.MinValue);
    private long _first;
    private int _told;

    /// <summary>Of the period so far.</summary>
    internal RegulationSums Sums { get; private set; }

    /// <summary>Windows that came to be known, or better known, since <see cref="MarkReported"/>.</summary>
    internal IEnumerable<RegulationWindow> News => _windows.Skip(_told);

    /// <summary>The latest of the period; null: none is over.</summary>
    internal RegulationWindow? Latest => _windows.Count == 0 ? null : _windows[^1];

    internal void MarkReported() => _told = _windows.Count;

    /// <summary>A settlement period begins: a whole number of five minutes.</summary>
    internal void NewPeriod(Instant start)
    {
        _windows.Clear();
        _signal.Clear();
        _response.Clear();
        (Sums, _told, _first) = (default, 0, start.ToUnixTimeTicks() / StepTicks);
    }

    /// <summary>What holds from now on.</summary>
    /// <param name="wall">The wall clock; one that was set back adds nothing until it has caught up.</param>
    /// <param name="signal">Share of the quantity; NaN: nothing is procured.</param>
    /// <param name="response">Measured, share of the quantity; NaN: nothing was.</param>
    internal void Add(Instant wall, double signal, double response)
    {
        var ticks = wall.ToUnixTimeTicks();
        Fill((ticks + StepTicks - 1) / StepTicks);
        _held = (signal, response, ticks + StepTicks);
    }

    /// <summary>The period ends, and its last windows with it.</summary>
    /// <param name="at">Its end.</param>
    /// <param name="wall">When that is noticed.</param>
    /// <param name="signal">What holds from then on.</param>
    /// <param name="response">Measured.</param>
    internal void End(Instant at, Instant wall, double signal, double response)
    {
        var end = at.ToUnixTimeTicks() / StepTicks;
        Fill(end);

        // The last window's last point is the first of the next period, where its error counts.
        _held = wall == at ? (signal, response, wall.ToUnixTimeTicks() + StepTicks) : _held;
        AddPoint(end);
        ScoreWindow(isEnd: true);
    }

    /// <summary>The points before one, with what was held.</summary>
    private void Fill(long until)
    {
        for (var next = _first + _signal.Count; next < until; next++)
        {
            var (signal, response) = AddPoint(next);
            Sums = Sums.Plus(signal, response, next / WindowPoints);
            ScoreWindow(isEnd: false);
        }
    }

    /// <summary>What is older than a step says nothing any more.</summary>
    private (double Signal, double Response) AddPoint(long index)
    {
        var (signal, response) = index * StepTicks <= _held.Until ? (_held.Signal, _held.Response) : (double.NaN, double.NaN);
        _signal.Add(signal);
        _response.Add(response);
        return (signal, response);
    }

    private void ScoreWindow(bool isEnd)
    {
        var (windows, rest) = Math.DivRem(_signal.Count - 1, WindowPoints);
        if (windows == 0 || rest != 0)
        {
            return;
        }

        // In the order of time: the last one told is the latest.
        if (windows > 1)
        {
            Lagged(windows - 2);
        }

        if (IsProcured(windows - 1))
        {
            AddWindow(windows - 1, null);
        }

        if (isEnd)
        {
            Lagged(windows - 1);
        }
    }

    /// <summary>Accuracy and delay of a window, over the lags that are there.</summary>
    private void Lagged(int window)
    {
        var from = window * WindowPoints;
        var signal = CollectionsMarshal.AsSpan(_signal).Slice(from, Length);
        var response = CollectionsMarshal.AsSpan(_response).Slice(from, Math.Min(Most, _response.Count - from));
        if (ComputeSums(window).Points >= LeastPoints)
        {
            var best = PjmScorer.Best(signal, response);
            Sums = Sums with { Windows = Sums.Windows + 1, Accuracy = Sums.Accuracy + Math.Clamp(best.Correlation, 0, 1), Delay = Sums.Delay + best.Delay };
            AddWindow(window, best);
        }
    }

    private void AddWindow(int window, (double Correlation, double Delay)? best)
    {
        var sums = ComputeSums(window);
        var precision = sums.Points >= LeastPoints ? sums.Precision : null;
        double? accuracy = best is { } known ? Math.Clamp(known.Correlation, 0, 1) : null;
        _windows.Add(new RegulationWindow
        {
            From = Instant.FromUnixTimeTicks((_first + (window * WindowPoints)) * StepTicks),
            Accuracy = accuracy,
            Delay = best?.Delay,
            Precision = precision,
            Score = precision is null || (best is null && terms.AccuracyWeight + terms.DelayWeight > 0) ? null : terms.Score(accuracy, best?.Delay, precision),
            MeasuredSeconds = sums.Points * (StepTicks / (double)NodaConstants.TicksPerSecond),
        });
    }

    private bool IsProcured(int window) => _signal.FindIndex(window * WindowPoints, WindowPoints, double.IsFinite) >= 0;

    private RegulationSums ComputeSums(int window)
    {
        var sums = default(RegulationSums);
        for (var i = window * WindowPoints; i < (window + 1) * WindowPoints; i++)
        {
            sums = sums.Plus(_signal[i], _response[i], window);
        }

        return sums;
    }
}
