using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace GridServices.Tariffs.Settlement;

/// <summary>One settlement block of a frequency service. Only the part of it whose delivery was measured is paid.</summary>
/// <param name="Mw">Contracted quantity.</param>
/// <param name="Hours">Length of the block.</param>
/// <param name="PricePerMwHour">Availability price.</param>
/// <param name="Performance">Score 0..1 of the measured delivery; 0 for an unavailable block; absent = not scored, which earns nothing.</param>
/// <param name="EnergyKwh">Energy delivered (positive = export) that is settled apart; 0 = none.</param>
/// <param name="EnergyPrice">Per kWh.</param>
/// <param name="Source">What delivery was measured by; absent = nothing, unless <paramref name="Measured"/> says that something was.</param>
/// <param name="Measured">Share 0..1 of the block in which delivery was measured (true = all, false = nothing); absent = all of it where a source is told, otherwise nothing.</param>
public sealed record AvailabilityBlock(
    decimal Mw,
    decimal Hours,
    decimal PricePerMwHour,
    decimal? Performance = null,
    decimal EnergyKwh = 0,
    decimal EnergyPrice = 0,
    MeasurementSource? Source = null,
    [property: JsonConverter(typeof(MeasuredShareConverter))] decimal? Measured = null)
{
    /// <summary>Where the block's numbers come from; a share that is told without a source counts as telemetry.</summary>
    [JsonIgnore]
    public MeasurementSource MeasuredBy => Performance is null || Measured == 0 ? MeasurementSource.None : Source ?? (Measured is null ? MeasurementSource.None : MeasurementSource.Telemetry);

    /// <summary>Share of the block that is paid.</summary>
    [JsonIgnore]
    public decimal PaidShare => MeasuredBy == MeasurementSource.None ? 0 : Measured ?? 1;

    [JsonIgnore]
    public decimal Availability => PaidShare == 0 ? 0 : Mw * Hours * PaidShare * PricePerMwHour * Performance!.Value;

    /// <summary>Energy is what was measured, whatever share of the time that is.</summary>
    [JsonIgnore]
    public decimal Energy => PaidShare == 0 ? 0 : EnergyKwh * EnergyPrice;
}

/// <summary>What a frequency service earned: availability x performance, plus energy, where delivery was measured.</summary>
public sealed record AvailabilitySettlement(ImmutableArray<AvailabilityBlock> Blocks)
{
    public decimal Availability => Blocks.Sum(b => b.Availability);

    public decimal Energy => Blocks.Sum(b => b.Energy);

    public decimal Total => Availability + Energy;

    /// <summary>Contracted MW h for which nothing is paid because delivery was not measured.</summary>
    public decimal NotMeasuredMwHours => Blocks.Sum(b => b.Mw * b.Hours * (1 - b.PaidShare));

    /// <summary>Delivery is estimated or not measured somewhere: better data change the settlement.</summary>
    public bool Provisional => Blocks.Any(b => b.PaidShare < 1 || b.MeasuredBy == MeasurementSource.Estimate);

    public decimal DeltaTo(AvailabilitySettlement later) => later.Total - Total;
}
