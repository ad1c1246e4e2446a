using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>What an opt must be before the VTN is told of it. Every fault is named.</summary>
public static class OptRules
{
    private const int MostOpts = 512;
    private const int MostPeriods = 256;
    private const int MostClasses = 64;
    private const int LongestClass = 128;
    private const int LongestContext = 1024;

    // As long as a period may be that is read from a message.
    private static readonly Duration Longest = Duration.FromDays(3660);
    private static readonly Duration Farthest = Duration.FromDays(36_525);

    public static IReadOnlyList<ConfigFault> Check(VenConfig config, VenState state, OptRequest request, Instant now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(request);
        return
        [
            .. Reason(request),
            .. Resources(config, request),
            .. Classes(request),
            .. request.EventId is { } eventId ? AboutEvent(config, state, request, eventId, now) : AsSchedule(config, request, now),
            .. state.Opts.Count < MostOpts ? [] : new[] { new ConfigFault(ErrorClass.LimitCount, string.Empty, $"the VEN has {MostOpts} opts already; cancel some first") },
        ];
    }

    private static IEnumerable<ConfigFault> Reason(OptRequest request)
    {
        if (!OptReasons.All.Contains(request.OptReason))
        {
            yield return new(ErrorClass.SemanticCode, "/optReason", Spelling.NotAmong(request.OptReason, SafeText.Quote(request.OptReason), OptReasons.All));
        }
    }

    private static IEnumerable<ConfigFault> Resources(VenConfig config, OptRequest request)
    {
        var own = OptSites.OwnResources(config);
        for (var i = 0; i < request.ResourceIds.Count; i++)
        {
            var resource = request.ResourceIds[i];
            if (!own.Contains(resource, StringComparer.Ordinal))
            {
                yield return new(ErrorClass.UnknownId, $"/resourceIds/{i}", $"{SafeText.Quote(resource)} is no resourceID of this VEN or its sites; {Spelling.Hint(resource, own)}");
            }
            else if (request.ResourceIds.Take(i).Contains(resource, StringComparer.Ordinal))
            {
                yield return new(ErrorClass.DuplicateId, $"/resourceIds/{i}", "stands in the list twice");
            }
        }
    }

    // OpenADR 2.0b rule 209; the profile names the classes (Electric_Vehicle, Thermostat…) and lets others be agreed.
    private static IEnumerable<ConfigFault> Classes(OptRequest request)
    {
        if (request is { EventId: not null, DeviceClasses.Count: > 0 })
        {
            yield return new(ErrorClass.Conflict, "/deviceClasses", "belong to a schedule: an opt about an event is of its targets; leave them out, or give periods instead of eventId");
        }

        if (request.DeviceClasses.Count > MostClasses)
        {
            yield return new(ErrorClass.LimitCount, "/deviceClasses", $"at most {MostClasses} classes");
            yield break;
        }

        for (var i = 0; i < request.DeviceClasses.Count; i++)
        {
            if (!Identifiers.IsPlainText(request.DeviceClasses[i].Trim(), LongestClass))
            {
                yield return new(ErrorClass.SemanticCode, $"/deviceClasses/{i}", $"is the name of a class of devices, such as Electric_Vehicle: 1 to {LongestClass} letters, digits and signs");
            }
            else if (request.DeviceClasses.Take(i).Contains(request.DeviceClasses[i], StringComparer.Ordinal))
            {
                yield return new(ErrorClass.DuplicateId, $"/deviceClasses/{i}", "stands in the list twice");
            }
        }
    }

    // OpenADR 2.0b rule 206: with an eventID neither vavailability nor marketContext; not where the event wants no answer; a part of its targets.
    private static IEnumerable<ConfigFault> AboutEvent(VenConfig config, VenState state, OptRequest request, string eventId, Instant now)
    {
        if (request.Periods.Count > 0)
        {
            yield return new(ErrorClass.Conflict, "/periods", "an opt about an event has none; leave out either periods or eventId");
        }

        if (request.MarketContext is not null)
        {
            yield return new(ErrorClass.Conflict, "/marketContext", "an opt about an event has none: it is the event's");
        }

        var held = state.Events.FirstOrDefault(e => e.Id == eventId);
        if (held is null || state.Registration is null || held.PhaseAt(now) == EventPhase.Completed)
        {
            yield return new(ErrorClass.UnknownId, "/eventId", "there is no such event that is still to come or running");
            yield break;
        }

        foreach (var fault in CheckEvent(config, state, request, held))
        {
            yield return fault;
        }
    }

