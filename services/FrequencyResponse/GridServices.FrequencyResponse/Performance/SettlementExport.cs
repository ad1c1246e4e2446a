namespace GridServices.FrequencyResponse.Performance;

/// <summary>The body that the Tariffs service's <c>POST /v1/settlements/frequency</c> takes: availability × performance, plus energy.</summary>
public sealed record SettlementExport(string Currency, IReadOnlyList<SettlementBlock> Blocks)
{
    /// <summary>Blocks of the periods in which something was procured, in their order.</summary>
    /// <param name="currency">ISO 4217 code.</param>
    /// <param name="periods">Closed periods of one contract.</param>
    /// <param name="pricePerMwHour">Availability price.</param>
    /// <param name="energyPrice">Per kWh delivered (export positive); 0 where energy is not paid apart, as in GB.</param>
    public static SettlementExport Of(string currency, IEnumerable<PeriodRecord> periods, decimal pricePerMwHour, decimal energyPrice = 0) =>
        new(currency, [.. periods.Where(p => p.ProcuredSeconds > 0).Select(p => SettlementBlock.Of(p, pricePerMwHour, energyPrice))]);
}

/// <summary>One settlement block, as Tariffs takes it.</summary>
/// <param name="Mw">Contracted quantity, MW.</param>
/// <param name="Hours">Procured length.</param>
/// <param name="PricePerMwHour">Availability price.</param>
/// <param name="Performance">0..1; 0 for an unavailable block.</param>
/// <param name="EnergyKwh">Response energy, positive = export.</param>
/// <param name="EnergyPrice">Per kWh.</param>
public sealed record SettlementBlock(decimal Mw, decimal Hours, decimal PricePerMwHour, decimal Performance, decimal EnergyKwh, decimal EnergyPrice)
{
    /// <summary>Digits after the point of what comes from measured doubles: a milliwatt, a millisecond, a millionth of a score.</summary>
    private const int Digits = 9;
    private const int ScoreDigits = 6;

    public static SettlementBlock Of(PeriodRecord period, decimal pricePerMwHour, decimal energyPrice)
    {
        ArgumentNullException.ThrowIfNull(period);
        return new SettlementBlock(
            Exact(period.QuantityW / 1e6, Digits), Exact(period.ProcuredSeconds / 3600, Digits), pricePerMwHour, Exact(period.Performance, ScoreDigits),
            Exact((period.RaisedWh - period.LoweredWh) / 1000, ScoreDigits), energyPrice);
    }

    private static decimal Exact(double value, int digits) => decimal.Round((decimal)value, digits, MidpointRounding.ToEven);
}
