namespace GridServices.Contracts.Functions;

/// <summary>What 100 % is (IEEE 2030.5 DERUnitRefType).</summary>
public enum PercentBase
{
    MaxW,
    MaxVar,
    AvailableVar,
    NominalVoltage,
    MaxChargeW,
    MaxDischargeW,
    AvailableW,
}
