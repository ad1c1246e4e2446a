using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Midas;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;

namespace GridServices.Tariffs.Carbon;

/// <summary>Reads the carbon intensity of a grid zone: JSON points, rows of CSV, or the GHG signal of MIDAS 2.0.</summary>
public static class IntensityReader
{
    /// <summary>Oil shale and lignite stay below 1,500; more is another unit.</summary>
    public const decimal Most = 5_000;

    internal const int MostPoints = 120_000;
    private const decimal LookLikeKilograms = 2;

    /// <summary><c>{"points":[{"from":…,"until":…,"gramsPerKwh":…}]}</c>.</summary>
    public static ReadResult<IntensityCurve> Json(ReadOnlyMemory<byte> json, string zone) => RequestDocument.Read(json, typeof(IntensityRequestBody), (root, problems) =>
    {
        var points = root.Required<IntensityPoint[]>("points", "the intensities, e.g. [{\"from\":\"2026-01-15T00:00:00Z\",\"until\":\"2026-01-15T01:00:00Z\",\"gramsPerKwh\":312}]", problems) ?? [];
        return problems.Any ? null : Checked(zone, points, "/points", problems);
    });

    /// <summary>The answer of MIDAS for a GHG signal, g/kWh.</summary>
    public static ReadResult<IntensityCurve> Midas(ReadOnlyMemory<byte> json, string zone)
    {
        var read = MidasReader.Read(json, "g/kWh CO2");
        if (!read.Ok)
        {
            return new ReadResult<IntensityCurve>(null, read.Refusals, read.Warnings);
        }

        var problems = new ReadProblems();
        var curve = Checked(zone, [.. read.Value!.Values.Select(v => new IntensityPoint(v.From, v.Until, v.Value))], "/ValueInformation", problems);
        return new ReadResult<IntensityCurve>(problems.Any ? null : curve, problems.Refusals, [.. read.Warnings, .. problems.Warnings]);
    }

    /// <summary>Points in order; each moment has one number, and it is one of g/kWh.</summary>
    internal static IntensityCurve? Checked(string zone, IReadOnlyCollection<IntensityPoint> points, string at, ReadProblems problems)
    {
        if (points.Count is 0 or > MostPoints)
        {
            problems.Refuse(ErrorClass.LimitCount, at, $"give 1 to {MostPoints} points");
            return null;
        }

        var sorted = points.OrderBy(p => p.From).ToImmutableArray();
        var bad = sorted.FirstOrDefault(p => p.From >= p.Until || p.GramsPerKwh is < 0 or > Most);
        if (bad is not null)
        {
            problems.Refuse(ErrorClass.SemanticNumber, at, bad.From >= bad.Until ? $"the point from {bad.From} ends before it starts" : string.Create(
                CultureInfo.InvariantCulture, $"{bad.GramsPerKwh} at {bad.From} is no intensity of a grid: 0 to {Most} g/kWh; check the unit"));
        }

        if (sorted.Zip(sorted.Skip(1)).FirstOrDefault(p => p.First.Until > p.Second.From) is { Second: { } second })
        {
            problems.Refuse(ErrorClass.SemanticOverlap, at, $"two points hold at {second.From}; each moment has one intensity");
        }

        if (sorted.Max(p => p.GramsPerKwh) is > 0 and < LookLikeKilograms)
        {
            problems.Warn(ErrorClass.Plausibility, at, $"no value reaches {LookLikeKilograms} g/kWh; if these are kg/kWh, give them in grams");
        }

        return new IntensityCurve(zone, sorted);
    }
}
