using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Takes in what the server grants: new, known, ended by the server, or refused.</summary>
internal static class GrantIntake
{
    /// <summary>Ten gigawatts, as for controls.</summary>
    private const decimal Most = 10_000_000_000m;

    private const int MostGrants = 64;
    private const int MostAtOnce = 8;
    private static readonly Duration Longest = Duration.FromDays(3653);

    /// <summary>The reservation with what the list says of it. Responses to requests of others are none of ours.</summary>
    public static Reservation Process(ReservationContext context, Reservation reservation, IEnumerable<FlowReservationResponse> listed)
    {
        foreach (var item in listed.Where(i => string.Equals(i.Subject, reservation.MRid, StringComparison.OrdinalIgnoreCase)))
        {
            var held = reservation.Grants.FirstOrDefault(g => string.Equals(g.MRid, item.MRid, StringComparison.OrdinalIgnoreCase));
            if (held is null)
            {
                // What was withdrawn takes on nothing new.
                reservation = reservation.IsActive() && reservation.Grants.Count < MostGrants && CreateGrant(context, reservation, item) is { } fresh
                    ? reservation with { Grants = reservation.Grants.Append(fresh).ToValueList() }
                    : reservation;
            }
            else if (Known(context, reservation, item, held) is var known && !ReferenceEquals(known, held))
            {
                reservation = reservation with { Grants = reservation.Grants.Select(g => ReferenceEquals(g, held) ? known : g).ToValueList() };
            }
        }

        return reservation;
    }

    private static Grant? CreateGrant(ReservationContext context, Reservation reservation, FlowReservationResponse item)
    {
        if (item.EventStatus.CurrentStatus == EventState.Completed)
        {
            return null;
        }

        var fault = FindFault(context, reservation, item)
            ?? (reservation.Grants.Count(g => !g.IsRefused && g.Ending is null && g.End > context.Now) < MostAtOnce ? null : $"{MostAtOnce} others stand");
        var grant = ToGrant(context, item);
        if (fault is null && grant.End > context.Now)
        {
            context.Inform($"Reservation {reservation.Id}: granted {grant.PowerW} W, {grant.EnergyWh} Wh from {grant.Start} to {grant.End} by the server's clock.", item.MRid);
            return Ended(context, item, grant);
        }

        // Behaviour rule 16: over when it first came, unless it was ended besides.
        var status = fault is null ? ResponseStatus.Expired : ResponseStatus.Invalid;
        if (item.EventStatus.CurrentStatus is EventState.Scheduled or EventState.Active)
        {
            context.Warn(fault is null ? ErrorClass.SemanticExpired : ErrorClass.SemanticNumber, $"A response to reservation {reservation.Id} is refused ({status}): {fault ?? "it was over when it came"}.", item.MRid);
            context.Respond(grant, status, context.Now, isRejection: true);
            grant = grant with { Told = [status] };
        }

        return grant with { IsRefused = true };
    }

    private static Grant Known(ReservationContext context, Reservation reservation, FlowReservationResponse item, Grant held)
    {
        if (held.IsRefused)
        {
            return held;
        }

        // Behaviour rule 15: events are immutable but for their status; only a version above the one held changes one.
        var now = ToGrant(context, item);
        var same = (now.Start, now.End, now.PowerW, now.EnergyWh) == (held.Start, held.End, held.PowerW, held.EnergyWh);
        if (!same && item.Version > (held.Version ?? 0) && FindFault(context, reservation, item) is null)
        {
            held = held with { Version = item.Version, CreationTime = now.CreationTime, Start = now.Start, End = now.End, PowerW = now.PowerW, EnergyWh = now.EnergyWh };
        }
        else if (!same && !held.IsDoubted)
        {
            context.Warn(ErrorClass.SeqConflict, $"The server changed its response to reservation {reservation.Id} without raising its version, or to what can't be meant; the one held goes on.", item.MRid);
            held = held with { IsDoubted = true };
        }

        return held.Ending is null && context.Now < held.End ? Ended(context, item, held) : held;
    }

    private static Grant Ended(ReservationContext context, FlowReservationResponse item, Grant grant) => item.EventStatus.CurrentStatus switch
    {
        EventState.Cancelled or EventState.CancelledWithRandomization => grant with { Ending = new Ending(EndingKind.Cancelled, context.Now) },
        EventState.Superseded => grant with { Ending = new Ending(EndingKind.Superseded, context.Now) },
        _ => grant,
    };

    // Some servers sign the power as they sign the energy; a power against the energy's direction can't be meant.
    private static string? FindFault(ReservationContext context, Reservation reservation, FlowReservationResponse item)
    {
        var (power, energy) = (item.PowerAvailable.Watts, item.EnergyAvailable.Amount);
        return energy != 0 && energy > 0 != reservation.EnergyWh > 0 ? "energyAvailable flows the other way than asked for"
            : power < 0 && energy >= 0 ? "powerAvailable is negative"
            : Math.Abs(power) > Most || Math.Abs(energy) > Most ? "more than 10 GW or 10 GWh"
            : Instant.FromUnixTimeSeconds(item.Interval.End) > context.Now + Longest ? "it ends more than ten years ahead"
            : null;
    }

    // Architecture law 1: towards zero.
    private static Grant ToGrant(ReservationContext context, FlowReservationResponse item) => new()
    {
        MRid = item.MRid,
        CreationTime = item.CreationTime,
        Version = item.Version,
        Start = Instant.FromUnixTimeSeconds(item.Interval.Start),
        End = Instant.FromUnixTimeSeconds(item.Interval.End),
        PowerW = (long)Math.Abs(decimal.Truncate(Math.Clamp(item.PowerAvailable.Watts, -Most, Most))),
        EnergyWh = (long)Math.Abs(decimal.Truncate(Math.Clamp(item.EnergyAvailable.Amount, -Most, Most))),
        ReplyTo = item.ReplyTo,
        ResponseRequired = item.ResponseRequired ?? 0,
        ReceivedAt = context.Now,
    };
}
