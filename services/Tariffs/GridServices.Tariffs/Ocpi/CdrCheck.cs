using System.Globalization;

namespace GridServices.Tariffs.Ocpi;

/// <summary>A CDR's own totals held against what its tariff makes of its charging periods.</summary>
public sealed record CdrCheck
{
    private const decimal VolumeTolerance = 0.0005m;

    /// <summary>Every total that the CDR states agrees: money to half a coin, kWh and hours to 0.0005.</summary>
    public required bool Agrees { get; init; }

    /// <summary>Each total that is stated.</summary>
    public required IReadOnlyList<CdrCheckItem> Items { get; init; }

    /// <summary>What gives the stated total; empty where it agrees.</summary>
    public required IReadOnlyList<CdrReason> Reasons { get; init; }

    /// <param name="report">The cost by the tariff.</param>
    /// <param name="stated">What the CDR says.</param>
    /// <param name="session">What happened.</param>
    /// <param name="isCredit">A credit CDR: only its total is negative.</param>
    /// <returns>Null where the CDR states no total at all.</returns>
    public static CdrCheck? Compare(OcpiCostReport report, CdrStatement stated, OcpiSession session, bool isCredit)
    {
        var coin = Half(report);
        CdrCheckItem[] items =
        [
            .. Price("total_cost", stated.TotalCost, isCredit ? report.Credit() : report.Total, coin), .. Price("total_fixed_cost", stated.FixedCost, report.GetPrice(OcpiDimension.Flat), coin),
            .. Price("total_energy_cost", stated.EnergyCost, report.GetPrice(OcpiDimension.Energy), coin), .. Price("total_time_cost", stated.TimeCost, report.GetPrice(OcpiDimension.Time), coin),
            .. Price("total_parking_cost", stated.ParkingCost, report.GetPrice(OcpiDimension.ParkingTime), coin), .. Price("total_reservation_cost", stated.ReservationCost, report.Reservation, coin),
            .. Volume("total_energy", stated.Energy, session.Periods.Sum(p => p.Energy)),
            .. Volume("total_time", session.Periods.IsEmpty ? null : stated.Time, session.Periods.IsEmpty ? 0 : (decimal)(session.Periods[^1].End - session.Start).TotalSeconds / 3600),
            .. Volume("total_parking_time", stated.ParkingTime, session.Periods.Sum(p => p.ParkingSeconds) / 3600),
        ];
        return items.Length == 0 ? null : new CdrCheck
        {
            Agrees = items.All(i => i.Agrees),
            Items = items,
            Reasons = items.Any(i => !i.Agrees && i.Total.StartsWith("total_cost", StringComparison.Ordinal)) ? [.. Causes(report, stated, session, isCredit)] : [],
        };
    }

