using System.Globalization;
using System.Text;

namespace GridServices.Simulators.Grid.Plots;

/// <summary>A line or a band of a panel.</summary>
/// <param name="Label">For the legend.</param>
/// <param name="Colour">CSS colour.</param>
/// <param name="Points">x and y, in order.</param>
/// <param name="Upper">Upper edge of a band; null = a line.</param>
/// <param name="Dashed">Drawn in dashes.</param>
public sealed record SvgSeries(
    string Label, string Colour, IReadOnlyList<(double X, double Y)> Points, IReadOnlyList<(double X, double Y)>? Upper = null, bool Dashed = false);

/// <summary>One pair of axes.</summary>
public sealed record SvgPanel(string YLabel, double YLeast, double YMost, IReadOnlyList<SvgSeries> Series);

/// <summary>Draws panels under one another over a common x axis. Text only, no scripts, readable on light and dark pages.</summary>
public sealed class SvgChart(string title, string xLabel, double xLeast, double xMost, params IReadOnlyList<SvgPanel> panels)
{
    private const int MostPoints = 800;
    private const double Width = 760;
    private const double Left = 62;
    private const double Right = 14;
    private const double Top = 34;
    private const double PanelHeight = 190;
    private const double Gap = 34;
    private readonly StringBuilder _svg = new();

    public string Draw()
    {
        var height = Top + (panels.Count * (PanelHeight + Gap)) + 14;
        Add($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width:0} {height:0}\" font-family=\"sans-serif\" font-size=\"12\">");
        Add($"<rect width=\"{Width:0}\" height=\"{height:0}\" fill=\"#ffffff\"/>");
        Add($"<text x=\"{Left:0}\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{Escape(title)}</text>");
        for (var i = 0; i < panels.Count; i++)
        {
            Panel(panels[i], Top + (i * (PanelHeight + Gap)));
        }

        Add($"<text x=\"{(Left + Width - Right) / 2:0}\" y=\"{height - 4:0}\" text-anchor=\"middle\">{Escape(xLabel)}</text>");
        Add("</svg>");
        return _svg.ToString();
    }

    private void Panel(SvgPanel panel, double top)
    {
        foreach (var y in Ticks(panel.YLeast, panel.YMost))
        {
            var at = Y(panel, top, y);
            Add($"<path d=\"M{Left:0} {at:0.0}H{Width - Right:0}\" stroke=\"#dddddd\"/><text x=\"{Left - 6:0}\" y=\"{at + 4:0.0}\" text-anchor=\"end\">{y:0.####}</text>");
        }

        foreach (var x in Ticks(xLeast, xMost))
        {
            Add($"<path d=\"M{X(x):0.0} {top:0}V{top + PanelHeight:0}\" stroke=\"#eeeeee\"/><text x=\"{X(x):0.0}\" y=\"{top + PanelHeight + 14:0}\" text-anchor=\"middle\">{x:0.####}</text>");
        }

        Add($"<rect x=\"{Left:0}\" y=\"{top:0}\" width=\"{Width - Left - Right:0}\" height=\"{PanelHeight:0}\" fill=\"none\" stroke=\"#888888\"/>");
        Add($"<text transform=\"translate(14 {top + (PanelHeight / 2):0}) rotate(-90)\" text-anchor=\"middle\">{Escape(panel.YLabel)}</text>");
        var legend = Left + 10;
        foreach (var series in panel.Series)
        {
            Draw(panel, top, series);
            Add($"<rect x=\"{legend:0}\" y=\"{top + 7:0}\" width=\"14\" height=\"4\" fill=\"{series.Colour}\"/><text x=\"{legend + 18:0}\" y=\"{top + 14:0}\">{Escape(series.Label)}</text>");
            legend += 36 + (6.6 * series.Label.Length);
        }
    }

    private void Draw(SvgPanel panel, double top, SvgSeries series)
    {
        if (series.Upper is { } upper)
        {
            Add($"<polygon points=\"{Path(panel, top, [.. series.Points, .. upper.Reverse()])}\" fill=\"{series.Colour}\" fill-opacity=\"0.25\"/>");
            return;
        }

        var dash = series.Dashed ? " stroke-dasharray=\"5 4\"" : string.Empty;
        Add($"<polyline points=\"{Path(panel, top, series.Points)}\" fill=\"none\" stroke=\"{series.Colour}\" stroke-width=\"1.6\"{dash}/>");
    }

    private string Path(SvgPanel panel, double top, IEnumerable<(double X, double Y)> points)
    {
        var drawn = new List<(double X, double Y)>();
        var all = points.Where(p => double.IsFinite(p.Y)).ToList();
        var every = Math.Max(1, all.Count / MostPoints);
        foreach (var (x, y) in all.Where((_, i) => i % every == 0).Select(p => (Math.Round(X(p.X), 1), Math.Round(Y(panel, top, p.Y), 1))))
        {
            // A run of equal heights is two points.
            if (drawn.Count > 1 && drawn[^1].Y == y && drawn[^2].Y == y)
            {
                drawn.RemoveAt(drawn.Count - 1);
            }

            drawn.Add((x, y));
        }

        return string.Join(' ', drawn.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:0.#},{p.Y:0.#}")));
    }

    private double X(double x) => Left + ((x - xLeast) / (xMost - xLeast) * (Width - Left - Right));

    private static double Y(SvgPanel panel, double top, double y) =>
        top + PanelHeight - ((Math.Clamp(y, panel.YLeast, panel.YMost) - panel.YLeast) / (panel.YMost - panel.YLeast) * PanelHeight);

    private static IEnumerable<double> Ticks(double least, double most)
    {
        var raw = (most - least) / 6;
        var power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step = new[] { 1.0, 2, 5, 10 }.First(m => m * power >= raw * 0.999) * power;
        for (var i = Math.Ceiling((least / step) - 1e-9); i * step <= most + (step * 1e-9); i++)
        {
            yield return Math.Round(i * step, 10);
        }
    }

    private void Add(FormattableString line) => _svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private void Add(string line) => _svg.Append(line).Append('\n');

    private static string Escape(string text) => System.Security.SecurityElement.Escape(text);
}
