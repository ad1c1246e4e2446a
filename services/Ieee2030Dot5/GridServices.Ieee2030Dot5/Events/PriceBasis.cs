using System.Globalization;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>What the prices of a component are for.</summary>
public enum PriceLane
{
    /// <summary>Energy drawn from the grid (forward).</summary>
    Import,

    /// <summary>Energy fed into the grid (reverse).</summary>
    Export,

    /// <summary>Something else than active energy, which the contract has no place for: it adds nothing to a price per kWh.</summary>
    Apart,

    /// <summary>Nobody knows: while such a price holds, no price per kWh of its tariff is complete.</summary>
    Unknown,
}

/// <summary>How a component's numbers become prices per kWh: price × 10^<paramref name="Exponent"/>.</summary>
/// <param name="Lane">What it is for.</param>
/// <param name="Exponent">Of tariff and reading type together.</param>
/// <param name="UnitPower">Power of ten of start values in Wh.</param>
/// <param name="Why">Why it can't be stated per kWh, half a sentence; null: it can.</param>
public sealed record PriceBasis(PriceLane Lane, int Exponent, int UnitPower, string? Why)
{
    private const int MostDecimals = 12;
    private const decimal Most = 1_000_000_000_000;
    private const int MostPower = 12;
    private const byte WattHours = 72;
    private const byte Forward = 1;
    private const byte Reverse = 19;

    // Power, apparent and reactive power and energy, and days: known, and no part of a price per kWh.
    private static readonly Dictionary<int, string> Others = new()
    {
        [38] = "W, a price of demand",
        [61] = "VA, a price of demand",
        [63] = "var, a price of demand",
        [71] = "VAh, apparent energy",
        [73] = "varh, reactive energy",
        [195] = "days, a fixed charge",
    };

    /// <summary>What the prices of a component are per. IEEE 2030.5 pricing: the unit of the reading type and the currency of the tariff, each with its power of ten.</summary>
    public static PriceBasis From(TariffProfile tariff, ReadingType? type) => type switch
    {
        _ when (tariff ?? throw new ArgumentNullException(nameof(tariff))).ServiceCategoryKind is > 0 and var service => Apart($"its service category {service} is not electricity"),
        null => Unknown("its reading type could not be read"),
        { Commodity: > 2 and var commodity } => Apart($"its commodity {commodity} is not electricity"),
        { Uom: { } uom } when Others.TryGetValue(uom, out var what) => Apart($"it is per {what}"),
        { Uom: not WattHours } => Unknown($"its unit {type.Uom?.ToString(CultureInfo.InvariantCulture) ?? "that is not named"} is not Wh"),
        _ when !IsSane(tariff.PricePowerOfTenMultiplier) || !IsSane(type.PowerOfTenMultiplier) =>
            Unknown($"its power of ten {tariff.PricePowerOfTenMultiplier ?? 0} per {type.PowerOfTenMultiplier ?? 0} is beyond ±{MostPower}"),
        { FlowDirection: Forward } => Energy(PriceLane.Import, tariff, type),
        { FlowDirection: Reverse } => Energy(PriceLane.Export, tariff, type),
        _ => Unknown($"its direction of flow {type.FlowDirection?.ToString(CultureInfo.InvariantCulture) ?? "that is not named"} is neither forward (1) nor reverse (19)"),
    };

    /// <summary>
    /// The charge per kWh in the tariff's currency; null where it can't be stated exactly within the contract's bounds.
    /// </summary>
    public decimal? PerKwh(long price) => Lane is PriceLane.Import or PriceLane.Export ? Exact(price, Exponent) : null;

    /// <summary>A start value in kWh.</summary>
    public decimal Kwh(long startValue) => PowerOfTen.Scale(startValue, UnitPower - 3);

    private static decimal? Exact(long price, int exponent)
    {
        // Beyond the bounds whatever the price: two steps keep the arithmetic inside a decimal.
        if (Math.Abs(exponent) > (2 * MostPower) + 3 || Math.Abs(price) > int.MaxValue + 1L)
        {
            return null;
        }

        var near = Math.Clamp(exponent, -MostPower, MostPower);
        var once = PowerOfTen.Scale(price, near);
        if (near == exponent || once == 0)
        {
            return Within(once);
        }

        // What is beyond 10^±12 is either too large or too fine for the contract.
        return exponent > 0 ? null : Within(once / PowerOfTen.Scale(1, near - exponent));
    }

    private static decimal? Within(decimal price) => Math.Abs(price) <= Most && decimal.Round(price, MostDecimals) == price ? price : null;

    private static PriceBasis Energy(PriceLane lane, TariffProfile tariff, ReadingType type) =>
        new(lane, (tariff.PricePowerOfTenMultiplier ?? 0) + 3 - (type.PowerOfTenMultiplier ?? 0), type.PowerOfTenMultiplier ?? 0, null);

    private static bool IsSane(int? power) => power is null or (>= -MostPower and <= MostPower);

    private static PriceBasis Apart(string why) => new(PriceLane.Apart, 0, 0, why);

    private static PriceBasis Unknown(string why) => new(PriceLane.Unknown, 0, 0, why);
}
