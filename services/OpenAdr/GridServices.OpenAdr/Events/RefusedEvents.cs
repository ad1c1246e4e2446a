using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>Messages about events that were answered with an error.</summary>
internal static class RefusedEvents
{
    private const int MostRefused = 64;
    private const int LongestText = 1_024;

    /// <summary>Answers an event that can't be read.</summary>
    public static EventVerdict Refuse(StepContext context, UnreadableEvent unreadable)
    {
        // OpenADR 2.0b rules 33, 48: the event's own code, with optOut.
        context.Warn(NoteKind.EventRefused, unreadable.Refusal.Class, $"An event was answered {unreadable.ResponseCode}: {SafeText.Clause(unreadable.Refusal.ToString())}.", unreadable.EventId);
        if (unreadable.EventId is { } eventId)
        {
            Add(context, new EventRefusal
            {
                EventId = eventId,
                ModificationNumber = unreadable.ModificationNumber ?? 0,
                At = context.Now,
                Code = unreadable.ResponseCode,
                Why = unreadable.Refusal.ToString(),
                IsAnswered = unreadable.ResponseRequired != ResponseRequired.Never,
            });
        }

        return new EventVerdict(unreadable.ResponseCode, OptType.OptOut, unreadable.Refusal.Detail);
    }

    /// <summary>Answers with the fault's code, and remembers the refusal for people to see.</summary>
    public static EventVerdict Refuse(StepContext context, OadrEvent received, EventFault fault)
    {
        context.Warn(NoteKind.EventRefused, fault.Class, $"The event was answered {fault.Code}: {SafeText.Clause(fault.Text)}.", SafeText.Short(received.Descriptor.EventId));
        Add(context, CreateRefusal(context, received, fault));
        return new EventVerdict(fault.Code, OptType.OptOut, fault.Text);
    }

    /// <summary>As people see it.</summary>
    public static EventRefusal CreateRefusal(StepContext context, OadrEvent received, EventFault fault) => new()
    {
        EventId = received.Descriptor.EventId,
        ModificationNumber = received.Descriptor.ModificationNumber,
        At = context.Now,
        Code = fault.Code,
        Why = fault.Text.Length <= LongestText ? fault.Text : fault.Text[..LongestText],
        MarketContext = received.Descriptor.MarketContext,
        Start = received.ActivePeriod.Start,
        IsAnswered = received.ResponseRequired == ResponseRequired.Always,
    };

    /// <summary>So that people see what was refused and why; said again and again, it changes nothing.</summary>
    public static void Add(StepContext context, EventRefusal refusal)
    {
        if (!context.State.Refused.Any(r => r with { At = refusal.At } == refusal))
        {
            var others = context.State.Refused.Where(r => r.EventId != refusal.EventId).ToList();
            context.State = context.State with { Refused = [.. others.Skip(Math.Max(0, others.Count + 1 - MostRefused)), refusal] };
        }
    }

    /// <summary>The event was taken after all.</summary>
    public static void Remove(StepContext context, string eventId)
    {
        if (context.State.Refused.Any(r => r.EventId == eventId))
        {
            context.State = context.State with { Refused = context.State.Refused.Where(r => r.EventId != eventId).ToValueList() };
        }
    }
}
