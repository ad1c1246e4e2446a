using System.Collections.Immutable;
using GridServices.Tariffs.Model;
using NodaTime;

namespace GridServices.Tariffs.Ocpi;

public enum OcpiDimension
{
    Energy,
    Flat,
    ParkingTime,
    Time,
}

/// <summary>Whether the prices of a tariff carry their tax (OCPI 2.3.0; older versions are always "no").</summary>
public enum OcpiTax
{
    No,
    Yes,

    /// <summary>There is no tax on these prices.</summary>
    NotApplicable,
}

/// <summary>A charging tariff of OCPI 2.1.1, 2.2.1 or 2.3.0, in the terms of the newest.</summary>
public sealed record OcpiTariff
{
    public required string Id { get; init; }
    public required string Currency { get; init; }

    /// <summary>In the order of the document, which decides.</summary>
    public required ImmutableArray<OcpiElement> Elements { get; init; }

    public OcpiLimit? MinPrice { get; init; }
    public OcpiLimit? MaxPrice { get; init; }
    public OcpiTax TaxIncluded { get; init; } = OcpiTax.No;
    public Instant? Start { get; init; }
    public Instant? End { get; init; }

    /// <summary>Whether the id names this tariff; ids of OCPI do not mind case (CiString).</summary>
    public bool IsNamed(string id) => string.Equals(Id, id, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether a period (or reservation) of the session that names <paramref name="tariffId"/> is priced by this tariff.</summary>
    internal bool Prices(OcpiSession session, string? tariffId) => tariffId is null ? !session.NamesTariffs : IsNamed(tariffId);

    /// <summary>The tariff that governs a session: the first that is valid when it starts. It is not changed under way.</summary>
    public static OcpiTariff? Governing(IEnumerable<OcpiTariff> tariffs, Instant sessionStart) =>
        tariffs.FirstOrDefault(t => (t.Start is null || t.Start <= sessionStart) && (t.End is null || sessionStart < t.End));
}

/// <summary>Prices that hold together, while every restriction does.</summary>
public sealed record OcpiElement(ImmutableArray<OcpiComponent> Components, ImmutableArray<OcpiRestriction> Restrictions)
{
    /// <summary>Elements for reservations price nothing else, and the others price no reservation.</summary>
    public OcpiRestriction.Reservation? Reservation => Restrictions.OfType<OcpiRestriction.Reservation>().FirstOrDefault();
}

/// <param name="Dimension">What is priced.</param>
/// <param name="Price">Per kWh, per hour, or once.</param>
/// <param name="Vat">Percent; absent = none stated.</param>
/// <param name="StepSize">Wh or seconds to which the session's total is rounded up; 0 and 1 mean the unit itself.</param>
public sealed record OcpiComponent(OcpiDimension Dimension, decimal Price, decimal? Vat, int StepSize);

/// <summary>A bound on the whole cost, on its two totals independently.</summary>
public sealed record OcpiLimit(decimal? BeforeTaxes, decimal? AfterTaxes);

/// <summary>One condition; wire optionals become cases at once. Lower bounds include their value, upper bounds do not.</summary>
public abstract record OcpiRestriction
{
    private OcpiRestriction()
    {
    }

    /// <summary>Wall clock time [From, Until) at the location; over midnight when Until is not after From.</summary>
    public sealed record WallTime(DayTime From, DayTime Until) : OcpiRestriction;

    public sealed record Dates(LocalDate? From, LocalDate? Until) : OcpiRestriction;

    public sealed record Weekdays(ImmutableArray<IsoDayOfWeek> Days) : OcpiRestriction;

    /// <summary>kWh since the session's start.</summary>
    public sealed record Energy(decimal? From, decimal? Until) : OcpiRestriction;

    /// <summary>Seconds since the session's start.</summary>
    public sealed record Elapsed(decimal? From, decimal? Until) : OcpiRestriction;

    /// <summary>kW.</summary>
    public sealed record Power(decimal? From, decimal? Until) : OcpiRestriction;

    /// <summary>A over all phases.</summary>
    public sealed record Current(decimal? From, decimal? Until) : OcpiRestriction;

    /// <summary>For a reservation; <see cref="Expired"/> = for one that ran out unused.</summary>
    public sealed record Reservation(bool Expired) : OcpiRestriction;
}
