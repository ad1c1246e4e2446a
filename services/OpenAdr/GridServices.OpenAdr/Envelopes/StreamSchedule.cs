using GridServices.Contracts;
using GridServices.Contracts.Functions;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Signals;
using NodaTime;

namespace GridServices.OpenAdr.Envelopes;

/// <summary>Several events of one program as one schedule.</summary>
/// <remarks>
/// Overlap, which OpenADR 2.0b rule 18 leaves undefined, is decided so: over the span of an event, events of lower priority count for nothing;
/// among events of equal priority the most restrictive holds, quantity by quantity.
/// <code>
///   A  priority 2   ├──────── 60 kW ─────────┤
///   B  priority 1         ├── 80 kW ──┤              B replaces A, although it is looser
///   C  priority 2   ├─ 30 kW ─┤                      C and A: the lower
///   stream          ├ 30 ┤├── 80 ─────┤├─ 60 ┤
/// </code>
/// Limits and targets are decided among events that speak of load, prices among events that speak of prices, reactive power among those that speak of it.
/// </remarks>
internal static class StreamSchedule
{
    /// <param name="events">Events that are to be obeyed, each with the signals that concern the site.</param>
    /// <param name="program">Their program.</param>
    /// <param name="siteId">One of the sites that the schedule is for.</param>
    /// <param name="siteReferenceW">The site's own reference, if it has one.</param>
    /// <param name="siteSlot">The site's slot of <see cref="RecoveryShares"/>.</param>
    public static (CoarseSchedule<Segment> Limits, CoarseSchedule<TargetSegment> Targets, CoarseSchedule<PriceSegment> Prices) Of(
        IReadOnlyList<(HeldEvent Event, IReadOnlyList<EventSignal> Signals)> events, ProgramConfig program, string siteId, long? siteReferenceW, int siteSlot)
    {
        var pieces = events.SelectMany(e => PiecesOf(e.Event, e.Signals, program, siteId, siteReferenceW)).ToList();
        var limits = new List<Segment>();
        var targets = new List<TargetSegment>();
        foreach (var span in Sweep(pieces.Where(p => p.IsLoad && p.Effect.TargetVar is null)))
        {
            var effect = span.Best.Select(p => p.Effect).Aggregate((a, b) => a.And(b));

            // No statement is a gap, and in a gap the default holds.
            if (effect.Limits != Limits.None)
            {
                limits.Add(new Segment { From = span.From, Until = span.Until, Limits = Over(effect.Limits, program.Default), Cause = CauseOf(span.Best, effect) });
            }

            if (effect.TargetW is { } target)
            {
                var by = span.Best.First(p => p.Effect.TargetW == target);
                targets.Add(new TargetSegment { From = span.From, Until = span.Until, TargetW = target, Cause = CauseOf(by.Event) });
            }
        }

        var prices = Sweep(pieces.Where(p => !p.IsLoad)).Select(PriceOf);
        return (
            SegmentCoarsening.Limits(
                ReactiveSettings.Over(Recovered(SegmentJoin.Run(limits), events.Select(e => e.Event), program, siteReferenceW, siteSlot), Settings(pieces), program.Default), program.Default),
            SegmentCoarsening.Targets(SegmentJoin.Run(targets)),
            SegmentCoarsening.Prices(SegmentJoin.Run(prices)));
    }

    // A setting of equipment is no load: it neither takes the place of a limit or set-point, whatever its priority, nor gives way to one.
    private static IEnumerable<Segment> Settings(IEnumerable<Piece> pieces) => Sweep(pieces.Where(p => p.Effect.TargetVar is not null)).Select(s => new Segment
    {
        From = s.From,
        Until = s.Until,
        Limits = Limits.None,
        Functions = [new FunctionSetting { Kind = FunctionKind.TargetVar, Value = s.Best[0].Effect.TargetVar }],
        Cause = CauseOf(s.Best[0].Event),
    });

    private static List<Segment> Recovered(List<Segment> limits, IEnumerable<HeldEvent> events, ProgramConfig program, long? siteReferenceW, int siteSlot) =>
        program.Recovery is { } policy && limits.Count > 0
            ? SegmentJoin.Run(new RecoveryRamp(policy, program.Default, policy.FullPowerW ?? siteReferenceW ?? program.Signals.LoadControl?.ReferenceW, siteSlot).Over(limits, events))
            : limits;

