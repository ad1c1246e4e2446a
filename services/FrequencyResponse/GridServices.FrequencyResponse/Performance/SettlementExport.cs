namespace GridServices.FrequencyResponse.Performance;

/// <summary>The body that the Tariffs service's <c>POST /v1/settlements/frequency</c> takes: availability × performance, plus energy.</summary>
public sealed record SettlementExport(string Currency, IReadOnlyList<SettlementBlock> Blocks)
{
    /// <summary>Blocks of the periods in which something was procured, in their order.</summary>
    /// <param name="currency">ISO 4217 code.</param>
    /// <param name="periods">Closed periods of one contract.</param>
    /// <param name="pricePerMwHour">Availability price.</param>
    /// <param name="energyPrice">Per kWh delivered (export positive); 0 where energy is not paid apart, as in GB.</param>
    public static SettlementExport Create(string currency, IEnumerable<PeriodRecord> periods, decimal pricePerMwHour, decimal energyPrice = 0) =>
        new(currency, [.. periods.Where(p => p.ProcuredSeconds > 0).Select(p => SettlementBlock.Create(p, pricePerMwHour, energyPrice))]);
}

/// <summary>One settlement block, as Tariffs takes it.</summary>
/// <param name="Mw">Contracted quantity, MW.</param>
/// <param name="Hours">Procured length.</param>
/// <param name="PricePerMwHour">Availability price.</param>
/// <param name="Performance">0..1: factor × share of the measured time that was available. The rest of the block is left to <paramref name="Measured"/>.</param>
/// <param name="EnergyKwh">Response energy, positive = export; each way at most what was asked for in the same minute.</param>
/// <param name="EnergyPrice">Per kWh.</param>
/// <param name="Source">What delivery was measured by; none = nothing, which earns nothing.</param>
/// <param name="Measured">Share 0..1 of the procured time in which delivery was measured.</param>
public sealed record SettlementBlock(
    decimal Mw, decimal Hours, decimal PricePerMwHour, decimal Performance, decimal EnergyKwh, decimal EnergyPrice, MeterSource Source, decimal Measured)
{
    /// <summary>Digits after the point of what comes from measured doubles: a milliwatt, a millisecond, a millionth of a score.</summary>
    private const int Digits = 9;
    private const int ScoreDigits = 6;

    public static SettlementBlock Create(PeriodRecord period, decimal pricePerMwHour, decimal energyPrice)
    {
        ArgumentNullException.ThrowIfNull(period);
        var measured = period.MeasuredSeconds > 0 && period.Source >= MeterSource.Telemetry;
        var share = measured ? Math.Clamp(period.MeasuredSeconds / period.ProcuredSeconds, 0, 1) : 0;
        var performance = measured ? Math.Clamp(period.Factor * period.AvailableSeconds / period.MeasuredSeconds, 0, 1) : 0;
        var energyWh = measured ? period.GivenRaiseWh - period.GivenLowerWh : 0;
        return new SettlementBlock(
            Exact(period.QuantityW / 1e6, Digits), Exact(period.ProcuredSeconds / 3600, Digits), pricePerMwHour, Exact(performance, ScoreDigits),
            Exact(energyWh / 1000, ScoreDigits), energyPrice, measured ? period.Source : MeterSource.None, Exact(share, Digits));
    }

    private static decimal Exact(double value, int digits) => decimal.Round((decimal)value, digits, MidpointRounding.ToEven);
}
