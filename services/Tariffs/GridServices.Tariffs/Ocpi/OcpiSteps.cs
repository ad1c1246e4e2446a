namespace GridServices.Tariffs.Ocpi;

/// <summary>step_size: the session's total is rounded up, and the surplus is billed with the last stretch at its price.</summary>
internal static class OcpiSteps
{
    /// <summary>Millionths of a kWh or a second are no measurement: what a float of the CDR is too much begins no further step.</summary>
    private const int Measured = 6;

    public static IEnumerable<OcpiCostLine> Apply(List<OcpiCostLine> lines)
    {
        RoundUp(lines, lines.FindLastIndex(l => l.Dimension == OcpiDimension.Energy && l.Price != 0), unitsPerStep: 0.001m);

        // Charging time that is followed by paid parking is not rounded; parking that is free does not count as following.
        RoundUp(lines, lines.FindLastIndex(l => l.Dimension is OcpiDimension.Time or OcpiDimension.ParkingTime && l.Price != 0), unitsPerStep: 1);
        return lines;
    }

    private static void RoundUp(List<OcpiCostLine> lines, int last, decimal unitsPerStep)
    {
        if (last < 0 || lines[last].StepSize <= 0)
        {
            return;
        }

        var step = lines[last].StepSize * unitsPerStep;
        var total = lines.Where(l => l.Dimension == lines[last].Dimension).Sum(l => l.Volume);
        lines[last] = lines[last] with { Billed = lines[last].Volume + Math.Ceiling(decimal.Round(total, Measured) / step) * step - total };
    }
}
