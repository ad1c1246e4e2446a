using GridServices.Operations.Service.Console.Format;
using Microsoft.AspNetCore.Html;
using NodaTime;

namespace GridServices.Operations.Service.Console.Charts;

/// <summary>One line of a trace; null = nothing is known there, which breaks the line.</summary>
internal sealed record TraceSeries(string Css, string Label, IReadOnlyList<(Instant At, decimal? Value)> Points);

/// <summary>A level that is drawn across, such as the edge of a dead band.</summary>
internal sealed record TraceLevel(decimal Value, string Says);

/// <summary>What a trace shows over [From, Until): any quantity, in its own unit.</summary>
internal sealed record TracePlot(string Id, string Title, string Description, Instant From, Instant Until, Func<decimal, string> Label)
{
    public IReadOnlyList<TraceSeries> Series { get; init; } = [];

    public IReadOnlyList<TraceLevel> Levels { get; init; } = [];

    /// <summary>The least span of the axis, so that noise does not fill the picture.</summary>
    public decimal LeastSpan { get; init; } = 1;
}

/// <summary>Draws a <see cref="TracePlot"/>: lines over time, broken where nothing is known.</summary>
internal sealed class TracePlotDrawing
{
    private const int Width = 960;
    private const int Height = 240;
    private const int Left = 92;
    private const int Right = 12;
    private const int Top = 12;
    private const int Bottom = 28;
    private const int HorizontalLines = 4;
    private const int VerticalLines = 5;

    private readonly TracePlot _plot;
    private readonly Times _times;
    private readonly DateTimeZone? _site;
    private readonly decimal _low;
    private readonly decimal _high;

    internal TracePlotDrawing(TracePlot plot, Times times, DateTimeZone? site)
    {
        (_plot, _times, _site) = (plot, times, site);
        var values = plot.Series.SelectMany(s => s.Points).Select(p => p.Value).OfType<decimal>().Concat(plot.Levels.Select(l => l.Value)).DefaultIfEmpty(0).ToList();
        var (low, high) = (values.Min(), values.Max());
        var margin = Math.Max(plot.LeastSpan - (high - low), (high - low) * 0.1m) / 2;
        (_low, _high) = (low - margin, high + margin);
    }

    internal IHtmlContent Draw()
    {
        var svg = new Svg(_plot.Id, Width, Height, _plot.Title, _plot.Description);
        for (var i = 0; i <= HorizontalLines; i++)
        {
            var level = _low + ((_high - _low) * i / HorizontalLines);
            svg.Line("grid", Left, Y(level), Width - Right, Y(level));
            svg.Text(_plot.Label(level), Left - 6, Y(level) + 4, "end");
        }

        for (var i = 0; i < VerticalLines; i++)
        {
            var at = _plot.From + ((_plot.Until - _plot.From) * i / VerticalLines);
            svg.Line("grid", X(at), Top, X(at), Height - Bottom);
            svg.Text(_times.Time(at, _site), X(at), Height - 10);
        }

        foreach (var level in _plot.Levels)
        {
            svg.Path("band-edge", [(Left, Y(level.Value)), (Width - Right, Y(level.Value))], level.Says);
        }

        foreach (var series in _plot.Series)
        {
            DrawSeries(svg, series);
        }

        return svg.End();
    }

    private void DrawSeries(Svg svg, TraceSeries series)
    {
        var run = new List<(decimal X, decimal Y)>();
        foreach (var (at, value) in series.Points)
        {
            if (value is { } known)
            {
                run.Add((X(at), Y(known)));
                continue;
            }

            svg.Path(series.Css, run, series.Label);
            run = [];
        }

        svg.Path(series.Css, run, series.Label);
    }

    private decimal X(Instant at) => Left + (Math.Clamp((decimal)((at - _plot.From).TotalSeconds / (_plot.Until - _plot.From).TotalSeconds), 0, 1) * (Width - Left - Right));

    private decimal Y(decimal value) => Top + ((_high - value) / (_high - _low) * (Height - Top - Bottom));
}
