using GridServices.Ieee2030Dot5.Messages;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>
/// Which responses to intervals have fallen due. A price is acknowledged (1), and what ends it before its time is told (6, 7); that it starts
/// and completes is no news, unlike a control's.
/// </summary>
internal static class PriceResponses
{
    public static void Advance(PriceContext context, IReadOnlyDictionary<string, IReadOnlyList<Span>> own) =>
        context.Prices = [.. context.Prices.Select(p => Advance(context, p, own.TryGetValue(p.MRid, out var spans) ? spans : []))];

    /// <summary>When the interval is superseded for good; null: it isn't.</summary>
    public static Instant? SupersededAt(HeldPrice held, IReadOnlyList<Span> own) =>
        held.Ending is { Kind: EndingKind.Superseded } ending ? ending.At
        : held.Start >= held.Over() ? null
        : own.Count == 0 ? held.Start
        : own[^1].Until < held.Over() ? own[^1].Until : null;

    private static HeldPrice Advance(PriceContext context, HeldPrice held, IReadOnlyList<Span> own)
    {
        var told = Respond(context, held, ResponseStatus.Received, held.ReceivedAt);
        if (told.Told.Contains(ResponseStatus.Cancelled) || told.Told.Contains(ResponseStatus.Superseded))
        {
            return told;
        }

        // CSIP-AUS PRC-04: 6 to what was cancelled before its end, begun or not.
        return SupersededAt(held, own) is { } superseded && !(held.Ending?.At < superseded) ? Respond(context, told, ResponseStatus.Superseded, superseded)
            : held.Ending is { Kind: EndingKind.Cancelled } ending && ending.At <= held.End ? Respond(context, told, ResponseStatus.Cancelled, ending.At)
            : told;
    }

    private static HeldPrice Respond(PriceContext context, HeldPrice held, byte status, Instant at)
    {
        if (at > context.Now || held.Told.Contains(status))
        {
            return held;
        }

        context.Respond(held.MRid, status, held.Content.ReplyTo, held.Content.ResponseRequired, at);
        return held with { Told = [.. held.Told, status] };
    }
}
