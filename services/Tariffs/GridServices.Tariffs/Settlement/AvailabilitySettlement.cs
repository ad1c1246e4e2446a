using System.Collections.Immutable;

namespace GridServices.Tariffs;

/// <summary>One settlement block of a frequency service.</summary>
/// <param name="Mw">Contracted quantity.</param>
/// <param name="Hours">Length of the block.</param>
/// <param name="PricePerMwHour">Availability price.</param>
/// <param name="Performance">Score 0..1 from the service's own measurement; 0 for an unavailable block.</param>
/// <param name="EnergyKwh">Energy delivered (positive = export) that is settled apart; 0 = none.</param>
/// <param name="EnergyPrice">Per kWh.</param>
public sealed record AvailabilityBlock(decimal Mw, decimal Hours, decimal PricePerMwHour, decimal Performance, decimal EnergyKwh = 0, decimal EnergyPrice = 0)
{
    public decimal Availability => Mw * Hours * PricePerMwHour * Performance;

    public decimal Energy => EnergyKwh * EnergyPrice;
}

/// <summary>What a frequency service earned: availability x performance, plus energy.</summary>
public sealed record AvailabilitySettlement(ImmutableArray<AvailabilityBlock> Blocks)
{
    public decimal Availability => Blocks.Sum(b => b.Availability);

    public decimal Energy => Blocks.Sum(b => b.Energy);

    public decimal Total => Availability + Energy;

    public decimal DeltaTo(AvailabilitySettlement later) => later.Total - Total;
}
