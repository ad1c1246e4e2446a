using GridServices.Contracts;
using GridServices.Operations.Service.Console.Texts;
using NodaTime;

namespace GridServices.Operations.Service.Console.Format;

/// <summary>One sentence per limit that says how much, until when, by whom, and what comes next.</summary>
/// <param name="texts">The language.</param>
/// <param name="numbers">How numbers are written.</param>
/// <param name="times">How times are written.</param>
/// <param name="site">The site's zone.</param>
/// <param name="name">What people call a stream (service, key): a program's name, an event, the connection limit.</param>
internal sealed class LimitSentence(TextSet texts, Numbers numbers, Times times, DateTimeZone? site, Func<string, string, string> name)
{
    /// <summary>The sentence of one quantity (<c>importLimitW</c>); where nobody states it, the sentence says that, and never "no limit".</summary>
    internal string Describe(string quantity, Bound<long>? bound, Instant? until) => bound is null
        ? texts["limit.notStated", texts[$"limit.{quantity}"]]
        : Stated(texts[$"limit.{quantity}"], bound, watts => numbers.Limit(watts), until);

    /// <summary>The sentences of all limits that are stated. Both directions of the grid connection are always among them, unless what is stated of them is in amperes or is that nothing may flow.</summary>
    internal IEnumerable<string> DescribeAll(EffectiveSegment segment)
    {
        var limits = segment.Limits;
        var off = Off(limits).ToList();
        foreach (var (quantity, bound, perPhase) in new[]
        {
            ("importLimitW", limits.ImportLimitW, DescribePhases("importLimitW", limits.PerPhase, p => p.ImportLimitA, segment.Until)),
            ("exportLimitW", limits.ExportLimitW, DescribePhases("exportLimitW", limits.PerPhase, p => p.ExportLimitA, segment.Until)),
        })
        {
            string[] phases = [.. perPhase];
            if (bound is not null || (phases.Length == 0 && off.Count == 0))
            {
                yield return Describe(quantity, bound, segment.Until);
            }

            foreach (var phase in phases)
            {
                yield return phase;
            }
        }

        (string Quantity, Bound<long>? Bound)[] others =
        [
            ("chargeLimitW", limits.ChargeLimitW), ("dischargeLimitW", limits.DischargeLimitW),
            ("generationLimitW", limits.GenerationLimitW), ("loadLimitW", limits.LoadLimitW),
        ];
        foreach (var (quantity, bound) in others.Where(other => other.Bound is not null))
        {
            yield return Describe(quantity, bound, segment.Until);
        }

        foreach (var sentence in off)
        {
            yield return sentence;
        }
    }

    /// <summary>Why nothing may flow at all; empty: something may.</summary>
    internal IEnumerable<string> Off(EffectiveLimits limits)
    {
        if (limits.Connect is { Value: false } cut)
        {
            yield return texts["limit.disconnected", name(cut.BoundBy.Service, cut.BoundBy.Key)];
        }

        if (limits.Energize is { Value: false } off)
        {
            yield return texts["limit.deenergized", name(off.BoundBy.Service, off.BoundBy.Key)];
        }
    }

    /// <summary>Phases of which the same is stated share a sentence.</summary>
    private IEnumerable<string> DescribePhases(string quantity, EffectivePhases? phases, Func<EffectivePhase, Bound<decimal>?> limit, Instant? until) =>
        from phase in new[] { ("L1", phases?.L1), ("L2", phases?.L2), ("L3", phases?.L3) }
        let bound = phase.Item2 is { } stated ? limit(stated) : null
        where bound is not null
        group phase.Item1 by bound into alike
        select Stated(texts["limit.onPhase", texts[$"limit.{quantity}"], string.Join(", ", alike)], alike.Key!, numbers.Amperes, until);

    private string Stated<T>(string what, Bound<T> bound, Func<T, string> text, Instant? until)
        where T : struct
    {
        var by = name(bound.BoundBy.Service, bound.BoundBy.Key);
        var holds = until is { } end
            ? texts["limit.until", what, text(bound.Value), times.Time(end, site), by]
            : texts["limit.standing", what, text(bound.Value), by];
        return bound.Next is { } next
            ? $"{holds}; {texts["limit.next", name(next.Service, next.Key), text(next.Value)]}."
            : $"{holds}; {texts["limit.noNext"]}.";
    }
}
