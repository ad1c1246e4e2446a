using GridServices.Contracts;
using GridServices.Operations.Service.Console.Format;
using Microsoft.AspNetCore.Html;
using NodaTime;

namespace GridServices.Operations.Service.Console.Charts;

/// <summary>
/// Draws a <see cref="PowerPlot"/>:
/// <code>
///   kW ┤      ┌──limit──┐ band: event
///      ┤ ~~~~measured~~~ … gap where nothing is known
///    0 ┼──────────────────
///      └ 00:00   06:00 (local, zone named once)
/// </code>
/// </summary>
internal sealed class PowerPlotDrawing(PowerPlot plot, Numbers numbers, Times times, DateTimeZone? site)
{
    private const int Width = 960;
    private const int Height = 300;
    private const int Left = 76;
    private const int Right = 12;
    private const int Top = 12;
    private const int Bottom = 28;
    private const int HorizontalLines = 5;
    private const int LabelPixels = 110;

    private readonly decimal _low = Lowest(plot);
    private readonly decimal _high = Highest(plot);

    internal IHtmlContent Draw()
    {
        var svg = new Svg(plot.Id, Width, Height, plot.Title, plot.Description);
        foreach (var band in plot.Bands.Where(Shows))
        {
            var (from, until) = (X(band.From), X(band.Until ?? plot.Until));
            svg.Box("band", from, Top, Math.Max(1, until - from), Height - Top - Bottom, band.Says);
            svg.Line("band-edge", from, Top, from, Height - Bottom);
        }

        DrawPowerAxis(svg);
        DrawTimeAxis(svg);
        DrawSeries(svg, "baseline", plot.Baseline);
        DrawSeries(svg, "measured", plot.Measured);
        foreach (var step in plot.Limits.Where(step => step.From < plot.Until && !(step.Until <= plot.From)))
        {
            svg.Path($"limit {TierClass(step.Tier)}", [(X(step.From), Y(step.Watts)), (X(step.Until ?? plot.Until), Y(step.Watts))], step.Says);
        }

        foreach (var peak in plot.Peaks.Where(p => p.Watts is not null))
        {
            svg.Circle("peak", (X(peak.From) + X(peak.Until)) / 2, Y(peak.Watts!.Value), 6, peak.Says);
        }

        if (plot.Now is { } now)
        {
            svg.Line("now", X(now), Top, X(now), Height - Bottom);
        }

        return svg.End();
    }

    internal static string TierClass(Tier tier) => tier.ToString().ToLowerInvariant();

    private bool Shows(Band band) => band.From < plot.Until && !(band.Until <= plot.From);

    private void DrawPowerAxis(Svg svg)
    {
        var step = RoundStep((_high - _low) / HorizontalLines);
        for (var level = Math.Ceiling(_low / step) * step; level <= _high; level += step)
        {
            svg.Line(level == 0 ? "axis" : "grid", Left, Y(level), Width - Right, Y(level));
            svg.Text(numbers.Power(level), Left - 6, Y(level) + 4, "end");
        }
    }

    private void DrawTimeAxis(Svg svg)
    {
        var hours = (plot.Until - plot.From).TotalHours;
        int[] choices = [1, 2, 3, 6, 12, 24, 48, 168];
        var every = Array.Find(choices, h => hours / h * LabelPixels <= Width - Left) is var found and > 0 ? found : 168;
        var zone = times.Zone(site);
        var at = plot.From.InZone(zone).LocalDateTime.Date.AtStartOfDayInZone(zone).ToInstant();
        for (; at < plot.Until; at += Duration.FromHours(every))
        {
            if (at >= plot.From)
            {
                svg.Line("grid", X(at), Top, X(at), Height - Bottom);
                svg.Text(every >= 24 ? times.Date(at, site) : times.Time(at, site), X(at), Height - 10);
            }
        }
    }

    /// <summary>One path per unbroken run: where a point is unknown, there is no line.</summary>
    private void DrawSeries(Svg svg, string css, IReadOnlyList<PowerPoint> series)
    {
        var run = new List<(decimal X, decimal Y)>();
        foreach (var point in series.Where(p => p.At >= plot.From && p.At <= plot.Until))
        {
            if (point.Watts is { } watts)
            {
                run.Add((X(point.At), Y(watts)));
                continue;
            }

            svg.Path(css, run);
            run = [];
        }

        svg.Path(css, run);
    }

    private decimal X(Instant at)
    {
        var share = (decimal)((at - plot.From).TotalSeconds / (plot.Until - plot.From).TotalSeconds);
        return Left + (Math.Clamp(share, 0, 1) * (Width - Left - Right));
    }

    private decimal Y(decimal watts) => Top + ((_high - watts) / (_high - _low) * (Height - Top - Bottom));

    private static IEnumerable<decimal> Values(PowerPlot plot) => plot.Measured.Concat(plot.Baseline)
        .Where(p => p.At >= plot.From && p.At <= plot.Until).Select(p => p.Watts ?? 0)
        .Concat(plot.Limits.Where(l => l.From < plot.Until && !(l.Until <= plot.From)).Select(l => (decimal)l.Watts))
        .Concat(plot.Peaks.Select(p => p.Watts ?? 0)).Append(0);

    private static decimal Lowest(PowerPlot plot) => Values(plot).Append(0).Min() * 1.1m;

    private static decimal Highest(PowerPlot plot) => Math.Max(Values(plot).Max() * 1.1m, Lowest(plot) + 1_000);

    /// <summary>1, 2 or 5 times a power of ten, not below <paramref name="least"/>.</summary>
    private static decimal RoundStep(decimal least)
    {
        var unit = 1m;
        while (unit * 10 <= least)
        {
            unit *= 10;
        }

        return unit >= least ? unit : unit * 2 >= least ? unit * 2 : unit * 5 >= least ? unit * 5 : unit * 10;
    }
}
