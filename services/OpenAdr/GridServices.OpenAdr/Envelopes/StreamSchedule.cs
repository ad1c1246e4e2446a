using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Signals;
using GridServices.Wire;
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
/// Limits and targets are decided among events that speak of load, prices among events that speak of prices.
/// </remarks>
internal static class StreamSchedule
{
    private const int MostSegments = 1024;

    /// <param name="events">Events that are to be obeyed, each with the signals that concern the site.</param>
    /// <param name="program">Their program.</param>
    /// <param name="siteReferenceW">The site's own reference, if it has one.</param>
    public static (ValueList<Segment> Segments, ValueList<TargetSegment> Targets, ValueList<PriceSegment> Prices) Of(
        IReadOnlyList<(HeldEvent Event, IReadOnlyList<EventSignal> Signals)> events, ProgramConfig program, long? siteReferenceW)
    {
        var pieces = events.SelectMany(e => PiecesOf(e.Event, e.Signals, program, siteReferenceW)).ToList();
        var limits = new List<Segment>();
        var targets = new List<TargetSegment>();
        foreach (var span in Sweep(pieces.Where(p => p.IsLoad)))
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
        return (Fit(Join(limits)), Join(targets).Take(MostSegments).ToValueList(), Join(prices).Take(MostSegments).ToValueList());
    }

    private static IEnumerable<Piece> PiecesOf(HeldEvent held, IReadOnlyList<EventSignal> signals, ProgramConfig program, long? siteReferenceW)
    {
        // OpenADR 2.0b rule 106: an event may hold several signals; each that is understood applies.
        var (start, end) = (held.Start(), held.End());
        foreach (var signal in signals)
        {
            if (SignalReader.Read(held.Event, signal, program, siteReferenceW) is not SignalReading.Steps { Items: var steps })
            {
                continue;
            }

            var isLoad = SignalReader.IsAboutLoad(signal);
            foreach (var step in steps)
            {
                var from = start + step.From;
                var until = Earlier(step.Until is { } u ? start + u : null, end);
                if (until is null || from < until)
                {
                    yield return new Piece(from, until, step.Effect, held, isLoad);
                }
            }
        }
    }

    // Walks over every instant at which something begins or ends; between two of them the same pieces hold.
    private static IEnumerable<Span> Sweep(IEnumerable<Piece> all)
    {
        var pieces = all.OrderBy(p => p.From).ToList();
        var edges = pieces.Select(p => p.From).Concat(pieces.Select(p => p.Until).OfType<Instant>()).Distinct().Order().ToList();
        var active = new List<Piece>();
        var next = 0;
        for (var i = 0; i < edges.Count; i++)
        {
            var from = edges[i];
            active.RemoveAll(p => p.Until <= from);
            while (next < pieces.Count && pieces[next].From <= from)
            {
                active.Add(pieces[next++]);
            }

            if (active.Count > 0)
            {
                yield return new Span(from, i + 1 < edges.Count ? edges[i + 1] : null, Best(active));
            }
        }
    }

    // OpenADR 2.0b rules 3, 15: lower number first, 0 (and none) last; then the earlier start. The eventID makes the order total.
    private static List<Piece> Best(List<Piece> active)
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

    private static List<Segment> Join(List<Segment> segments) =>
        Join(segments, (a, b) => a.Until == b.From && a.Limits == b.Limits && a.Cause == b.Cause, (a, b) => a with { Until = b.Until });

    private static List<TargetSegment> Join(List<TargetSegment> segments) =>
        Join(segments, (a, b) => a.Until == b.From && a.TargetW == b.TargetW && a.Cause == b.Cause, (a, b) => a with { Until = b.Until });

    private static List<PriceSegment> Join(IEnumerable<PriceSegment> segments) =>
        Join(segments, (a, b) => a.Until == b.From && a with { From = b.From, Until = b.Until } == b, (a, b) => a with { Until = b.Until });

    private static List<T> Join<T>(IEnumerable<T> items, Func<T, T, bool> same, Func<T, T, T> join)
    {
        var joined = new List<T>();
        foreach (var item in items)
        {
            if (joined.Count > 0 && same(joined[^1], item))
            {
                joined[^1] = join(joined[^1], item);
            }
            else
            {
                joined.Add(item);
            }
        }

        return joined;
    }

    // The contract takes 1,024 segments. More are halved by joining neighbours at the tighter of the two, never by leaving any out.
    private static ValueList<Segment> Fit(List<Segment> segments)
    {
        while (segments.Count > MostSegments)
        {
            var coarser = new List<Segment>();
            for (var i = 0; i < segments.Count; i += 2)
            {
                coarser.Add(i + 1 == segments.Count
                    ? segments[i]
                    : segments[i] with { Until = segments[i + 1].Until, Limits = segments[i].Limits.Intersect(segments[i + 1].Limits) });
            }

            segments = coarser;
        }

        return segments.ToValueList();
    }

    private static Instant? Earlier(Instant? one, Instant? other) => one is null ? other : other is null || one < other ? one : other;

    /// <summary>One step of one signal of one event, [From, Until).</summary>
    private sealed record Piece(Instant From, Instant? Until, Effect Effect, HeldEvent Event, bool IsLoad);

    /// <summary>Over [From, Until) the pieces of the highest priority there is, in order.</summary>
    private readonly record struct Span(Instant From, Instant? Until, List<Piece> Best);
}
