using System.Runtime.InteropServices;
using GridServices.Wire;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>Sums of a regulation score: of both parts of a period they make those of the whole.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RegulationSums
{
    /// <summary>Share of the quantity: a signal smaller than this on average is not worth telling from none, and errors are held against this. Design.</summary>
    private const double LeastSignal = 0.02;

    /// <summary>Points, every 10 s, of which a reading tells the response.</summary>
    public long Points { get; init; }

    /// <summary>Of these the sums of |signal| and |response − signal|, shares of the quantity.</summary>
    public double Signal { get; init; }
    public double Error { get; init; }

    /// <summary>Windows of five minutes whose best correlation and delay are known, and their sums.</summary>
    public int Windows { get; init; }
    public double Accuracy { get; init; }
    public double Delay { get; init; }

    /// <summary>Of the points and their errors, what each five minutes had; null on sums from before it was kept.</summary>
    public ValueList<RegulationError>? Errors { get; init; }

    /// <summary>The signal was next to nothing on average.</summary>
    internal bool IsFaint => Signal < LeastSignal * Points;

    /// <summary>
    /// 1 − mean error ÷ mean signal of the whole, each five minutes of it 0 at least, 0..1 (PJM Manual 12 4.5.6); null where nothing was measured. Five minutes that went wrong take no more than
    /// their own.
    /// </summary>
    internal double? Precision
    {
        get
        {
            if (Points == 0)
            {
                return null;
            }

            var mean = Math.Max(Signal, LeastSignal * Points) / Points;
            var (sum, points, error) = (0.0, 0L, 0.0);
            foreach (var part in Errors ?? [])
            {
                (sum, points, error) = (sum + Math.Max(0, part.Points - (part.Error / mean)), points + part.Points, error + part.Error);
            }

            // What was summed up before each five minutes were kept apart counts as one.
            return Math.Clamp((sum + Math.Max(0, Points - points - (Math.Max(0, Error - error) / mean))) / Points, 0, 1);
        }
    }

    /// <summary>The period's score, 0..1, 0 where it is forfeited; null where nothing was scored.</summary>
    internal double? Score(in RegulationTerms terms) =>
        terms.Score(Windows > 0 ? Accuracy / Windows : null, Windows > 0 ? Delay / Windows : null, Precision) is { } score ? (score < terms.Forfeit ? 0 : score) : null;

    /// <summary>With one more point; one that was not measured counts in no part.</summary>
    /// <param name="signal">Share of the quantity.</param>
    /// <param name="response">Measured.</param>
    /// <param name="window">Whose five minutes it is in, counted from 1970 UTC.</param>
    internal RegulationSums Plus(double signal, double response, long window) => double.IsFinite(signal) && double.IsFinite(response)
        ? Plus(new RegulationSums { Points = 1, Signal = Math.Abs(signal), Error = Math.Abs(response - signal), Errors = [new RegulationError(window, 1, Math.Abs(response - signal))] })
        : this;

    internal RegulationSums Plus(in RegulationSums other) => new()
    {
        Points = Points + other.Points,
        Signal = Signal + other.Signal,
        Error = Error + other.Error,
        Windows = Windows + other.Windows,
        Accuracy = Accuracy + other.Accuracy,
        Delay = Delay + other.Delay,
        Errors = Join(Errors, other.Errors, 1),
    };

    internal RegulationSums Since(in RegulationSums before) => new()
    {
        Points = Points - before.Points,
        Signal = Signal - before.Signal,
        Error = Error - before.Error,
        Windows = Windows - before.Windows,
        Accuracy = Accuracy - before.Accuracy,
        Delay = Delay - before.Delay,
        Errors = Join(Errors, before.Errors, -1),
    };

    /// <summary>By their five minutes; null where neither kept any.</summary>
    private static ValueList<RegulationError>? Join(ValueList<RegulationError>? one, ValueList<RegulationError>? other, int sign) => other is null ? one :
        (one ?? []).Concat(other.Select(e => e with { Points = sign * e.Points, Error = sign * e.Error }))
            .GroupBy(e => e.Window)
            .Select(g => new RegulationError(g.Key, g.Sum(e => e.Points), g.Sum(e => e.Error)))
            .Where(e => e.Points != 0).OrderBy(e => e.Window).ToValueList();
}

/// <summary>What five minutes have of a regulation score.</summary>
/// <param name="Window">Counted from 1970 UTC.</param>
/// <param name="Points">Of which a reading tells the response.</param>
/// <param name="Error">Their sum of |response − signal|, shares of the quantity.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RegulationError(long Window, long Points, double Error);
