using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Intervals;

/// <summary>What a row's quality code and value say of it: measured, estimated, or no reading. What is not known to be measured is an estimate.</summary>
internal sealed class CsvQuality(IntervalOptions options)
{
    private const string Empty = "empty";
    private const int MostCodes = 10;
    private static readonly ImmutableArray<string> Measured = ["A", "actual", "measured", "valid", "validated", "verified", "ok", "good"];
    private static readonly ImmutableArray<string> Missing = ["N", "missing", "null"];
    private readonly Dictionary<string, int> estimates = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="code">Of the quality column; null = there is none.</param>
    public (bool Estimated, bool Missing) Classify(string? code)
    {
        if (code is null || Has(options.MeasuredCodes, Measured, code))
        {
            return (false, false);
        }

        if (Has(options.MissingCodes, Missing, code))
        {
            return (false, true);
        }

        var known = estimates.ContainsKey(code) || estimates.Count < MostCodes ? code : "…";
        estimates[known] = estimates.GetValueOrDefault(known) + 1;
        return (true, false);
    }

    /// <summary>Whether the value column says that there is no reading.</summary>
    public bool IsNoReading(string value) => !options.MissingValues.IsEmpty && options.MissingValues.Contains(value.Length == 0 ? Empty : value, StringComparer.OrdinalIgnoreCase);

    /// <summary>Which codes were taken for estimates, so that nobody has to guess.</summary>
    public ImmutableArray<Finding> Findings() => estimates.Count == 0 ? [] :
    [
        new Finding(
            ErrorClass.Plausibility, "rows",
            $"rows of these qualities count as estimates: {string.Join(", ", estimates.Select(e => $"'{SafeText.Short(e.Key)}' ({e.Value})"))}; declare measuredCodes and missingCodes if they mean something else"),
    ];

    private static bool Has(ImmutableArray<string> declared, ImmutableArray<string> usual, string code) =>
        (declared.IsEmpty ? usual : declared).Contains(code.Length == 0 ? Empty : code, StringComparer.OrdinalIgnoreCase);
}