    private static IEnumerable<Piece> PiecesOf(HeldEvent held, IReadOnlyList<EventSignal> signals, ProgramConfig program, string siteId, long? siteReferenceW)
    {
        // OpenADR 2.0b rule 106: an event may hold several signals; each that is understood applies.
        var (start, end) = (held.Start(), held.End());
        foreach (var signal in signals)
        {
            if (ReadingOf(held, signal, program, siteId, siteReferenceW) is not SignalReading.Steps { Items: var steps })
            {
                continue;
            }

            var isLoad = SignalReader.IsAboutLoad(signal);
            foreach (var step in steps)
            {
                var from = start + step.From;
                var until = Earlier(step.Until is { } u ? start + u : null, end);

                // A price per kW that asks for nothing takes nothing away either, whatever its priority.
                var isIdle = signal.SignalName == SignalNames.DemandCharge && !step.Effect.States;
                if (!isIdle && (until is null || from < until))
                {
                    yield return new Piece(from, until, step.Effect, held, isLoad);
                }
            }
        }
    }

    private static SignalReading ReadingOf(HeldEvent held, EventSignal signal, ProgramConfig program, string siteId, long? siteReferenceW)
    {
        var present = held.PresentAt(siteId);
        if (held.Lost?.Still is not { } still)
        {
            return SignalReader.Read(held.Event, signal, program, siteReferenceW, present);
        }

        // A site that came since was in no last reading; it has today's reference alone.
        var last = SignalReader.Read(held.Event, signal, still.Program, still.ReferenceAt(siteId, siteReferenceW), present);
        return last is SignalReading.Steps ? last : SignalReader.Read(held.Event, signal, still.Program, siteReferenceW, present);
    }

    private static IEnumerable<Span> Sweep(IEnumerable<Piece> pieces) =>
        SegmentSweep.Run(pieces, p => (p.From, p.Until)).Select(s => new Span(s.From, s.Until, Best(s.Active)));

    // OpenADR 2.0b rules 3, 15: lower number first, 0 (and none) last; then the earlier start. The eventID makes the order total.
    private static List<Piece> Best(IReadOnlyList<Piece> active)
    {
        var rank = active.Min(p => RankOf(p.Event));
        return [.. active.Where(p => RankOf(p.Event) == rank).OrderBy(p => p.Event.Start()).ThenBy(p => p.Event.Id, StringComparer.Ordinal)];
    }

    private static uint RankOf(HeldEvent held) => held.Event.Descriptor.Priority is { } priority and > 0 ? priority : uint.MaxValue;

    private static PriceSegment PriceOf(Span span)
    {
        var first = span.Best[0];
        var price = first.Effect.Price!;
        return new PriceSegment
        {
            From = span.From,
            Until = span.Until,
            ImportPrice = price.Direction is PriceDirection.Export ? null : price.PerKwh,
            ExportPrice = price.Direction is PriceDirection.Import ? null : price.PerKwh,
            Cause = CauseOf(first.Event),
        };
    }

    /// <summary>What the event states, and the program's default for what it doesn't: contract segments speak for themselves.</summary>
    private static Limits Over(Limits stated, Limits? otherwise) => otherwise is null ? stated : new Limits
    {
        ImportLimitW = stated.ImportLimitW ?? otherwise.ImportLimitW,
        ExportLimitW = stated.ExportLimitW ?? otherwise.ExportLimitW,
        ChargeLimitW = stated.ChargeLimitW ?? otherwise.ChargeLimitW,
        DischargeLimitW = stated.DischargeLimitW ?? otherwise.DischargeLimitW,
        GenerationLimitW = stated.GenerationLimitW ?? otherwise.GenerationLimitW,
        LoadLimitW = stated.LoadLimitW ?? otherwise.LoadLimitW,
        PerPhase = stated.PerPhase ?? otherwise.PerPhase,
        Connect = stated.Connect ?? otherwise.Connect,
        Energize = stated.Energize ?? otherwise.Energize,
    };

    /// <summary>The event that alone would have given this limit, else the first in order.</summary>
    private static Cause CauseOf(List<Piece> best, Effect effect) =>
        CauseOf((best.FirstOrDefault(p => p.Effect.Limits == effect.Limits) ?? best[0]).Event);

    private static Cause CauseOf(HeldEvent held) => new()
    {
        EventId = held.Id,
        Modification = held.Event.Descriptor.ModificationNumber,
        Priority = held.Event.Descriptor.Priority,
        RandomizedByS = held.OffsetS > 0 ? held.OffsetS : null,
        TestEvent = held.IsTest() ? true : null,
        ReceivedAt = held.ReceivedAt,
        Sha256 = held.Sha256,
    };

    private static Instant? Earlier(Instant? one, Instant? other) => one is null ? other : other is null || one < other ? one : other;

    /// <summary>One step of one signal of one event, [From, Until).</summary>
    private sealed record Piece(Instant From, Instant? Until, Effect Effect, HeldEvent Event, bool IsLoad);

    /// <summary>Over [From, Until) the pieces of the highest priority there is, in order.</summary>
    private readonly record struct Span(Instant From, Instant? Until, List<Piece> Best);
}
