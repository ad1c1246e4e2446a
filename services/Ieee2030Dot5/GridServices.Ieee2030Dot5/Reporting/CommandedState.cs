namespace GridServices.Ieee2030Dot5.Reporting;

/// <summary>What the utility's controls order at present, as far as the DER's status must show it. Null: nothing.</summary>
/// <param name="Connect">opModConnect.</param>
/// <param name="Energize">opModEnergize.</param>
/// <param name="FixedW">opModFixedW of a control, hundredths of a per cent.</param>
public sealed record CommandedState(bool? Connect, bool? Energize, decimal? FixedW)
{
    /// <summary>CSIP-AUS demand response: operationalModeStatus 100 (disconnect), 101 to 104 (load), 105 to 108 (generation).</summary>
    public byte? DemandResponseMode() => (Connect, FixedW) switch
    {
        (false, _) => 100,
        (_, null) => null,
        (_, < 0 and > -100) => 101,
        (_, < 0 and >= -5_000) => 102,
        (_, < 0 and >= -7_500) => 103,
        (_, < 0) => 104,
        (_, < 100) => 105,
        (_, <= 5_000) => 106,
        (_, <= 7_500) => 107,
        _ => 108,
    };
}
