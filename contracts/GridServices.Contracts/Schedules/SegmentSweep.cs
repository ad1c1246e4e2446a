using NodaTime;

namespace GridServices.Contracts;

/// <summary>Cuts time wherever one of many pieces begins or ends; between two cuts the same pieces hold.</summary>
public static class SegmentSweep
{
    /// <summary>The spans in ascending order; those in which nothing holds are left out.</summary>
    /// <param name="pieces">In any order; they may overlap.</param>
    /// <param name="getSpan">[From, Until) of a piece; Until null = no end.</param>
    public static IEnumerable<SweptSpan<T>> Run<T>(IEnumerable<T> pieces, Func<T, (Instant From, Instant? Until)> getSpan)
    {
        var waiting = new Queue<(T Piece, Instant From, Instant? Until)>(
            pieces.Select(p => (p, span: getSpan(p))).OrderBy(p => p.span.From).Select(p => (p.p, p.span.From, p.span.Until)));
        var edges = waiting.Select(p => p.From).Concat(waiting.Select(p => p.Until).OfType<Instant>()).Distinct().Order().ToList();
        var active = new List<(T Piece, Instant? Until)>();
        for (var i = 0; i < edges.Count; i++)
        {
            var from = edges[i];
            _ = active.RemoveAll(p => p.Until <= from);
            while (waiting.TryPeek(out var next) && next.From <= from)
            {
                _ = waiting.Dequeue();
                active.Add((next.Piece, next.Until));
            }

            if (active.Count > 0)
            {
                yield return new SweptSpan<T>(from, i + 1 < edges.Count ? edges[i + 1] : null, [.. active.Select(p => p.Piece)]);
            }
        }
    }
}

/// <summary>Over [<see cref="From"/>, <see cref="Until"/>) exactly these pieces hold, those that began first first; <see cref="Until"/> null = no end.</summary>
public readonly record struct SweptSpan<T>(Instant From, Instant? Until, IReadOnlyList<T> Active);
