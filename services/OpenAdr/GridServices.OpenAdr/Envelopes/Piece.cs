using GridServices.Contracts;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Signals;
using NodaTime;

namespace GridServices.OpenAdr.Envelopes;

/// <summary>One step of one signal of one event, [From, Until).</summary>
internal sealed record Piece(Instant From, Instant? Until, Effect Effect, HeldEvent Event, bool IsLoad)
{
    /// <summary>Of its event's priority; the lowest first, none last.</summary>
    public uint Rank { get; } = Event.Event.Descriptor.Priority is { } priority and > 0 ? priority : uint.MaxValue;
}

/// <summary>What all pieces say that hold at once: of those of the highest priority the tightest limits and the lowest target, and which of them says so.</summary>
/// <param name="Order">Of <paramref name="First"/> among all pieces.</param>
/// <param name="First">The first in order.</param>
/// <param name="Limits">Of all, quantity by quantity.</param>
/// <param name="LimitsBy">The first in order that alone would have given these limits, with its place; null: none.</param>
/// <param name="Target">The first in order with the lowest target, with its place; null: none has one.</param>
internal sealed record CombinedPieces(int Order, Piece First, Limits Limits, (int Order, Piece Piece)? LimitsBy, (int Order, Piece Piece)? Target)
{
    /// <summary>Each piece alone, in no particular order.</summary>
    public static List<CombinedPieces> From(IEnumerable<Piece> pieces) =>
    [
        .. pieces.OrderBy(p => p.Rank).ThenBy(p => p.Event.Start()).ThenBy(p => p.Event.Id, StringComparer.Ordinal).ThenBy(p => p.From)
            .Select((p, i) => new CombinedPieces(i, p, p.Effect.Limits, (i, p), p.Effect.TargetW is null ? null : (i, p))),
    ];

    public CombinedPieces And(CombinedPieces other)
    {
        if (First.Rank != other.First.Rank)
        {
            return First.Rank < other.First.Rank ? this : other;
        }

        var limits = Limits.Intersect(other.Limits);
        var first = Order < other.Order ? this : other;
        return new CombinedPieces(
            first.Order, first.First, limits, GetEarlier(limits == Limits ? LimitsBy : null, limits == other.Limits ? other.LimitsBy : null), Lower(Target, other.Target));
    }

    private static (int Order, Piece Piece)? GetEarlier((int Order, Piece Piece)? one, (int Order, Piece Piece)? other) =>
        one is null ? other : other is null || one.Value.Order < other.Value.Order ? one : other;

    private static (int Order, Piece Piece)? Lower((int Order, Piece Piece)? one, (int Order, Piece Piece)? other) =>
        one?.Piece.Effect.TargetW == other?.Piece.Effect.TargetW ? GetEarlier(one, other)
        : one is null || other?.Piece.Effect.TargetW < one.Value.Piece.Effect.TargetW ? other : one;
}
