using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>What a regulation score is made of: weights of its parts, and the score below which nothing is paid (PJM Manual 12 4.5.6, Manual 11 3.2.10).</summary>
/// <param name="AccuracyWeight">Of the best correlation.</param>
/// <param name="DelayWeight">Of the delay.</param>
/// <param name="PrecisionWeight">Of the precision.</param>
/// <param name="Forfeit">A period's score below this is 0.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RegulationTerms(double AccuracyWeight, double DelayWeight, double PrecisionWeight, double Forfeit)
{
    /// <summary>By the numbers of a service; one that states no weights is scored by its precision.</summary>
    public static RegulationTerms For(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var (accuracy, delay) = (service.Value(NumberNames.AccuracyWeight) ?? 0, service.Value(NumberNames.DelayWeight) ?? 0);
        return new RegulationTerms(accuracy, delay, service.Value(NumberNames.PrecisionWeight) ?? (accuracy + delay > 0 ? 0 : 1), service.Value(NumberNames.ScoreForfeit) ?? 0);
    }

    /// <summary>Of parts that are known; a part that is not is left to the others.</summary>
    /// <returns>Null: none of the parts that count is known.</returns>
    internal double? Score(double? accuracy, double? delay, double? precision)
    {
        var (score, weight) = (0.0, 0.0);
        foreach (var (part, of) in new[] { (accuracy, AccuracyWeight), (delay, DelayWeight), (precision, PrecisionWeight) })
        {
            (score, weight) = part is { } known ? (score + (known * of), weight + of) : (score, weight);
        }

        return weight > 0 ? Math.Clamp(score / weight, 0, 1) : null;
    }
}
