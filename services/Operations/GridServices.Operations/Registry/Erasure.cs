using NodaTime;

namespace GridServices.Operations.Registry;

/// <summary>That a customer's personal data was erased, and what stays without it: what the books and the proof that somebody was told are made of.</summary>
/// <param name="At">When, the last time.</param>
/// <param name="KeptDeliveries">Messages to its contacts, of which stays that one went out, to which contact's id, by which channel, when, and whether it was acknowledged; the words are gone.</param>
/// <param name="KeptAllocations">Splits of its bills, of which stay the amounts and energies per user under numbers; names, cards and sessions are gone.</param>
public sealed record Erasure(Instant At, int KeptDeliveries, int KeptAllocations)
{
    /// <summary>Stands where a name, an address or words were.</summary>
    public const string Word = "erased";
}
