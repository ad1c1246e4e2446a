using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>What the configuration offers to report.</summary>
internal static class Channels
{
    private static readonly Duration MeterReach = Duration.FromDays(400);

    /// <summary>OpenADR 2.0b rule 308: one specifier per kind, unique in the VEN.</summary>
    public static string GetSpecifier(ReportKind kind) => kind switch
    {
        ReportKind.TelemetryUsage => "telemetry-usage",
        ReportKind.TelemetryStatus => "telemetry-status",
        ReportKind.HistoryUsage => "history-usage",
        _ => "history-greenbutton",
    };

    public static string GetName(ReportKind kind) => kind switch
    {
        ReportKind.TelemetryUsage => ReportNames.TelemetryUsage,
        ReportKind.TelemetryStatus => ReportNames.TelemetryStatus,
        ReportKind.HistoryUsage => ReportNames.HistoryUsage,
        _ => ReportNames.HistoryGreenButton,
    };

    public static bool IsHistory(ReportKind kind) => kind is ReportKind.HistoryUsage or ReportKind.HistoryGreenButton;

    public static ReportKind? FindKind(VenConfig config, string specifierId)
    {
        foreach (var kind in Enum.GetValues<ReportKind>())
        {
            if (GetSpecifier(kind) == specifierId && config.Reports.Any(r => r.Kind == kind))
            {
                return kind;
            }
        }

        return null;
    }

    public static ReportConfig? Find(VenConfig config, ReportKind kind, string rId) => ChannelIndex.For(config).Named(kind, rId);

    /// <summary>The channels of a report, in the order asked; one that the configuration has lost is left out.</summary>
    public static List<ReportConfig> GetAll(VenConfig config, ScheduledReport report) =>
        [.. report.RIds.Select(rId => Find(config, report.Kind, rId)).OfType<ReportConfig>()];

    public static Duration Coarsest(VenConfig config, ReportConfig channel)
    {
        var wanted = channel.MaxSamplingInterval ?? channel.SamplingInterval * 10;
        return Duration.Min(Duration.Max(wanted, channel.SamplingInterval), GetBufferLength(config, channel));
    }

    /// <summary>How far back the buffer reaches.</summary>
    public static Duration GetBufferLength(VenConfig config, ReportConfig channel) => channel.SamplingInterval * BufferPoints(config);

    /// <summary>How far back the channel can tell: with a meter as far as the Tariffs service is asked at the least.</summary>
    public static Duration Reach(VenConfig config, ReportConfig channel) => IsMetered(config, channel) ? MeterReach : GetBufferLength(config, channel);

    /// <summary>Whether its values are a meter's intervals.</summary>
    public static bool IsMetered(VenConfig config, ReportConfig channel) =>
        channel.Meter is not null && IsHistory(channel.Kind) && config.PastSources.HasFlag(PastSources.Tariffs);

    /// <summary>OpenADR 2.0b rule 510: at least 100 points are kept.</summary>
    public static int BufferPoints(VenConfig config) => Math.Clamp(config.ReportBufferPoints, 100, 10_000);

    /// <summary>The site that it measures: its own, else the VEN's only one; null: there are several.</summary>
    public static string? FindSite(VenConfig config, ReportConfig channel) =>
        channel.SiteId ?? (config.AllSites().Take(2).ToList() is [var only] ? only.SiteId : null);
}
