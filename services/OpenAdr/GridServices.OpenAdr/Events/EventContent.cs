using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>Whether two messages say the same of an event.</summary>
internal static class EventContent
{
    /// <summary>
    /// True when everything is equal that must not change without a higher modification number. Status, current values (OpenADR 2.0b rules 14,
    /// 29, 110: informational), creation times and the wish for a response may differ.
    /// </summary>
    public static bool AreEquivalent(OadrEvent one, OadrEvent other) => one == other || Fixed(one) == Fixed(other);

    private static OadrEvent Fixed(OadrEvent e) => e with
    {
        Descriptor = e.Descriptor with { Status = EventStatus.None, CreatedDateTime = Instant.MinValue, ModificationDateTime = null },
        Signals = e.Signals.Select(s => s with { CurrentValue = null }).ToValueList(),
        ResponseRequired = ResponseRequired.Always,
    };
}
