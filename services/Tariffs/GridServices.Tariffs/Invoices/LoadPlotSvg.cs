using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using NodaTime;

namespace GridServices.Tariffs.Invoices;

/// <summary>A load plot as SVG, drawn as steps; what was not recorded stays empty, the windows that set a charge are marked.</summary>
internal static class LoadPlotSvg
{
    private const int Width = 640;
    private const int Height = 240;
    private const int Left = 48;
    private const int Bottom = 24;
    private const int Top = 14;

    public static string Write(LoadPlot plot, ImmutableArray<PeakInterval> peaks, DateTimeZone zone)
    {
        var highest = Math.Max(plot.Kw.Max() ?? 0, peaks.Max(p => p.Kw) ?? 0);
        var lowest = Math.Min(0, plot.Kw.Min() ?? 0);
        var scale = new Scale(plot, lowest, highest == lowest ? lowest + 1 : highest);
        var svg = new StringBuilder(string.Create(
            CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"Load in kW, highest mean power per {plot.Minutes} min\" xmlns=\"http://www.w3.org/2000/svg\">"));
        Axes(svg, plot, scale, zone);
        svg.Append("<path class=\"load\" d=\"").Append(Path(plot, scale)).Append("\"/>");
        foreach (var peak in peaks.Where(p => p.Start >= plot.Start && p.Start < scale.End))
        {
            var (x, y) = (scale.X(peak.Start), peak.Kw is { } kw ? scale.Y(kw) : Top);
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"peak\" x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{Top}\" y2=\"{Height - Bottom}\"/><circle class=\"peak\" cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"4\"><title>{peak.Start}</title></circle>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static void Axes(StringBuilder svg, LoadPlot plot, Scale scale, DateTimeZone zone)
    {
        for (var i = 0; i <= 4; i++)
        {
            var kw = scale.Lowest + (scale.Highest - scale.Lowest) * i / 4;
            svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width}\" y1=\"{scale.Y(kw):0.#}\" y2=\"{scale.Y(kw):0.#}\"/><text x=\"{Left - 4}\" y=\"{scale.Y(kw) + 4:0.#}\" text-anchor=\"end\">{kw:0.##}</text>");
        }

        for (var i = 0; i < 5; i++)
        {
            var at = plot.Start + (scale.End - plot.Start) * i / 5;
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{scale.X(at):0.#}\" y=\"{Height - 6}\">{at.InZone(zone).Date:uuuu-MM-dd}</text>");
        }
    }

    private static string Path(LoadPlot plot, Scale scale)
    {
        var path = new StringBuilder();
        var drawing = false;
        for (var i = 0; i < plot.Kw.Length; i++)
        {
            if (plot.Kw[i] is not { } kw)
            {
                drawing = false;
                continue;
            }

            var from = plot.Start + Duration.FromMinutes((long)i * plot.Minutes);
            path.Append(CultureInfo.InvariantCulture, $"{(drawing ? 'L' : 'M')}{scale.X(from):0.#} {scale.Y(kw):0.#}H{scale.X(from + Duration.FromMinutes(plot.Minutes)):0.#}");
            drawing = true;
        }

        return path.ToString();
    }

    private sealed record Scale(LoadPlot Plot, decimal Lowest, decimal Highest)
    {
        public Instant End => Plot.Start + Duration.FromMinutes((long)Plot.Kw.Length * Plot.Minutes);

        public double X(Instant at) => Left + (at - Plot.Start) / (End - Plot.Start) * (Width - Left);

        public double Y(decimal kw) => Top + (double)((Highest - kw) / (Highest - Lowest)) * (Height - Bottom - Top);
    }
}
