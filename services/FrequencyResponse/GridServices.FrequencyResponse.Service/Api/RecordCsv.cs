using System.Globalization;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Recording;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>Records as tables. Lines without their ends; the first is the header. A value that is not known is empty.</summary>
internal static class RecordCsv
{
    /// <summary>Energies in Wh, as they were commanded.</summary>
    public static IEnumerable<string> Activations(IEnumerable<Activation> activations) => activations
        .Select(a => Line($"{a.Id},{TimeText.Format(a.StartedAt)},{Time(a.EndedAt)},{a.StartHz},{a.LowestHz},{a.HighestHz},{a.PeakPu},{a.RaisedWh},{a.LoweredWh},{a.FirstSetpointMicroseconds},{string.Join('+', a.Reasons)}"))
        .Prepend("activation,started_at,ended_at,start_hz,lowest_hz,highest_hz,peak_pu,commanded_raise_wh,commanded_lower_wh,first_setpoint_us,reasons");

    /// <summary>Wh and seconds, + = injection. Who is not named is the sum of those beyond the first thousand.</summary>
    public static IEnumerable<string> Delivery(IEnumerable<AssetDelivery> rows) => rows
        .Select(r => Line($"{TimeText.Format(r.From)},{TimeText.Format(r.Until)},{r.AssetId},{r.SetpointWh},{r.SetpointSeconds},{r.MeasuredWh},{r.SetpointMeasuredWh},{r.MeasuredSeconds},{r.NotMeasuredSeconds},{EnumNames<MeterSource>.GetName(r.Source)}"))
        .Prepend("from,until,asset,setpoint_wh,setpoint_s,measured_wh,setpoint_measured_wh,measured_s,not_measured_s,source");

    /// <summary>MW, seconds and shares.</summary>
    public static IEnumerable<string> Availability(IEnumerable<AvailabilityPeriod> periods) => periods
        .Select(p => Line($"{TimeText.Format(p.From)},{TimeText.Format(p.Until)},{p.QuantityW / 1e6},{p.ProcuredSeconds},{p.AvailableSeconds},{p.Availability},{p.Performance},{(p.Closed ? 1 : 0)},{string.Join('+', p.Reasons)}"))
        .Prepend("from,until,quantity_mw,procured_s,available_s,availability,performance,closed,reasons");

    /// <summary>MW, MWh and money; the baseline is + = charge or import, as in the API.</summary>
    public static IEnumerable<string> Plan(IEnumerable<PlannedPeriod> periods) => periods
        .Select(p => Line($"{TimeText.Format(p.From)},{TimeText.Format(p.Until)},{p.ProcuredSeconds},{p.BaselineW / 1e6},{p.AvailableW / 1e6},{p.RaiseMissingWh / 1e6},{p.LowerMissingWh / 1e6},{p.PaymentFull},{p.PaymentLost},{Time(p.DecidedAt)},{(p.IsLate ? 1 : 0)},{string.Join('+', p.Reasons)},{p.Penalty}"))
        .Prepend("from,until,procured_s,baseline_mw,available_mw,raise_missing_mwh,lower_missing_mwh,payment_full,payment_lost,decided_at,late,reasons,penalty");

    private static string Time(Instant? at) => at is { } known ? TimeText.Format(known) : string.Empty;

    private static string Line(FormattableString line) => line.ToString(CultureInfo.InvariantCulture);
}
