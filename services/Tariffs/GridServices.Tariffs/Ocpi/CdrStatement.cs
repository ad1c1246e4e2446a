using GridServices.Contracts.Json;

namespace GridServices.Tariffs.Ocpi;

/// <summary>What a CDR states as its own totals; absent = it does not say.</summary>
public sealed record CdrStatement
{
    /// <summary>The CDR's id.</summary>
    public string? Id { get; init; }

    public StatedPrice? TotalCost { get; init; }
    public StatedPrice? FixedCost { get; init; }
    public StatedPrice? EnergyCost { get; init; }
    public StatedPrice? TimeCost { get; init; }
    public StatedPrice? ParkingCost { get; init; }
    public StatedPrice? ReservationCost { get; init; }

    /// <summary>kWh.</summary>
    public decimal? Energy { get; init; }

    /// <summary>Hours of the session, charging or not.</summary>
    public decimal? Time { get; init; }

    /// <summary>Hours of parking without charging.</summary>
    public decimal? ParkingTime { get; init; }

    internal static CdrStatement Read(JsonMember cdr) => new()
    {
        Id = cdr.Member("id") is { IsText: true } id ? id.Text() : null,
        TotalCost = StatedPrice.Read(cdr.Member("total_cost")),
        FixedCost = StatedPrice.Read(cdr.Member("total_fixed_cost")),
        EnergyCost = StatedPrice.Read(cdr.Member("total_energy_cost")),
        TimeCost = StatedPrice.Read(cdr.Member("total_time_cost")),
        ParkingCost = StatedPrice.Read(cdr.Member("total_parking_cost")),
        ReservationCost = StatedPrice.Read(cdr.Member("total_reservation_cost")),
        Energy = cdr.Member("total_energy")?.Number(),
        Time = cdr.Member("total_time")?.Number(),
        ParkingTime = cdr.Member("total_parking_time")?.Number(),
    };
}
