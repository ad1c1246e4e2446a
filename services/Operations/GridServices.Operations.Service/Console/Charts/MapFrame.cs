using GridServices.Operations.Registry;

namespace GridServices.Operations.Service.Console.Charts;

/// <summary>
/// The part of the earth that a drawing shows, as an equirectangular projection that is true to scale at its middle latitude. Longitudes go on beyond 180° where the
/// points lie on both sides of that meridian.
/// </summary>
internal sealed class MapFrame
{
    private readonly double _shrink;
    private readonly double _width;
    private readonly double _height;
    private readonly double _middleX;
    private readonly double _middleY;

    private MapFrame((double West, double East) across, (double South, double North) up, int width, int height, int margin, double least)
    {
        (_width, _height, _middleX, _middleY) = (width, height, (across.West + across.East) / 2, (up.South + up.North) / 2);
        _shrink = Math.Max(0.05, Math.Cos(_middleY * Math.PI / 180));
        PixelsPerDegree = Math.Min((width - (2 * margin)) / Math.Max(least, (across.East - across.West) * _shrink), (height - (2 * margin)) / Math.Max(least, up.North - up.South));
    }

    /// <summary>Of latitude; a degree of longitude is shorter.</summary>
    internal double PixelsPerDegree { get; }

    internal double DegreesWide => _width / PixelsPerDegree / _shrink;

    internal double DegreesHigh => _height / PixelsPerDegree;

    internal double West => _middleX - (DegreesWide / 2);

    internal double East => _middleX + (DegreesWide / 2);

    internal double South => Math.Max(-90, _middleY - (DegreesHigh / 2));

    internal double North => Math.Min(90, _middleY + (DegreesHigh / 2));

    /// <summary>With all points at least <paramref name="margin"/> away from the edge; of one point the surroundings of <paramref name="least"/> degrees.</summary>
    /// <exception cref="InvalidOperationException">There is no point.</exception>
    internal static MapFrame Around(IEnumerable<GeoPoint> points, int width, int height, int margin, double least)
    {
        var all = points.ToList();
        double[] longitudes = [.. all.Select(p => (double)p.Longitude).Order()];

        // The widest gap between neighbours is left out, wherever on the globe it is.
        var (west, east, widest) = (longitudes[0], longitudes[^1], longitudes[0] + 360 - longitudes[^1]);
        for (var i = 1; i < longitudes.Length; i++)
        {
            if (longitudes[i] - longitudes[i - 1] > widest)
            {
                (west, east, widest) = (longitudes[i], longitudes[i - 1] + 360, longitudes[i] - longitudes[i - 1]);
            }
        }

        return new MapFrame((west, east), ((double)all.Min(p => p.Latitude), (double)all.Max(p => p.Latitude)), width, height, margin, least);
    }

    internal (double X, double Y) Place(GeoPoint point)
    {
        var longitude = (double)point.Longitude;
        return (X(longitude < West ? longitude + 360 : longitude), Y((double)point.Latitude));
    }

    internal double X(double longitude) => (_width / 2) + ((longitude - _middleX) * _shrink * PixelsPerDegree);

    internal double Y(double latitude) => (_height / 2) - ((latitude - _middleY) * PixelsPerDegree);

    /// <summary>The next of 1, 2 and 5 times a power of ten.</summary>
    internal static double Round(double value)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return (value / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }

    /// <summary>The multiples of a step between two values.</summary>
    internal static IEnumerable<double> Steps(double from, double until, double step)
    {
        for (var n = Math.Ceiling(from / step); n * step <= until; n++)
        {
            yield return n * step;
        }
    }

    /// <summary>A longitude that went on beyond 180°, as it is written.</summary>
    internal static double Wrap(double longitude) => longitude > 180 ? longitude - 360 : longitude < -180 ? longitude + 360 : longitude;
}
