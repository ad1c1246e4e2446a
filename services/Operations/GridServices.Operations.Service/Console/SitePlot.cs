using GridServices.Contracts;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Console.Charts;
using GridServices.Operations.Service.Console.Format;
using NodaTime;

namespace GridServices.Operations.Service.Console;

/// <summary>A site's picture as a plot: what was measured, and the limits of both directions coloured by who binds.</summary>
internal static class SitePlot
{
    // Further apart than this, points are not joined: nothing is known in between.
    private static readonly Duration Gap = Duration.FromMinutes(20);

    internal static PowerPlot Create(PageUi ui, Site site, SitePicture picture, Interval window, LimitSentence sentence, IReadOnlyList<Band> bands)
    {
        var zone = Times.Find(site.TimeZone);
        var limits = Limits(picture, sentence).ToList();
        var measured = Measured(picture).ToList();
        return new PowerPlot(
            "plot", ui.T["plot.title", site.Name], ui.T["plot.description", ui.When.Span(window.Start, window.End, zone), measured.Count(p => p.Watts is not null), limits.Count],
            window.Start, window.End)
        {
            Now = ui.Now,
            Measured = measured,
            Limits = limits,
            Bands = bands,
        };
    }

    private static IEnumerable<PowerPoint> Measured(SitePicture picture)
    {
        Instant? last = null;
        foreach (var reading in (picture.Readings ?? []).Select(r => r.Reading).Where(r => r.AssetId is null && r.NetPowerW is not null).OrderBy(r => r.At))
        {
            if (last is { } before && reading.At - before > Gap)
            {
                yield return new PowerPoint(before + Duration.Epsilon, null);
            }

            yield return new PowerPoint(reading.At, reading.NetPowerW);
            last = reading.At;
        }
    }

    private static IEnumerable<PlotLimit> Limits(SitePicture picture, LimitSentence sentence)
    {
        foreach (var segment in picture.Timeline?.Targets.Where(t => t.Target.Kind == TargetKind.Site).SelectMany(t => t.Segments) ?? [])
        {
            // A site that is off the grid or not energized may neither draw nor feed in.
            if ((segment.Limits.Connect is { Value: false } cut ? cut : segment.Limits.Energize is { Value: false } dead ? dead : null) is { } off)
            {
                yield return new PlotLimit(segment.From, segment.Until, 0, off.BoundBy.Tier, string.Join(" ", sentence.Off(segment.Limits)));
                continue;
            }

            if (segment.Limits.ImportLimitW is { } import)
            {
                yield return new PlotLimit(segment.From, segment.Until, import.Value, import.BoundBy.Tier, sentence.Describe("importLimitW", import, segment.Until));
            }

            if (segment.Limits.ExportLimitW is { } export)
            {
                yield return new PlotLimit(segment.From, segment.Until, -export.Value, export.BoundBy.Tier, sentence.Describe("exportLimitW", export, segment.Until));
            }
        }
    }
}
