using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;

namespace GridServices.Tariffs.Carbon;

/// <summary>Reads rows of intensity, <c>from,until,g/kWh</c>; without <c>until</c> each row holds for the least distance between rows, so that a gap stays a gap.</summary>
public static class IntensityCsv
{
    // 1 lb = 453.59237 g, by definition.
    private static readonly (string Name, decimal Grams)[] Units =
        [("g/kWh", 1), ("gPerKwh", 1), ("gramsPerKwh", 1), ("kg/MWh", 1), ("kg/kWh", 1000), ("t/MWh", 1000), ("lb/MWh", 0.45359237m)];

    private static readonly TimedValuesCsv Form = new()
    {
        Units = Units.ToDictionary(u => u.Name, u => (Func<decimal, decimal>)(value => u.Grams * value), StringComparer.OrdinalIgnoreCase),
        UnitNames = string.Join(", ", Units.Select(u => u.Name)),
        Head = "from,until,g/kWh",
        StampExample = "2026-01-15T00:00:00Z or 2026-01-15T01:00:00+01:00",
        NumberExample = "312.5",
        MostRows = IntensityReader.MostPoints,
    };

    /// <summary>The intensities of a grid zone, or everything that is wrong with the file.</summary>
    public static ReadResult<IntensityCurve> Read(ReadOnlyMemory<byte> csv, string zone) => Form.Read(csv, (values, problems) =>
        IntensityReader.Checked(zone, [.. values.Select(v => new IntensityPoint(v.From, v.Until, v.Value))], "/", problems));
}
