namespace GridServices.Contracts;

/// <summary>Makes one segment of neighbours that touch and say the same.</summary>
public static class SegmentJoin
{
    /// <summary>Those that are equal but for their span.</summary>
    public static List<T> Run<T>(IEnumerable<T> segments)
        where T : ISegment<T>, IEquatable<T> => Run(segments, static (a, b) => a.Over(b.From, b.Until).Equals(b));

    /// <summary>Those that <paramref name="same"/> takes for equal; the first of them lends everything but its end.</summary>
    /// <param name="segments">Ascending, not overlapping.</param>
    /// <param name="same">Whether two say the same, apart from their spans.</param>
    public static List<T> Run<T>(IEnumerable<T> segments, Func<T, T, bool> same)
        where T : ISegment<T>
    {
        var joined = new List<T>();
        foreach (var next in segments)
        {
            if (joined.Count > 0 && joined[^1] is var last && last.Until == next.From && same(last, next))
            {
                joined[^1] = last.Over(last.From, next.Until);
            }
            else
            {
                joined.Add(next);
            }
        }

        return joined;
    }
}
