using System.Runtime.InteropServices;

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

    /// <summary>The signal was next to nothing on average.</summary>
    internal bool IsFaint => Signal < LeastSignal * Points;

    /// <summary>1 − mean error ÷ mean signal, 0..1; null where nothing was measured.</summary>
    internal double? Precision => Points > 0 ? Math.Max(0, 1 - (Error / Math.Max(Signal, LeastSignal * Points))) : null;

    /// <summary>The period's score, 0..1, 0 where it is forfeited; null where nothing was scored.</summary>
    internal double? Score(in RegulationTerms terms) =>
        terms.Score(Windows > 0 ? Accuracy / Windows : null, Windows > 0 ? Delay / Windows : null, Precision) is { } score ? (score < terms.Forfeit ? 0 : score) : null;

    /// <summary>With one more point; one that was not measured counts in no part.</summary>
    internal RegulationSums Plus(double signal, double response) => double.IsFinite(signal) && double.IsFinite(response)
        ? this with { Points = Points + 1, Signal = Signal + Math.Abs(signal), Error = Error + Math.Abs(response - signal) }
        : this;

    internal RegulationSums Plus(in RegulationSums other) => new()
    {
        Points = Points + other.Points,
        Signal = Signal + other.Signal,
        Error = Error + other.Error,
        Windows = Windows + other.Windows,
        Accuracy = Accuracy + other.Accuracy,
        Delay = Delay + other.Delay,
    };

    internal RegulationSums Since(in RegulationSums before) => new()
    {
        Points = Points - before.Points,
        Signal = Signal - before.Signal,
        Error = Error - before.Error,
        Windows = Windows - before.Windows,
        Accuracy = Accuracy - before.Accuracy,
        Delay = Delay - before.Delay,
    };
}
