using System.Globalization;
using GridServices.FrequencyResponse.Performance;
using NodaTime.Text;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>Metered files as text: ours, and the tables that grid operators take. Lines without their ends; the first is the header. MW, + = injection.</summary>
public static class MeteredCsv
{
    private static readonly InstantPattern Stamp = InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm:ss.fff'Z'");

    /// <summary>Everything that is known, with the marks.</summary>
    public static IEnumerable<string> Full(IEnumerable<MeteredRow> rows) => rows
        .Select(r => Line($"{Stamp.Format(r.At)},{Hertz(r.FrequencyHz)},{Megawatts(r.MeteredW)},{Source(r.Source)},{Megawatts(r.BaselineW)},{Megawatts(r.CommandedW)},{Megawatts(r.ResponseW)},{Flag(r.Procured)},{Flag(r.Available)},{Marks(r.Marks)}"))
        .Prepend("time,frequency_hz,metered_mw,source,baseline_mw,commanded_mw,response_mw,procured,available,marks");

    /// <summary>NESO's illustrative script. The power is what was metered: without a reading it is empty.</summary>
    public static IEnumerable<string> GreatBritain(IEnumerable<MeteredRow> rows) => rows
        .Select(r => Line($"{Stamp.Format(r.At)},{Hertz(r.FrequencyHz)},{Megawatts(r.MeteredW)},{Megawatts(r.BaselineW)},{Flag(r.Available)}"))
        .Prepend("t,f_hz,p_mw,baseline_mw,availability");

    /// <summary>Nordic FCR (technical requirements 2023). The power is what was metered.</summary>
    public static IEnumerable<string> Nordic(IEnumerable<MeteredRow> rows) => rows
        .Select(r => Line($"{Stamp.Format(r.At)},{Megawatts(r.MeteredW)},{Hertz(r.FrequencyHz)},,{Megawatts(r.BaselineW)}"))
        .Prepend("DateTime,InsAcPow,GridFreq,ApplFreqSig,CalcBaseline");

    /// <summary>The marks that are set, by their names.</summary>
    public static IEnumerable<string> GetNames(RowMarks marks) =>
        Enum.GetValues<RowMarks>().Where(m => m != RowMarks.None && marks.HasFlag(m)).Select(Contracts.EnumNames<RowMarks>.GetName);

    private static string Hertz(double? hertz) => hertz?.ToString("0.####", CultureInfo.InvariantCulture) ?? string.Empty;

    private static string Megawatts(double? watts) => watts is { } known && double.IsFinite(known) ? (known / 1e6).ToString("0.######", CultureInfo.InvariantCulture) : string.Empty;

    private static string Source(MeterSource source) => source switch { MeterSource.Meter => "meter", MeterSource.Telemetry => "telemetry", _ => string.Empty };

    private static string Flag(bool set) => set ? "1" : "0";

    private static string Marks(RowMarks marks) => string.Join('+', GetNames(marks));

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
