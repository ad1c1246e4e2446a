using GridServices.Wire;

namespace GridServices.OpenAdr.Messages;

/// <summary>
/// An item of a list that was read, or the reason why it could not be and what is still known of it, so that it can be answered alone.
/// Exactly one of <see cref="Value"/> and <see cref="Unreadable"/> is there.
/// </summary>
public sealed record Readable<T>(T? Value, UnreadableEvent? Unreadable)
    where T : class
{
    public static implicit operator Readable<T>(T value) => Readable.From(value);
}

/// <summary>Makes readables.</summary>
public static class Readable
{
    public static Readable<T> From<T>(T value)
        where T : class => new(value, null);

    public static Readable<T> Not<T>(UnreadableEvent unreadable)
        where T : class => new(null, unreadable);
}

/// <summary>
/// An event that could not be read. It was sent all the same: it is not cancelled by implication (rule 61), and when its ID is
/// not legible, no event of that payload can be taken to be missing.
/// </summary>
/// <param name="EventId">Null when not legible: it cannot be answered by name.</param>
/// <param name="ModificationNumber">Null when not legible; answer with 0.</param>
/// <param name="ResponseRequired">Null when not legible; treat as always.</param>
/// <param name="Refusal">Why.</param>
/// <param name="ResponseCode">The eventResponse code to answer with, together with optOut (rules 33, 48).</param>
public sealed record UnreadableEvent(string? EventId, uint? ModificationNumber, ResponseRequired? ResponseRequired, ReadError Refusal, int ResponseCode)
{
    /// <summary>Null when not legible. A cancellation needs no more than this, the ID and the number.</summary>
    public EventStatus? Status { get; init; }
}
