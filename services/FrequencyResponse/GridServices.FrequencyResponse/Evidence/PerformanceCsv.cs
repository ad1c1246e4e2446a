using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>Recorded turns as the tables that grid operators take, with rows at regular instants (<see cref="RegularTurns"/>). Lines without their ends; the first is the header.</summary>
public static class PerformanceCsv
{
    private static readonly InstantPattern Stamp = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss.fff'Z'");

    /// <summary>NESO's illustrative script: time, frequency, power, baseline, availability. No sample: no frequency; no turn: no power, not available.</summary>
    /// <param name="turns">Of one contract's pool, in their order.</param>
    /// <param name="contract">Index of the contract.</param>
    public static IEnumerable<string> GreatBritain(IReadOnlyList<EvidenceTurn> turns, int contract = 0) => RegularTurns.Resample(turns, RegularTurns.ComputeStep(turns))
        .Select(row => Line($"{Stamp.Format(row.At)},{Hertz(row)},{Megawatts(row.Turn?.PowerW)},{Megawatts(row.Turn?.BaselineW)},{(Available(row.Turn, contract) ? 1 : 0)}"))
        .Prepend("t,f_hz,p_mw,baseline_mw,availability");

    /// <summary>Nordic FCR (technical requirements 2023): time, active power, grid frequency, frequency signal applied, baseline; MW, Hz. No sample: no frequency.</summary>
    /// <param name="turns">Of one contract's pool, in their order.</param>
    /// <param name="testSignal">True in a test: what the meter gave was applied to it, and is not the grid's frequency.</param>
    public static IEnumerable<string> Nordic(IReadOnlyList<EvidenceTurn> turns, bool testSignal = false) => RegularTurns.Resample(turns, RegularTurns.ComputeStep(turns))
        .Select(row => Line(
            $"{Stamp.Format(row.At)},{Megawatts(row.Turn?.PowerW)},{(testSignal ? string.Empty : Hertz(row))},{(testSignal ? Hertz(row) : string.Empty)},{Megawatts(row.Turn?.BaselineW)}"))
        .Prepend("DateTime,InsAcPow,GridFreq,ApplFreqSig,CalcBaseline");

    /// <summary>Name of a Nordic file: [Resource]_[Service]_[TestType]_[Area]_[Timezone]_[Interval]_[Rate].csv; the interval is from-until in UTC.</summary>
    public static string NordicFileName(string resource, string service, string testType, string area, Interval interval, Duration rate)
    {
        var pattern = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmm");
        return string.Create(CultureInfo.InvariantCulture, $"{Sanitize(resource)}_{Sanitize(service)}_{Sanitize(testType)}_{Sanitize(area)}_UTC_"
            + $"{pattern.Format(interval.Start)}-{pattern.Format(interval.End)}_{rate.TotalMilliseconds:0}ms.csv");
    }

    private static bool Available(EvidenceTurn? turn, int contract) =>
        contract < turn?.Services.Count && turn.Services[contract] is { Procured: true, Rung: Safety.FailSafeRung.Valid or Safety.FailSafeRung.Hold };

    private static string Hertz(RegularRow row) => double.IsFinite(row.FrequencyHz) ? row.FrequencyHz.ToString("0.####", CultureInfo.InvariantCulture) : string.Empty;

    private static string Megawatts(double? watts) => watts is { } known ? (known / 1e6).ToString("0.######", CultureInfo.InvariantCulture) : string.Empty;

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);

    /// <summary>Without what has a meaning in a file name or in this one's form.</summary>
    private static string Sanitize(string part) => new([.. part.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '-')]);
}
