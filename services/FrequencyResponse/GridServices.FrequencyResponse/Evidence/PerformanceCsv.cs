using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>Recorded turns as the tables that grid operators take. Lines without their ends; the first is the header.</summary>
public static class PerformanceCsv
{
    private static readonly InstantPattern Stamp = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss.fff'Z'");

    /// <summary>NESO's illustrative script: time, frequency, power, baseline, availability.</summary>
    /// <param name="turns">Of one contract's pool.</param>
    /// <param name="contract">Index of the contract.</param>
    public static IEnumerable<string> GreatBritain(IEnumerable<EvidenceTurn> turns, int contract = 0)
    {
        ArgumentNullException.ThrowIfNull(turns);
        return turns
            .Where(t => double.IsFinite(t.FrequencyHz))
            .Select(t => Line($"{At(t)},{t.FrequencyHz:0.####},{t.PowerW / 1e6:0.######},{t.BaselineW / 1e6:0.######},{(Available(t, contract) ? 1 : 0)}"))
            .Prepend("t,f_hz,p_mw,baseline_mw,availability");
    }

    /// <summary>Nordic FCR (technical requirements 2023): time, active power, grid frequency, frequency signal applied, baseline; MW, Hz.</summary>
    /// <param name="turns">Of one contract's pool.</param>
    /// <param name="testSignal">True in a test: what the meter gave was applied to it, and is not the grid's frequency.</param>
    public static IEnumerable<string> Nordic(IEnumerable<EvidenceTurn> turns, bool testSignal = false)
    {
        ArgumentNullException.ThrowIfNull(turns);
        return turns
            .Where(t => double.IsFinite(t.FrequencyHz))
            .Select(t => Line(
                $"{At(t)},{t.PowerW / 1e6:0.######},{(testSignal ? string.Empty : Hertz(t))},{(testSignal ? Hertz(t) : string.Empty)},{t.BaselineW / 1e6:0.######}"))
            .Prepend("DateTime,InsAcPow,GridFreq,ApplFreqSig,CalcBaseline");
    }

    /// <summary>Name of a Nordic file: [Resource]_[Service]_[TestType]_[Area]_[Timezone]_[Interval]_[Rate].csv; the interval is from-until in UTC.</summary>
    public static string NordicFileName(string resource, string service, string testType, string area, Interval interval, Duration rate)
    {
        var pattern = InstantPattern.CreateWithInvariantCulture("uuuuMMdd'T'HHmm");
        return Line($"{Plain(resource)}_{Plain(service)}_{Plain(testType)}_{Plain(area)}_UTC_{pattern.Format(interval.Start)}-{pattern.Format(interval.End)}_{rate.TotalMilliseconds:0}ms.csv");
    }

    private static bool Available(EvidenceTurn turn, int contract) =>
        contract < turn.Services.Count && turn.Services[contract] is { Procured: true, Rung: Safety.FailSafeRung.Valid or Safety.FailSafeRung.Hold };

    private static string At(EvidenceTurn turn) => Stamp.Format(Instant.FromUnixTimeTicks(turn.WallUnixNanos / NodaConstants.NanosecondsPerTick));

    private static string Hertz(EvidenceTurn turn) => turn.FrequencyHz.ToString("0.####", CultureInfo.InvariantCulture);

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);

    /// <summary>Without what has a meaning in a file name or in this one's form.</summary>
    private static string Plain(string part) => new([.. part.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '-')]);
}