    private static IEnumerable<ConfigFault> CheckEvent(VenConfig config, VenState state, OptRequest request, HeldEvent held)
    {
        if (held.Event.ResponseRequired == ResponseRequired.Never)
        {
            yield return new(ErrorClass.Conflict, "/eventId", "the event wants no answer (oadrResponseRequired = never), so no opt may be sent about it; PUT …/events/{eventId}/opt opts out of it here");
        }

        if (request.ModificationNumber is { } number && number != held.Event.Descriptor.ModificationNumber)
        {
            yield return new(ErrorClass.SeqConflict, "/modificationNumber", $"modification {held.Event.Descriptor.ModificationNumber} of the event is held");
        }

        if (!EventOpt.IsAllowed(config, held.Event, request.OptType))
        {
            yield return new(ErrorClass.Conflict, "/optType", "the program's optPolicy is never: change it first");
        }

        if (EventMeaning.FindOptInObstacle(held, request.OptType) is { } why)
        {
            yield return new(ErrorClass.Conflict, "/optType", why);
        }

        for (var i = 0; i < request.ResourceIds.Count; i++)
        {
            if (!OptSites.IsTargeted(config, state.Registration, held.Event, request.ResourceIds[i]))
            {
                yield return new(ErrorClass.TargetMismatch, $"/resourceIds/{i}", "the event is not for this resource");
            }
        }
    }

    // OpenADR 2.0b rule 206: without an eventID there is a vavailability.
    private static IEnumerable<ConfigFault> AsSchedule(VenConfig config, OptRequest request, Instant now)
    {
        if (request.ModificationNumber is not null)
        {
            yield return new(ErrorClass.Conflict, "/modificationNumber", "belongs to an event; give eventId too, or leave it out");
        }

        if (request.MarketContext is { } named && !Identifiers.IsPlainText(named, LongestContext))
        {
            yield return new(ErrorClass.SemanticText, "/marketContext", $"must have 1 to {LongestContext} visible characters");
        }

        if (request.MarketContext is { } context && Programs.For(config, context) is null)
        {
            yield return new(ErrorClass.PolicyMarket, "/marketContext", $"is no program of this VEN; {Spelling.Hint(context, config.Programs.Select(p => p.MarketContext).OfType<string>())}");
        }

        if (request.Periods.Count is 0 or > MostPeriods)
        {
            yield return request.Periods.Count == 0
                ? new(ErrorClass.SemanticEmpty, "/periods", "are missing: give one or more periods, or the eventId of one event")
                : new(ErrorClass.LimitCount, "/periods", $"at most {MostPeriods} periods");
            yield break;
        }

        for (var i = 0; i < request.Periods.Count; i++)
        {
            if (Period(request.Periods[i], now) is var (error, member, text))
            {
                yield return new(error, $"/periods/{i}/{member}", text);
            }
        }
    }

    private static (ErrorClass Error, string Member, string Text)? Period(OptPeriod period, Instant now) =>
        period.Start.ToUnixTimeTicks() % NodaConstants.TicksPerSecond != 0 ? (ErrorClass.SemanticTime, "start", "is a whole second")
        : period.Start > now + Farthest || period.Start < now - Farthest ? (ErrorClass.SemanticTime, "start", "is within a hundred years")
        : period.Duration < Duration.Zero || period.Duration > Longest ? (ErrorClass.SemanticDuration, "duration", "is not negative and at most ten years; PT0S is without end")
        : period.Duration.BclCompatibleTicks % NodaConstants.TicksPerSecond != 0 ? (ErrorClass.SemanticDuration, "duration", "is whole seconds")
        : period.End <= now ? (ErrorClass.SemanticExpired, "start", "the period is over already")
        : null;
}
