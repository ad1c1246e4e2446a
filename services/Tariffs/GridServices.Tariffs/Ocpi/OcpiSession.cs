using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs.Ocpi;

/// <summary>What a CDR says happened.</summary>
public sealed record OcpiSession
{
    /// <summary>Zone of the location: restrictions are in its wall clock time.</summary>
    public required DateTimeZone Zone { get; init; }

    public required Instant Start { get; init; }

    public required ImmutableArray<OcpiPeriod> Periods { get; init; }

    public OcpiReservation? Reservation { get; init; }

    /// <summary>Whether charging periods say themselves which tariff is theirs; then one that does not has none (OCPI 2.2.1, ChargingPeriod.tariff_id).</summary>
    public bool NamesTariffs => Periods.Any(p => p.TariffId is not null) || Reservation?.TariffId is not null;
}

/// <summary>A charging period [<see cref="Start"/>, <see cref="End"/>).</summary>
public sealed record OcpiPeriod
{
    public required Instant Start { get; init; }
    public required Instant End { get; init; }

    /// <summary>The tariff of this period; absent = the session's one, or none where other periods name theirs.</summary>
    public string? TariffId { get; init; }

    /// <summary>kWh.</summary>
    public decimal Energy { get; init; }

    /// <summary>Whether the CDR tells the energy: then 0 kWh over a time are 0 kW.</summary>
    public bool HasEnergy { get; init; }

    /// <summary>Seconds of charging.</summary>
    public decimal ChargingSeconds { get; init; }

    /// <summary>Seconds of parking without charging.</summary>
    public decimal ParkingSeconds { get; init; }

    public decimal? MinPower { get; init; }
    public decimal? MaxPower { get; init; }
    public decimal? MinCurrent { get; init; }
    public decimal? MaxCurrent { get; init; }

    /// <summary>Mean kW, from energy and length; null where that says nothing.</summary>
    internal decimal? MeanPower => (HasEnergy || Energy > 0) && End > Start ? Energy * 3600 / (decimal)(End - Start).TotalSeconds : null;
}

/// <summary>A reservation before the session; expired = no session came of it.</summary>
public sealed record OcpiReservation(Instant Start, decimal Seconds, bool Expired, string? TariffId = null);
