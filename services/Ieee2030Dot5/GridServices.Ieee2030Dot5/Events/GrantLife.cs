using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>When a grant acts, and what falls due to be said of it.</summary>
/// <remarks>
/// <code>
///   asked        ├────────────────────────────────────────┤
///   grant 1           ├──────────────────────┤                7 where grant 2, created later, begins; for good, in both editions
///   grant 2                      ├───────┤                    2, 3
///   allowed   0  0000 1111111111 2222222 00000000000000000
/// </code>
/// </remarks>
public static class GrantLife
{
    /// <summary>When it stops acting, and why: its end, the server's word, or a later response to the same request that overlaps it.</summary>
    public static (Instant At, byte Status) Over(Reservation reservation, Grant grant)
    {
        var over = grant.Ending is { } ending && ending.At < grant.End
            ? (ending.At, ending.Kind == EndingKind.Superseded ? ResponseStatus.Superseded : ResponseStatus.Cancelled)
            : (At: grant.End, ResponseStatus.Completed);
        foreach (var later in reservation.Grants.Where(g => !g.IsRefused && IsLater(g, grant)))
        {
            var from = Instant.Max(later.From(), grant.From());
            var until = later.Ending is { } end && end.At < later.End ? end.At : later.End;
            over = from < until && from < over.At ? (from, ResponseStatus.Superseded) : over;
        }

        return over;
    }

    /// <summary>When its energy is used up at its power, and it with it; never after it is over.</summary>
    public static Instant UsedUp(Reservation reservation, Grant grant)
    {
        var (over, _) = Over(reservation, grant);
        var seconds = grant.PowerW == 0 ? decimal.MaxValue : 3600m * grant.EnergyWh / grant.PowerW;
        return seconds < (decimal)(over - grant.From()).TotalSeconds ? grant.From() + Duration.FromSeconds((long)seconds) : over;
    }

    /// <summary>Says what has fallen due: received, started, and how it ended; each once, as far as the server asks.</summary>
    internal static Reservation Respond(ReservationContext context, Reservation reservation) =>
        reservation with { Grants = reservation.Grants.Select(g => g.IsRefused ? g : Respond(context, reservation, g)).ToValueList() };

    /// <summary>When something changes by itself, server time.</summary>
    public static IEnumerable<Instant> Changes(Reservation reservation) =>
        reservation.Grants.Where(g => !g.IsRefused).SelectMany(g => new[] { g.From(), UsedUp(reservation, g), Over(reservation, g).At });

    private static Grant Respond(ReservationContext context, Reservation reservation, Grant grant)
    {
        var (over, how) = Over(reservation, grant);
        var told = grant;
        foreach (var (at, status) in new[] { (grant.ReceivedAt, ResponseStatus.Received), (grant.From(), ResponseStatus.Started), (over, how) })
        {
            var isDue = at <= context.Now && !told.Told.Contains(status) && !told.Told.Any(IsLast) && !(status == ResponseStatus.Started && over <= at);

            // Of what was withdrawn here only the server's own cancellation is acknowledged.
            if (isDue && (reservation.IsActive() || status == ResponseStatus.Cancelled))
            {
                told = told with { Told = [.. told.Told, status] };
                context.Respond(grant, status, at, until: over);
            }
        }

        return told;
    }

    private static bool IsLast(int status) => status is ResponseStatus.Completed or ResponseStatus.Cancelled or ResponseStatus.Superseded;

    private static bool IsLater(Grant one, Grant other) =>
        one.CreationTime != other.CreationTime ? one.CreationTime > other.CreationTime : string.CompareOrdinal(one.MRid.ToUpperInvariant(), other.MRid.ToUpperInvariant()) > 0;
}
