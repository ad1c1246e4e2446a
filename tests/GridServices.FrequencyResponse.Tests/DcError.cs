using GridServices.FrequencyResponse.Curves;

namespace GridServices.FrequencyResponse.Tests;

/// <summary>
/// The GB performance rule written a second time, plainly, as the collection states it: at 20 Hz, bounds from the frequencies 0.20 to 0.55 s ago,
/// bounds move by at most 2 and 4 pu/s, the smallest distance of four samples in a row, the largest of all.
/// </summary>
internal static class DcError
{
    private const double Step = 0.05;

    public static double Compute(ResponseCurve curve, IReadOnlyList<double> hz, IReadOnlyList<double> pu)
    {
        var (worst, lower, upper) = (0.0, 0.0, 0.0);
        var errors = new List<double>();
        for (var i = 0; i < hz.Count; i++)
        {
            var window = Enumerable.Range(4, 8).Select(lag => hz[Math.Max(i - lag, 0)]).ToList();
            var (low, high) = (curve.Evaluate(window.Max()), curve.Evaluate(window.Min()));
            (low, high) = (Math.Min(low, high), Math.Max(low, high));
            lower = i == 0 ? low : Math.Clamp(low, lower - (4 * Step), lower + (2 * Step));
            upper = i == 0 ? high : Math.Clamp(high, upper - (2 * Step), upper + (4 * Step));
            errors.Add(Math.Max(0, Math.Max(lower - pu[i], pu[i] - upper)));
            worst = i < 3 ? worst : Math.Max(worst, errors.TakeLast(4).Min());
        }

        return worst;
    }
}
