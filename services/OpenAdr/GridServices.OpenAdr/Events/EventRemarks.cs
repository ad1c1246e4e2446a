using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>What is legal in an event, and odd enough to be told.</summary>
internal static class EventRemarks
{
    /// <summary>createdDateTime this far ahead of our clock is remarked on.</summary>
    private static readonly Duration ClockTolerance = Duration.FromMinutes(5);

    public static void Note(StepContext context, OadrEvent received)
    {
        var (descriptor, period) = (received.Descriptor, received.ActivePeriod);
        if (descriptor.CreatedDateTime > context.Now + ClockTolerance)
        {
            context.Warn(NoteKind.EventReceived, ErrorClass.SemanticTime, "createdDateTime lies in the future: one of the two clocks is wrong.", descriptor.EventId);
        }

        if (descriptor.Status == EventStatus.Active && period.Start > context.Now)
        {
            context.Warn(NoteKind.EventReceived, null, "The VTN calls the event active before its start; its times hold (rules 114, 115).", descriptor.EventId);
        }

        if (Programs.For(context.Config, descriptor.MarketContext) is { } program
            && EventRules.Unstated(context.Config, context.State.Registration!, program, received) is { } unstated)
        {
            context.Alarm(
                NoteKind.EventReceived,
                ErrorClass.Configuration,
                $"The program's policy states nothing for {unstated}: nothing is done in that part of the event. State it, or opt out.",
                descriptor.EventId);
        }

        if (period.StartAfter?.ToDuration() > period.Duration.ToDuration() && period.Duration != Period.Zero)
        {
            context.Warn(NoteKind.EventReceived, null, "startafter is longer than the event: legal, though odd (rule 30).", descriptor.EventId);
        }
    }
}
