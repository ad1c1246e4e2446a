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
/// Limits and targets are decided among events that speak of load, prices among events that speak of prices, import and export each by itself, reactive power among those that speak of it.
/// </remarks>
internal static class StreamSchedule
{
    /// <summary>As far back as limits may still be coming back after their event: a ramp of a day, and a random share of another.</summary>
    private static readonly Duration Past = Duration.FromDays(2);

    /// <param name="events">Events that are to be obeyed, each with the signals that concern the site.</param>
    /// <param name="program">Their program.</param>
    /// <param name="siteId">One of the sites that the schedule is for.</param>
    /// <param name="siteReferenceW">The site's own reference, if it has one.</param>
    /// <param name="siteSlot">The site's slot of <see cref="RecoveryShares"/>.</param>
    /// <param name="now">What ended long before is left out: it must not make coarser what is to come.</param>
    public static (CoarseSchedule<Segment> Limits, CoarseSchedule<TargetSegment> Targets, CoarseSchedule<PriceSegment> Prices) Compute(
        IReadOnlyList<(HeldEvent Event, IReadOnlyList<EventSignal> Signals)> events, ProgramConfig program, string siteId, long? siteReferenceW, int siteSlot, Instant now)
    {
        var pieces = events.SelectMany(e => ReadPieces(e.Event, e.Signals, program, siteId, siteReferenceW)).Where(p => p.Until is null || p.Until > now - Past).ToList();
        var limits = new List<Segment>();
        var targets = new List<TargetSegment>();
        foreach (var (from, until, said) in Sweep(pieces.Where(p => p.IsLoad && p.Effect.TargetVar is null)))
        {
            // No statement is a gap, and in a gap the default holds.
            if (said.Limits != Limits.None)
            {
                limits.Add(new Segment { From = from, Until = until, Limits = Over(said.Limits, program.Default), Cause = CreateCause((said.LimitsBy?.Piece ?? said.First).Event) });
            }

            if (said.Target is { Piece: var by })
            {
                targets.Add(new TargetSegment { From = from, Until = until, TargetW = by.Effect.TargetW, Cause = CreateCause(by.Event) });
            }
        }

        return (
            Limited(limits, pieces, events.Select(e => e.Event), (program, siteReferenceW, siteSlot)),
            SegmentCoarsening.Targets(SegmentJoin.Run(targets)),
            SegmentCoarsening.Prices(SegmentJoin.Run(ComputePrices(pieces))));
    }

    // Made to fit before the ramps too, of which each event may add dozens: else a VTN could make them as dear as it likes.
    private static CoarseSchedule<Segment> Limited(
        List<Segment> limits, List<Piece> pieces, IEnumerable<HeldEvent> events, (ProgramConfig Program, long? SiteReferenceW, int SiteSlot) site)
    {
        var otherwise = site.Program.Default;
        var stated = SegmentCoarsening.Limits(SegmentJoin.Run(limits), otherwise);
        var all = SegmentCoarsening.Limits(ReactiveSettings.Over(Recovered(stated.Segments, events, site.Program, site.SiteReferenceW, site.SiteSlot), Settings(pieces), otherwise), otherwise);
        return all with { Joined = all.Joined + stated.Joined, LeftOut = all.LeftOut + stated.LeftOut };
    }

    // A setting of equipment is no load: it neither takes the place of a limit or set-point, whatever its priority, nor gives way to one.
    private static IEnumerable<Segment> Settings(IEnumerable<Piece> pieces) => Sweep(pieces.Where(p => p.Effect.TargetVar is not null)).Select(s => new Segment
    {
        From = s.From,
        Until = s.Until,
        Limits = Limits.None,
        Functions = [new FunctionSetting { Kind = FunctionKind.TargetVar, Value = s.Together.First.Effect.TargetVar }],
        Cause = CreateCause(s.Together.First.Event),
    });

    private static IReadOnlyList<Segment> Recovered(IReadOnlyList<Segment> limits, IEnumerable<HeldEvent> events, ProgramConfig program, long? siteReferenceW, int siteSlot) =>
        program.Recovery is { } policy && limits.Count > 0
            ? SegmentJoin.Run(new RecoveryRamp(policy, program.Default, policy.FullPowerW ?? siteReferenceW ?? program.Signals.LoadControl?.ReferenceW, siteSlot).Over(limits, events))
            : limits;

    private static IEnumerable<Piece> ReadPieces(HeldEvent held, IReadOnlyList<EventSignal> signals, ProgramConfig program, string siteId, long? siteReferenceW)
    {
        // OpenADR 2.0b rule 106: an event may hold several signals; each that is understood applies.
        var (start, end) = (held.Start(), held.End());
        foreach (var signal in signals)
        {
            if (ReadSignal(held, signal, program, siteId, siteReferenceW) is not SignalReading.Steps { Items: var steps })
            {
                continue;
            }

            var isLoad = SignalReader.IsAboutLoad(signal);
            foreach (var step in steps)
            {
                var from = start + step.From;
                var until = Earlier(step.Until is { } u ? start + u : null, end);

                // A price per kW that asks for nothing, and a charge of which nobody knows yet what it asks for, take nothing away either, whatever their priority.
                var isIdle = signal.SignalName is SignalNames.DemandCharge or SignalNames.ChargeState && !step.Effect.States;
                if (!isIdle && (until is null || from < until))
                {
                    yield return new Piece(from, until, step.Effect, held, isLoad);
                }
            }
        }
    }

    private static SignalReading ReadSignal(HeldEvent held, EventSignal signal, ProgramConfig program, string siteId, long? siteReferenceW)
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

    // OpenADR 2.0b rules 3, 15: lower number first, 0 (and none) last; then the earlier start. The eventID makes the order total.
    private static IEnumerable<(Instant From, Instant? Until, CombinedPieces Together)> Sweep(IEnumerable<Piece> pieces) =>
        SegmentFold.Run(CombinedPieces.From(pieces), p => (p.First.From, p.First.Until), (a, b) => a.And(b));

    // What is paid for feeding in takes nothing from what is paid for drawing: each direction has its own first.
    private static IEnumerable<PriceSegment> ComputePrices(List<Piece> pieces)
    {
        var prices = pieces.FindAll(p => p.Effect.Price is not null);
        List<PriceSegment> said =
        [
            .. Sweep(prices.Where(p => p.Effect.Price!.Direction != PriceDirection.Export)).Select(s => CreatePrice(s) with { ImportPrice = s.Together.First.Effect.Price!.PerKwh }),
            .. Sweep(prices.Where(p => p.Effect.Price!.Direction != PriceDirection.Import)).Select(s => CreatePrice(s) with { ExportPrice = s.Together.First.Effect.Price!.PerKwh }),
        ];
        return SegmentFold.Run(said, s => (s.From, s.Until), (one, other) => one.ImportPrice is null ? Combine(other, one) : Combine(one, other)).Select(s => s.Together.Over(s.From, s.Until));
    }

    private static PriceSegment CreatePrice((Instant From, Instant? Until, CombinedPieces Together) span) =>
        new() { From = span.From, Until = span.Until, Cause = CreateCause(span.Together.First.Event) };

    // One cause has room: that of what is drawn.
    private static PriceSegment Combine(PriceSegment import, PriceSegment export) => import with { ExportPrice = export.ExportPrice };

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

    private static Cause CreateCause(HeldEvent held) => new()
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
}
