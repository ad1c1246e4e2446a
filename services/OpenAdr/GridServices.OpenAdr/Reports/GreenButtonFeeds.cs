using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Reports;

/// <summary>A history as Green Button feeds: one channel each, since nothing in the report says which feed is of which rID; its title does.</summary>
internal static class GreenButtonFeeds
{
    /// <summary>More would be beyond what a careful reader takes.</summary>
    private const int MostReadings = 2000;

    public static ValueList<string> Write(VenConfig config, VenState state, ScheduledReport report, Instant from, Instant until, Instant now) =>
        Channels.GetAll(config, report).SelectMany(c => WriteChannel(state, c, report, (from, until), now)).ToValueList();

    private static IEnumerable<string> WriteChannel(VenState state, ReportConfig channel, ScheduledReport report, (Instant From, Instant Until) period, Instant now)
    {
        var (from, until) = period;
        var type = GetReadingType(channel.Source);
        var metered = report.Fetched?.Metered.FirstOrDefault(m => m.RId == channel.RId);
        var readings = metered is not null ? Metered(metered, report.Fetched!.Grid!) : Sampled(channel, type, ReportBuffer.Within(state, channel.RId, from, until));
        var parts = readings.Count == 0 ? [[]] : readings.Chunk(MostReadings);
        return parts.Select((part, i) => GreenButtonXml.Write(new GreenButtonSeries
        {
            Id = $"{state.Registration?.VenId}/{channel.RId}/{i + 1}",
            Title = channel.RId,
            Updated = now,
            From = part.Length == 0 ? from : part[0].Start,
            Until = part.Length == 0 ? until : part[^1].Start + part[^1].Length,
            IntervalLength = metered is null ? channel.SamplingInterval : report.Fetched!.Grid!.Step,
            Type = type,
            Readings = part,
        }));
    }

    private static List<GreenButtonReading> Metered(MeteredChannel channel, PastGrid grid) =>
    [
        .. channel.Values.Select(v => new GreenButtonReading(v.At, Instant.Min(v.At + grid.Step, grid.Until) - v.At, v.Value)
        {
            Quality = v.Quality switch { MeteredQuality.Measured => null, MeteredQuality.Partial => GreenButtonReading.Mixed, _ => GreenButtonReading.Other },
        }),
    ];

    private static List<GreenButtonReading> Sampled(ReportConfig channel, GreenButtonType type, List<ReportPoint> points) => type.IsEnergy
        ? Energies(points)
        : [.. points.Where(p => p.Value is not null).Select(p => new GreenButtonReading(p.At, channel.SamplingInterval, p.Value!.Value))];

    // What was used between two readings of the register; over a gap as one, and nothing where the register was set back.
    private static List<GreenButtonReading> Energies(List<ReportPoint> points) =>
    [
        .. points.Zip(points.Skip(1))
            .Where(p => p.Second.Value >= p.First.Value)
            .Select(p => new GreenButtonReading(p.First.At, p.Second.At - p.First.At, p.Second.Value!.Value - p.First.Value!.Value)),
    ];

    private static GreenButtonType GetReadingType(string? source) => source switch
    {
        ReportSources.EnergyImportWh => GreenButtonType.EnergyImport,
        ReportSources.EnergyExportWh => GreenButtonType.EnergyExport,
        _ => GreenButtonType.NetPower,
    };
}
