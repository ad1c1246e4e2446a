using GridServices.Adapters.Schedules;
using NodaTime;

namespace GridServices.Adapters.Ocpp;

/// <summary>A profile that was sent and not answered: the station may hold it, or not.</summary>
/// <param name="Number">Counts up with each profile that is sent.</param>
/// <param name="Curve">What it allows.</param>
/// <param name="IsMerged">True where it stands for older ones too: a refusal is of this number alone, and takes none of them back.</param>
public sealed record StationOffer(long Number, PowerCurve Curve, bool IsMerged = false);

/// <summary>
/// What a station may be doing, by what it was sent and what it answered. Until it has accepted anything it may draw all it can; what was sent and not answered may hold or not,
/// so that the greater of both counts.
/// </summary>
public sealed record StationRecord(ChargingStation Station)
{
    // So many unanswered profiles are kept apart; older ones count together.
    private const int MostOffers = 8;

    /// <summary>What it accepted last; null: nothing since the start, or it took its word back, so that nobody knows.</summary>
    public PowerCurve? Held { get; init; }

    /// <summary>The number of what it holds.</summary>
    public long HeldNumber { get; init; } = -1;

    /// <summary>In order. Those older than what is held were overtaken, and count again if they are accepted after all.</summary>
    public IReadOnlyList<StationOffer> Offers { get; init; } = [];

    /// <summary>The most it may be doing at each instant.</summary>
    public PowerCurve MayDo => PowerCurve.Greatest(
        [Held ?? PowerCurve.Constant(Instant.FromUnixTimeTicks(0), Station.MaxW), .. Offers.Where(o => o.Number > HeldNumber).Select(o => o.Curve)]);

    /// <summary>A profile is on its way.</summary>
    public StationRecord Sent(long number, PowerCurve curve)
    {
        List<StationOffer> offers = [.. Offers, new StationOffer(number, curve)];
        while (offers.Count > MostOffers)
        {
            offers[1] = new StationOffer(offers[1].Number, PowerCurve.Greatest([offers[0].Curve, offers[1].Curve]), IsMerged: true);
            offers.RemoveAt(0);
        }

        return this with { Offers = offers };
    }

    /// <summary>The station took it. One that was overtaken may have replaced the later one: the greater of both counts until the next is accepted.</summary>
    public StationRecord Accepted(long number)
    {
        if (Offers.FirstOrDefault(o => o.Number == number) is not { } offer)
        {
            return this;
        }

        var isLast = number > HeldNumber;
        return this with
        {
            Held = isLast ? offer.Curve : Held is null ? null : PowerCurve.Greatest([Held, offer.Curve]),
            HeldNumber = Math.Max(number, HeldNumber),
            Offers = [.. Offers.Where(o => o != offer)],
        };
    }

    /// <summary>What is unanswered may still come after what is held: it counts beside it.</summary>
    public StationRecord Unordered() => Offers.Count == 0 || Held is null ? this : this with
    {
        Offers = [new StationOffer(Math.Max(HeldNumber, Offers.Max(o => o.Number)) + 1, PowerCurve.Greatest([.. Offers.Select(o => o.Curve)]), IsMerged: true)],
    };

    /// <summary>It was never sent, or the station said that it does not take it. What it accepted before and refuses now leaves nobody knowing what it holds.</summary>
    public StationRecord Refused(long number) => this with
    {
        Held = number == HeldNumber ? null : Held,
        Offers = [.. Offers.Where(o => o.IsMerged || o.Number != number)],
    };
}
