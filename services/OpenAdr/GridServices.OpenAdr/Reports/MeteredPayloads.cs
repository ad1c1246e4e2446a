using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>The values of channels with a meter: what each interval has, and how well it is known. What is missing is told as missing.</summary>
internal sealed class MeteredPayloads
{
    private readonly VenConfig _config;
    private readonly VenState _state;
    private readonly ScheduledReport _report;
    private readonly Dictionary<string, Dictionary<Instant, MeteredValue>> _values;

    public MeteredPayloads(VenConfig config, VenState state, ScheduledReport report)
    {
        (_config, _state, _report) = (config, state, report);
        _values = (report.Fetched?.Metered ?? []).ToDictionary(m => m.RId, m => m.Values.ToDictionary(v => v.At), StringComparer.Ordinal);
    }

    /// <summary>The value over [from, until); null: the channel has no meter, or its power is told from the readings kept.</summary>
    public ReportPayload? Within(string rId, Instant from, Instant until)
    {
        if (Channels.Find(_config, _report.Kind, rId) is not { } channel || !Channels.IsMetered(_config, channel))
        {
            return null;
        }

        return _values.TryGetValue(rId, out var values)
            ? CreatePayload(rId, values.GetValueOrDefault(from))
            : channel.Source is ReportSources.EnergyImportWh or ReportSources.EnergyExportWh ? Used(rId, from, until) : null;
    }

    // OpenADR 2.0b rule 318: a placeholder for what is missing.
    private static ReportPayload CreatePayload(string rId, MeteredValue? value) => new()
    {
        RId = rId,
        Value = value?.Value ?? 0,
        Quality = value?.Quality switch
        {
            MeteredQuality.Measured => DataQuality.Good,
            MeteredQuality.Estimated => DataQuality.Uncertain,
            MeteredQuality.Partial => DataQuality.UncertainSubNormal,
            _ => DataQuality.Bad,
        },
    };

    // The Tariffs service was not heard: what the register that the hub tells moved by, where it was read at both ends.
    private ReportPayload Used(string rId, Instant from, Instant until)
    {
        var (begin, end) = (ReportBuffer.Last(_state, rId, from, from + Duration.Epsilon), ReportBuffer.Last(_state, rId, until, until + Duration.Epsilon));
        return end?.Value - begin?.Value is { } used and >= 0
            ? new ReportPayload { RId = rId, Value = used, Quality = DataQuality.Good }
            : new ReportPayload { RId = rId, Value = 0, Quality = DataQuality.BadCommFailure };
    }
}
