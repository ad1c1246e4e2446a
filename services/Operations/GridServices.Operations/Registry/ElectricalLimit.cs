using System.Globalization;
using GridServices.Operations.Enrollments;

namespace GridServices.Operations.Registry;

/// <summary>The power that the overcurrent device and the conductors allow for hours.</summary>
/// <param name="PowerW">W, rounded toward zero.</param>
/// <param name="ContinuousA">A per conductor, three decimals, rounded toward zero.</param>
/// <param name="Rule">Where the reduction, or its absence, comes from.</param>
/// <param name="Calculation">In one line.</param>
internal sealed record ElectricalLimit(long PowerW, decimal ContinuousA, string Rule, string Calculation)
{
    /// <summary>Greatest power of any site, W.</summary>
    public const long MostW = 10_000_000_000;

    private const decimal MostA = 100_000;
    private const decimal MostV = 1_000_000;

    // NFPA 70, 625.42: EV supply is a continuous load; the device is rated at 125 % of it.
    private const decimal ContinuousFactor = 1.25m;

    // Cut, not rounded: the limit is not to be above the true one.
    private const decimal Sqrt3 = 1.7320508075688772935274463415m;

    /// <returns>Null, and at least one action, where something is missing or wrong; null without an action where nothing electrical was stated at all.</returns>
    public static ElectricalLimit? Compute(SiteConnection connection, List<RequiredAction> actions)
    {
        // Phases alone, as bulk files have them beside the agreement's power, are no half-given rating.
        if (connection is { RatingA: null, VoltageV: null, Code: null, EnergyManagement: null })
        {
            return null;
        }

        var before = actions.Count;
        CheckValue(connection.RatingA, MostA, "ratingA", "the rating of breaker or fuse, A", actions);
        CheckValue(connection.VoltageV, MostV, "voltageV", "the voltage, V", actions);
        Require(connection.Wiring is not null, "wiring", "single phase, split phase or three phases", actions);
        Require(connection.Code is not null, "code", "NEC or IEC: it decides whether continuous load counts 125 %", actions);
        CheckManagement(connection, actions);
        return actions.Count > before ? null : Calculate(connection);
    }

    private static ElectricalLimit Calculate(SiteConnection connection)
    {
        var (rating, volts) = (connection.RatingA!.Value, connection.VoltageV!.Value);
        var (amperes, rule, shown) = Continuous(connection, rating);
        var (factor, shownPhases) = connection.Wiring == PhaseWiring.ThreePhase ? (Sqrt3, " x sqrt(3)") : (1m, string.Empty);
        var power = (long)decimal.Truncate(amperes * volts * factor);
        return new ElectricalLimit(
            power,
            decimal.Truncate(amperes * 1000) / 1000,
            rule,
            string.Create(CultureInfo.InvariantCulture, $"{shown} x {volts:0.###} V{shownPhases} = {power} W"));
    }

    private static (decimal Amperes, string Rule, string Shown) Continuous(SiteConnection connection, decimal rating) => connection switch
    {
        { Code: InstallationCode.Iec, EnergyManagement.SetpointA: { } setpoint } => (Math.Min(rating, setpoint), "IEC 60364", $"{Amperes(Math.Min(rating, setpoint))} (set-point of the energy management)"),
        { Code: InstallationCode.Iec } => (rating, "IEC 60364", Amperes(rating)),
        { EnergyManagement: { } listed } => (listed.SetpointA ?? rating, "NEC 750.30", $"{Amperes(listed.SetpointA ?? rating)} (listed energy management, NEC 750.30)"),
        _ => (rating / ContinuousFactor, "NEC 625.42", $"{Amperes(rating)} / 1.25 (NEC 625.42)"),
    };

    private static void CheckManagement(SiteConnection connection, List<RequiredAction> actions)
    {
        if (connection.EnergyManagement is not { } management)
        {
            return;
        }

        if (string.IsNullOrWhiteSpace(management.Listing))
        {
            actions.Add(ConnectionLimit.Blocking("connection.listingMissing", "/connection/energyManagement/listing",
                "name the listing (standard and file number); without it the system is not a listed one and continuous load counts 125 %"));
        }

        if (management.SetpointA <= 0 || management.SetpointA > connection.RatingA)
        {
            actions.Add(ConnectionLimit.Blocking("connection.setpointAboveRating", "/connection/energyManagement/setpointA", "must be above 0 A and not above the breaker's rating"));
        }
    }

    private static void CheckValue(decimal? value, decimal most, string member, string what, List<RequiredAction> actions)
    {
        if (value is null)
        {
            Require(false, member, what, actions);
        }
        else if (value <= 0 || value > most)
        {
            actions.Add(ConnectionLimit.Blocking("connection.invalid", $"/connection/{member}", string.Create(CultureInfo.InvariantCulture, $"{what} must be above 0 and at most {most}")));
        }
    }

    private static void Require(bool isThere, string member, string what, List<RequiredAction> actions)
    {
        if (!isThere)
        {
            actions.Add(ConnectionLimit.Blocking("connection.ratingIncomplete", $"/connection/{member}", $"state {what}") with { Subject = member });
        }
    }

    private static string Amperes(decimal amperes) => string.Create(CultureInfo.InvariantCulture, $"{amperes:0.###} A");
}
