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
    internal string Of(string quantity, Bound<long>? bound, Instant? until)
    {
        var what = texts[$"limit.{quantity}"];
        if (bound is null)
        {
            return texts["limit.notStated", what];
        }

        var by = name(bound.BoundBy.Service, bound.BoundBy.Key);
        var holds = until is { } end
            ? texts["limit.until", what, numbers.Limit(bound.Value), times.Time(end, site), by]
            : texts["limit.standing", what, numbers.Limit(bound.Value), by];
        return bound.Next is { } next
            ? $"{holds}; {texts["limit.next", name(next.Service, next.Key), numbers.Limit(next.Value)]}."
            : $"{holds}; {texts["limit.noNext"]}.";
    }

    /// <summary>The sentences of all limits of power that are stated; both directions of the grid connection are always among them.</summary>
    internal IEnumerable<string> Of(EffectiveSegment segment)
    {
        var limits = segment.Limits;
        yield return Of("importLimitW", limits.ImportLimitW, segment.Until);
        yield return Of("exportLimitW", limits.ExportLimitW, segment.Until);
        (string Quantity, Bound<long>? Bound)[] others =
        [
            ("chargeLimitW", limits.ChargeLimitW), ("dischargeLimitW", limits.DischargeLimitW),
            ("generationLimitW", limits.GenerationLimitW), ("loadLimitW", limits.LoadLimitW),
        ];
        foreach (var (quantity, bound) in others.Where(other => other.Bound is not null))
        {
            yield return Of(quantity, bound, segment.Until);
        }

        if (limits.Connect is { Value: false } cut)
        {
            yield return texts["limit.disconnected", name(cut.BoundBy.Service, cut.BoundBy.Key)];
        }

        if (limits.Energize is { Value: false } off)
        {
            yield return texts["limit.deenergized", name(off.BoundBy.Service, off.BoundBy.Key)];
        }
    }
}
