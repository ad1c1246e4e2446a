using GridServices.Operations.Registry;
using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Console.Texts;
using Microsoft.AspNetCore.Html;

namespace GridServices.Operations.Service.Console.Charts;

/// <summary>How a site fares on the map, the worst first.</summary>
internal enum MapState
{
    /// <summary>A lamp is off.</summary>
    Off,

    /// <summary>A lamp is unknown, and none is off.</summary>
    Unknown,

    /// <summary>All lamps are on.</summary>
    On,

    /// <summary>No program is set up.</summary>
    None,
}

/// <summary>A site as it is drawn.</summary>
/// <param name="Number">Its line in the table.</param>
/// <param name="Name">For the tip.</param>
/// <param name="Geo">Where it is.</param>
/// <param name="State">Its shape.</param>
internal sealed record MapSite(int Number, string Name, GeoPoint Geo, MapState State);

/// <summary>
/// Draws sites at their coordinates, north up, each with the number of its line in the table beside: no map of anybody else's, only degrees and a scale. Sites that
/// would lie upon one another are one mark, which shows the worst of them.
/// </summary>
internal sealed class SiteMap(IReadOnlyList<MapSite> sites, Numbers numbers, TextSet texts)
{
    private const int Width = 960;
    private const int Height = 480;
    private const int Margin = 56;
    private const double Cell = 22;
    private const int MostNumbers = 3;
    private const int MostLabelled = 60;
    private const double KilometresPerDegree = 111.195;
    private const double LeastDegrees = 0.02;

    internal IHtmlContent Draw(string title, string description)
    {
        var svg = new Svg("map", Width, Height, title, description);
        var frame = MapFrame.Around(sites.Select(s => s.Geo), Width, Height, Margin, LeastDegrees);
        DrawDegrees(svg, frame);
        DrawScale(svg, frame);
        var marks = sites.Select(s => (Site: s, At: frame.Place(s.Geo))).GroupBy(p => (Math.Floor(p.At.X / Cell), Math.Floor(p.At.Y / Cell))).ToList();
        foreach (var mark in marks)
        {
            DrawMark(svg, [.. mark.Select(p => p.Site)], mark.Average(p => p.At.X), mark.Average(p => p.At.Y), marks.Count <= MostLabelled);
        }

        return svg.End();
    }

    private void DrawMark(Svg svg, IReadOnlyList<MapSite> here, double x, double y, bool isLabelled)
    {
        var (state, px, py) = (here.Min(s => s.State), (decimal)x, (decimal)y);
        var tip = here.Count == 1 ? $"{here[0].Number}: {here[0].Name}, {texts.Word("map", state)}" : $"{texts["map.several", numbers.Count(here.Count)]}, {texts.Word("map", state)}";
        switch (state)
        {
            case MapState.On:
                svg.Circle("map-on", px, py, 6, tip);
                break;
            case MapState.Off:
                svg.Box("map-off", px - 6, py - 6, 12, 12, tip);
                break;
            case MapState.Unknown:
                svg.Circle("map-unknown", px, py, 6, tip);
                break;
            default:
                svg.Path("map-none", [(px - 6, py), (px, py - 6), (px + 6, py), (px, py + 6), (px - 6, py)], tip);
                break;
        }

        if (isLabelled)
        {
            var named = string.Join(", ", here.Take(MostNumbers).Select(s => s.Number));
            svg.Text(here.Count > MostNumbers ? $"{named} +{here.Count - MostNumbers}" : named, px + 9, py + 4);
        }
    }

    private void DrawDegrees(Svg svg, MapFrame frame)
    {
        var step = MapFrame.Round(Math.Max(frame.DegreesWide, frame.DegreesHigh) / 5);
        foreach (var latitude in MapFrame.Steps(frame.South, frame.North, step))
        {
            var y = (decimal)frame.Y(latitude);
            svg.Line("grid", 0, y, Width, y);
            svg.Text(Degrees(latitude, "map.north", "map.south"), 4, y - 3);
        }

        foreach (var longitude in MapFrame.Steps(frame.West, frame.East, step))
        {
            var x = (decimal)frame.X(longitude);
            svg.Line("grid", x, 0, x, Height);
            svg.Text(Degrees(MapFrame.Wrap(longitude), "map.east", "map.west"), x + 3, Height - 5);
        }
    }

    private void DrawScale(Svg svg, MapFrame frame)
    {
        var kilometres = MapFrame.Round(Width / 5d / frame.PixelsPerDegree * KilometresPerDegree);
        var length = (decimal)(kilometres / KilometresPerDegree * frame.PixelsPerDegree);
        svg.Line("axis", Width - 20 - length, 20, Width - 20, 20);
        svg.Line("axis", Width - 20 - length, 15, Width - 20 - length, 25);
        svg.Line("axis", Width - 20, 15, Width - 20, 25);
        svg.Text($"{numbers.Plain((decimal)kilometres)}\u00a0km", Width - 20, 38, "end");
    }

    private string Degrees(double value, string positive, string negative) => $"{numbers.Plain(Math.Abs(Math.Round((decimal)value, 4)))}° {(value < 0 ? texts[negative] : texts[positive])}";
}
