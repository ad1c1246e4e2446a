using GridServices.OpenAdr.Configuration;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>What a changed configuration makes of report channels: what was measured of something else is not told under the same rID.</summary>
internal static class ChangedChannels
{
    /// <summary>Drops the points of channels that mean something else now, or are gone, and ends the reports that the VTN asked for by their old meaning.</summary>
    /// <returns>True where a channel changed its meaning.</returns>
    public static bool Apply(StepContext context, VenConfig previous)
    {
        var same = Meanings(context.Config).Where(Meanings(previous).ToHashSet().Contains).Select(m => m.RId).ToHashSet(StringComparer.Ordinal);
        var points = context.State.Points.RemoveRange(context.State.Points.Keys.Where(rId => !same.Contains(rId)));
        if (points.Count != context.State.Points.Count)
        {
            context.State = context.State with { Points = points };
        }

        ReportSchedule.End(context, r => r.RIds.Any(rId => !same.Contains(rId)), "the changed configuration measures something else for it");
        return previous.Reports.Any(r => !same.Contains(r.RId));
    }

    private static IEnumerable<Meaning> Meanings(VenConfig config) => config.Reports.Select(r => new Meaning(
        r.RId, r.Kind, r.Kind == ReportKind.TelemetryStatus ? null : r.Source ?? ReportSources.NetPowerW, Channels.FindSite(config, r), r.SamplingInterval));

    private sealed record Meaning(string RId, ReportKind Kind, string? Source, string? SiteId, Duration SamplingInterval);
}
