using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Outages;

/// <summary>Outages and de-ratings: what of a contract is declared as not available, and what of it was declared in time.</summary>
/// <remarks>
/// <code>
/// declared 13:30, notice 65 min          14:35
///      ├──────────── late ────────────────┤──────── in time ────────▶
///           from 14:00 ├──────────── 0 of 10 MW ─────────────┤ until 18:00
/// </code>
/// Of several declarations for one instant the least counts. Spans are half-open.
/// </remarks>
public static class DeclaredOutages
{
    /// <summary>What is left of a quantity at an instant, W.</summary>
    public static long AvailableAt(IReadOnlyList<OutageStretch> stretches, long quantityW, Instant at)
    {
        ArgumentNullException.ThrowIfNull(stretches);
        return stretches.Where(s => s.From <= at && at < s.Until).Select(s => s.AvailableW).Append(quantityW).Min();
    }

    /// <summary>When what is left may next change; null = not any more.</summary>
    public static Instant? NextChange(IReadOnlyList<OutageStretch> stretches, Instant after)
    {
        ArgumentNullException.ThrowIfNull(stretches);
        return stretches.SelectMany(s => new[] { s.From, s.Until }).Where(t => t > after).Select(t => (Instant?)t).Min();
    }

    /// <summary>What is left at an instant, or where that is nothing, what is left once anything is again, W; the quantity where that never comes.</summary>
    public static long NextAvailable(IReadOnlyList<OutageStretch> stretches, long quantityW, Instant at)
    {
        for (Instant? then = at; then is { } instant; then = NextChange(stretches, instant))
        {
            if (AvailableAt(stretches, quantityW, instant) is var left and > 0)
            {
                return left;
            }
        }

        return quantityW;
    }

    /// <summary>Spans cut wherever what is left changes, each with what is left in it, W.</summary>
    /// <param name="stretches">In any order.</param>
    /// <param name="quantityW">Contracted, W.</param>
    /// <param name="spans">Sorted, apart.</param>
    public static IEnumerable<(Interval Span, long LeftW)> Steps(IReadOnlyList<OutageStretch> stretches, long quantityW, IEnumerable<Interval> spans)
    {
        ArgumentNullException.ThrowIfNull(stretches);
        ArgumentNullException.ThrowIfNull(spans);
        foreach (var span in spans)
        {
            var (from, left) = (span.Start, AvailableAt(stretches, quantityW, span.Start));
            for (var edge = NextChange(stretches, from); edge is { } at && at < span.End; edge = NextChange(stretches, at))
            {
                if (AvailableAt(stretches, quantityW, at) is var next && next != left)
                {
                    yield return (new Interval(from, at), left);
                    (from, left) = (at, next);
                }
            }

            yield return (new Interval(from, span.End), left);
        }
    }

    /// <summary>What is taken out of a span.</summary>
    /// <param name="stretches">In any order.</param>
    /// <param name="quantityW">Contracted, W &gt; 0.</param>
    /// <param name="sold">The sold time of the span, apart from one another.</param>
    /// <param name="notice">What is declared so long ahead was declared in time.</param>
    public static OutageEffect Over(IReadOnlyList<OutageStretch> stretches, long quantityW, IEnumerable<Interval> sold, Duration notice)
    {
        ArgumentNullException.ThrowIfNull(stretches);
        ArgumentNullException.ThrowIfNull(sold);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(quantityW);
        var effect = new OutageEffect(0, 0, 0, quantityW);
        foreach (var (from, until) in stretches.Count == 0 ? [] : sold.SelectMany(s => Pieces(stretches, s, notice)))
        {
            var left = AvailableAt(stretches, quantityW, from);
            var inTime = stretches.Where(s => s.From <= from && from < s.Until && s.DeclaredAt + notice <= from).Select(s => s.AvailableW).Append(quantityW).Min();
            var seconds = (until - from).TotalSeconds;
            effect = new OutageEffect(
                effect.Seconds + (seconds * (quantityW - left) / quantityW), effect.LateSeconds + (seconds * (inTime - left) / quantityW),
                effect.OutSeconds + (left <= 0 ? seconds : 0), Math.Min(effect.LeastW, left));
        }

        return effect;
    }

    /// <summary>The sold time in which anything is left.</summary>
    /// <param name="stretches">In any order.</param>
    /// <param name="sold">Sorted, apart.</param>
    public static IEnumerable<Interval> Left(IReadOnlyList<OutageStretch> stretches, IEnumerable<Interval> sold)
    {
        ArgumentNullException.ThrowIfNull(stretches);
        ArgumentNullException.ThrowIfNull(sold);
        var outages = stretches.Where(s => s.AvailableW <= 0).OrderBy(s => s.From).ToList();
        foreach (var window in sold)
        {
            var from = window.Start;
            foreach (var outage in outages.Where(o => o.Until > from && o.From < window.End))
            {
                if (outage.From > from)
                {
                    yield return new Interval(from, outage.From);
                }

                from = Instant.Max(from, outage.Until);
            }

            if (from < window.End)
            {
                yield return new Interval(from, window.End);
            }
        }
    }

    /// <summary>A declaration as it reads after it was stated again: time that was declared before, with no more left, keeps its notice.</summary>
    /// <param name="held">Of the declaration before; empty: it is new.</param>
    /// <param name="span">What it is to be for now.</param>
    /// <param name="availableW">What is left then, W.</param>
    /// <param name="now">When it is stated.</param>
    public static ValueList<OutageStretch> Restate(IReadOnlyList<OutageStretch> held, Interval span, long availableW, Instant now)
    {
        ArgumentNullException.ThrowIfNull(held);
        var stated = new List<OutageStretch>();
        foreach (var (from, until) in Pieces(held, span, Duration.Zero))
        {
            var since = held.Where(h => h.From <= from && from < h.Until && h.AvailableW <= availableW).Select(h => h.DeclaredAt).Append(now).Min();
            if (stated.Count > 0 && stated[^1] is { } last && last.Until == from && last.DeclaredAt == since)
            {
                stated[^1] = last with { Until = until };
            }
            else
            {
                stated.Add(new OutageStretch(from, until, availableW, since));
            }
        }

        return stated.ToValueList();
    }

    /// <summary>A span cut wherever a stretch begins, ends, or comes to have been declared in time.</summary>
    private static IEnumerable<(Instant From, Instant Until)> Pieces(IReadOnlyList<OutageStretch> stretches, Interval span, Duration notice)
    {
        var cuts = stretches.SelectMany(s => new[] { s.From, s.Until, s.DeclaredAt + notice })
            .Where(t => t > span.Start && t < span.End).Append(span.Start).Append(span.End).Distinct().Order().ToList();
        return cuts.Zip(cuts.Skip(1));
    }
}