    private static List<CdrReason> Causes(OcpiCostReport report, CdrStatement stated, OcpiSession session, bool isCredit)
    {
        var (digits, half, total) = (Currencies.MinorDigits(report.Currency), Half(report), isCredit ? -stated.TotalCost!.BeforeTaxes : stated.TotalCost!.BeforeTaxes);
        bool Gives(decimal amount) => Math.Abs(total - amount) <= half;
        decimal Coins(decimal amount) => Rounding.Apply(amount, digits, RoundingMode.HalfUp);
        var byPeriod = report.Lines.Sum(l => Coins(l.Cost.BeforeTaxes));
        var byDimension = Enum.GetValues<OcpiDimension>().Sum(d => Coins(report.GetPrice(d).BeforeTaxes)) + Coins(report.Reservation.BeforeTaxes);
        var unstepped = report.Lines.Sum(l => l.Billed == 0 ? 0 : l.Cost.BeforeTaxes * l.Volume / l.Billed);
        (bool Holds, CdrCause Cause, string Text)[] tried =
        [
            (Gives(report.Total.BeforeTaxes), CdrCause.Taxes, "the total before taxes agrees, the one after taxes does not"),
            (Gives(-report.Total.BeforeTaxes), CdrCause.SignTurned, "the amount with its sign turned"),
            (report.Total == report.Unlimited && total == byDimension, CdrCause.RoundedByDimension, "each dimension's cost rounded before they are added"),
            (report.Total == report.Unlimited && total == byPeriod, CdrCause.RoundedByPeriod, "each period's cost rounded before they are added"),
            (Gives(report.Total.AfterTaxes), CdrCause.Taxes, "the amount after taxes where the one before them belongs"),
            (report.Total != report.Unlimited && Gives(report.Unlimited.BeforeTaxes), CdrCause.LimitIgnored, "min_price or max_price of the tariff was not applied"),
            (unstepped != report.Unlimited.BeforeTaxes && Gives(unstepped), CdrCause.StepIgnored, "step_size was not applied"),
        ];
        var found = tried.Where(t => t.Holds).Take(1).Select(t => new CdrReason(t.Cause, t.Text)).ToList();
        var energy = session.Periods.Sum(p => p.Energy);
        if (stated.Energy is { } kwh && Math.Abs(kwh - energy) > VolumeTolerance)
        {
            found.Add(new CdrReason(CdrCause.OtherEnergy, string.Create(CultureInfo.InvariantCulture, $"total_energy is {kwh:0.####} kWh, the charging periods sum to {energy:0.####}")));
        }

        decimal[] parts = [.. new[] { stated.FixedCost, stated.EnergyCost, stated.TimeCost, stated.ParkingCost, stated.ReservationCost }.OfType<StatedPrice>().Select(p => p.BeforeTaxes)];
        if (parts.Length > 0 && Math.Abs(parts.Sum() - total) > half * (parts.Length + 1))
        {
            found.Add(new CdrReason(CdrCause.OwnParts, string.Create(CultureInfo.InvariantCulture, $"the CDR's own parts sum to {parts.Sum():0.######}, its total_cost is {total:0.######}")));
        }

        return found.Count > 0 ? found : [new CdrReason(CdrCause.Unexplained, "nothing that was tried gives the stated total")];
    }

    private static IEnumerable<CdrCheckItem> Price(string name, StatedPrice? stated, OcpiPrice ours, decimal half)
    {
        if (stated is not null)
        {
            yield return new CdrCheckItem($"{name}.before_taxes", stated.BeforeTaxes, ours.BeforeTaxes, Math.Abs(stated.BeforeTaxes - ours.BeforeTaxes) <= half);
        }

        if (stated?.AfterTaxes is { } after)
        {
            yield return new CdrCheckItem($"{name}.after_taxes", after, ours.AfterTaxes, Math.Abs(after - ours.AfterTaxes) <= half);
        }
    }

    private static IEnumerable<CdrCheckItem> Volume(string name, decimal? stated, decimal ours) =>
        stated is { } value ? [new CdrCheckItem(name, value, ours, Math.Abs(value - ours) <= VolumeTolerance)] : [];

    /// <summary>Half of the currency's smallest coin.</summary>
    private static decimal Half(OcpiCostReport report) => new(5, 0, 0, isNegative: false, (byte)(Currencies.MinorDigits(report.Currency) + 1));
}

/// <summary>One total of the CDR.</summary>
/// <param name="Total">Its name in OCPI 2.3.0.</param>
/// <param name="Stated">What the CDR says.</param>
/// <param name="Ours">What the tariff and the periods give, not rounded.</param>
/// <param name="Agrees">Whether the two do.</param>
public sealed record CdrCheckItem(string Total, decimal Stated, decimal Ours, bool Agrees)
{
    /// <summary>Stated less ours.</summary>
    public decimal Difference => Stated - Ours;
}

/// <summary>Why the stated total is another.</summary>
public sealed record CdrReason(CdrCause Cause, string Text);

/// <summary>What was calculated and gives the stated total.</summary>
public enum CdrCause
{
    Taxes,
    SignTurned,
    RoundedByDimension,
    RoundedByPeriod,
    LimitIgnored,
    StepIgnored,
    OtherEnergy,
    OwnParts,
    Unexplained,
}
