using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using GridServices.OpenAdr.Signals;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>What an event must fulfil to be taken (OpenADR 2.0b rule 48: market context, target and signals must be checked; and what else can't be carried out).</summary>
internal static class EventRules
{
    private const int LongestId = 1024;
    private static readonly Instant Earliest = Instant.FromUtc(2000, 1, 1, 0, 0);
    private static readonly Instant Latest = Instant.FromUtc(2200, 1, 1, 0, 0);
    private static readonly Instant LatestEnd = Instant.FromUtc(2200, 12, 1, 0, 0);
    private static readonly Duration Longest = Duration.FromDays(3660);

    /// <summary>Null: the event can be held.</summary>
    public static EventFault? Check(VenConfig config, VenRegistration registration, OadrEvent received) =>
        Identity(received.Descriptor) ?? Times(received.ActivePeriod) ?? Baseline(received.Baseline) ?? Intervals(config.Quirks, received)
        ?? Meaning(config, registration, received);

    private static EventFault? Identity(EventDescriptor descriptor) =>
        Identifiers.IsPlainText(descriptor.EventId, LongestId)
            ? null
            : EventFault.Create(ErrorClass.SemanticId, "eventID is empty, too long or holds invisible characters");

    private static EventFault? Times(CalendarInterval period)
    {
        if (period.Start < Earliest || period.Start > Latest)
        {
            return EventFault.Create(ErrorClass.SemanticTime, "dtstart is not within 2000..2200");
        }

        return Length(period.Duration, "duration") ?? Length(period.StartAfter, "startafter") ?? Length(period.Notification, "notification")
            ?? Ramp(period.RampUp, "x-eiRampUp") ?? Ramp(period.Recovery, "x-eiRecovery") ?? End(period);
    }

    // What is published of it, its recovery ramp too, must lie where the envelope contract lets it.
    private static EventFault? End(CalendarInterval period) => period.Start + period.Duration.ToDuration() + (period.StartAfter?.ToDuration() ?? Duration.Zero) > LatestEnd
        ? EventFault.Create(ErrorClass.SemanticTime, "it ends after the year 2200")
        : null;

    // OpenADR 2.0b rule 108: a baseline is optional; where it is, its times must be as sound as the event's.
    private static EventFault? Baseline(EventBaseline? baseline)
    {
        if (baseline is null)
        {
            return null;
        }

        if (baseline.Start < Earliest || baseline.Start > Latest)
        {
            return EventFault.Create(ErrorClass.SemanticTime, "the baseline's dtstart is not within 2000..2200");
        }

        var fault = Length(baseline.Duration, "the baseline's duration")
            ?? baseline.Intervals.Select(i => Length(i.Duration, "a baseline interval's duration")).FirstOrDefault(f => f is not null);
        return fault is null && baseline.Intervals.Aggregate(Duration.Zero, (sum, i) => sum + (i.Duration ?? baseline.Duration).ToDuration()) > Longest
            ? EventFault.Create(ErrorClass.SemanticDuration, "the baseline's intervals together are longer than ten years")
            : fault;
    }

    // OpenADR 2.0b rule 1: durations as the standard writes them; calendar months have no length of their own, years neither.
    private static EventFault? Length(Period? period, string name) =>
        period is null || (period.Exactly() is { } exact && exact >= Duration.Zero && exact <= Longest)
            ? null
            : EventFault.Create(ErrorClass.SemanticDuration, $"{name} is negative, longer than ten years, or in months or years");

    private static EventFault? Ramp(Period? period, string name) =>
        period is null || (period.Exactly() is { } exact && exact >= -Longest && exact <= Longest)
            ? null
            : EventFault.Create(ErrorClass.SemanticDuration, $"{name} is longer than ten years, or in months or years");

    private static EventFault? Intervals(VenQuirks quirks, OadrEvent received)
    {
        // OpenADR 2.0b rule 107: several signals are told apart by their signalID.
        if (received.Signals.Select(s => s.SignalId).Distinct(StringComparer.Ordinal).Count() != received.Signals.Count)
        {
            return EventFault.Create(ErrorClass.DuplicateId, "two signals have the same signalID");
        }

        foreach (var signal in received.Signals)
        {
            var name = SafeText.Short(signal.SignalName);
            if (signal.Intervals.Count == 0)
            {
                return EventFault.Create(ErrorClass.SemanticEmpty, $"signal {name} has no intervals");
            }

            if (!quirks.LenientIntervalUids && !CountUp(signal.Intervals))
            {
                return EventFault.Create(ErrorClass.SemanticUid, $"the interval uids of signal {name} don't count 0, 1, 2…");
            }

            if (Sum(quirks, received.ActivePeriod.Duration.ToDuration(), signal) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    // OpenADR 2.0b rules 2, 101: uids count from 0 in the order of the intervals.
    private static bool CountUp(ValueList<SignalInterval> intervals)
    {
        for (var i = 0; i < intervals.Count; i++)
        {
            if (intervals[i].Uid is { } uid && uid.Trim() != i.ToString())
            {
                return false;
            }
        }

        return true;
    }

    // OpenADR 2.0b rules 8, 102: the intervals of a signal add up to the event's duration.
    private static EventFault? Sum(VenQuirks quirks, Duration whole, EventSignal signal)
    {
        var sum = Duration.Zero;
        for (var i = 0; i < signal.Intervals.Count; i++)
        {
            if (signal.Intervals[i].Duration is not { } period)
            {
                if (signal.Intervals.Count == 1)
                {
                    return null;
                }

                return EventFault.Create(ErrorClass.SemanticDuration, "one of several intervals has no duration");
            }

            if (Length(period, "an interval's duration") is { } fault)
            {
                return fault;
            }

            // OpenADR 2.0b rule 47: zero is "without end"; only the last interval, which lasts as long as the event, can be that.
            if (period.ToDuration() == Duration.Zero && i < signal.Intervals.Count - 1)
            {
                return EventFault.Create(ErrorClass.SemanticDuration, $"interval {i} of signal {SafeText.Short(signal.SignalName)} has the duration zero, and others follow it");
            }

            sum += period.ToDuration();
        }

        if (sum > Longest)
        {
            return EventFault.Create(ErrorClass.SemanticDuration, "the intervals together are longer than ten years");
        }

        // OpenADR 2.0b rule 47: a last interval of zero lasts as long as the event.
        var isOpen = signal.Intervals[^1].Duration?.ToDuration() == Duration.Zero && sum <= whole;
        return whole == Duration.Zero || sum == whole || isOpen || quirks.LenientIntervalSums
            ? null
            : EventFault.Create(ErrorClass.SemanticDuration, "the intervals don't add up to the event's duration (quirk lenientIntervalSums accepts it)");
    }

    /// <summary>Why the event means nothing to this configuration, its own form aside; null: it does.</summary>
    public static EventFault? Meaning(VenConfig config, VenRegistration registration, OadrEvent received)
    {
        if (Programs.For(config, received.Descriptor.MarketContext) is not { } program)
        {
            return EventFault.Create(ErrorClass.PolicyMarket, "no program has this market context, and none is the default");
        }

        if (!Targeting.AnySite(config, registration, received.Target))
        {
            return EventFault.Create(ErrorClass.TargetMismatch, Targeting.LacksClass(config, registration, received.Target)
                ? "the target is for device classes that this VEN doesn't have (endDeviceAssets)"
                : "the target names nothing of this VEN");
        }

        return Signals(config, registration, program, received);
    }

    private static EventFault? Signals(VenConfig config, VenRegistration registration, ProgramConfig program, OadrEvent received)
    {
        var (resolved, understood, stated) = (false, false, false);
        string? why = null;
        string? unstated = null;
        foreach (var (site, signals) in Kinds(config, registration, received))
        {
            resolved |= signals.Count > 0;
            foreach (var signal in signals)
            {
                switch (SignalReader.Read(received, signal, program, site.ReferenceW))
                {
                    // OpenADR 2.0b rule 33: what is said wrongly refuses the event, even where another signal is right.
                    case SignalReading.Invalid invalid:
                        return EventFault.Create(ErrorClass.SemanticNumber, invalid.Why);
                    case SignalReading.Unsupported unsupported:
                        why ??= unsupported.Why;
                        break;
                    case SignalReading.Steps steps:
                        (understood, stated) = (true, stated || steps.States);
                        unstated ??= steps.Unstated;
                        break;
                }
            }
        }

        // OpenADR 2.0b rule 112: no signal resolves to a resource here.
        if (!resolved && received.Signals.Count > 0)
        {
            return new EventFault(ErrorClass.TargetMismatch, OadrCodes.Other, "the signals are for device classes that this VEN doesn't have (endDeviceAssets)");
        }

        // OpenADR 2.0b rule 109: one unsupported signal refuses the event; the quirk lives with VTNs that add what nobody asked for.
        var taken = understood && (why is null || config.Quirks.PassOverUnknownSignals);
        if (!taken)
        {
            return EventFault.Create(ErrorClass.UnsupportedSignal, why ?? "the event has no signals");
        }

        // "optIn" to an event of which nothing at all is done would be a lie.
        return unstated is null || stated ? null : EventFault.Create(ErrorClass.UnsupportedSignal, $"the policy states nothing for {unstated}");
    }

    /// <summary>signalIDs of the signals that are read into something at some site.</summary>
    public static IReadOnlySet<string> Understood(VenConfig config, VenRegistration registration, OadrEvent received) =>
        Programs.For(config, received.Descriptor.MarketContext) is not { } program ? new HashSet<string>()
        : Kinds(config, registration, received)
            .SelectMany(k => k.Signals.Where(s => SignalReader.Read(received, s, program, k.Site.ReferenceW) is SignalReading.Steps).Select(s => s.SignalId))
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>A level in the event that the program's policy says nothing to; null: there is none.</summary>
    public static string? Unstated(VenConfig config, VenRegistration registration, ProgramConfig program, OadrEvent received) =>
        Kinds(config, registration, received)
            .SelectMany(k => k.Signals.Select(s => (SignalReader.Read(received, s, program, k.Site.ReferenceW) as SignalReading.Steps)?.Unstated))
            .FirstOrDefault(u => u is not null);

    // One site stands for all that get the same signals with the same reference: thousands of sites are a few kinds.
    private static IEnumerable<(SiteConfig Site, List<EventSignal> Signals)> Kinds(VenConfig config, VenRegistration registration, OadrEvent received)
    {
        var whole = Targeting.MeansWholeVen(config, registration, received.Target);
        var seen = new HashSet<(string Signals, long? ReferenceW)>();
        foreach (var site in config.AllSites().Where(s => whole || Targeting.Site(config, registration, s, received.Target)))
        {
            var signals = received.Signals.Where(s => Targeting.Signal(config, registration, site, s)).ToList();
            if (seen.Add((string.Join('\n', signals.Select(s => s.SignalId)), site.ReferenceW)))
            {
                yield return (site, signals);
            }
        }
    }
}
