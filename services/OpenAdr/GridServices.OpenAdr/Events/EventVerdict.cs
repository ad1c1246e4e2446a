using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Events;

/// <summary>What one event is answered.</summary>
internal sealed record EventVerdict(int Code, OptType Opt, string? Description)
{
    /// <summary>OpenADR 2.0b rule 36: a cancellation is confirmed with optIn.</summary>
    public static EventVerdict Confirmed { get; } = new(OadrCodes.Ok, OptType.OptIn, null);

    public static EventVerdict From(HeldEvent held) => new(OadrCodes.Ok, held.Opt, held.Lost is { } lost ? $"Not understood any more: {lost.Why}" : null);

    public EventResponse Answer(string requestId, string eventId, uint modification) =>
        new(Code, Description, requestId, new QualifiedEventId(eventId, modification), Opt);
}
