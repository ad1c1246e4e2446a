using NodaTime;

namespace GridServices.OpenAdr.Envelopes;

/// <summary>
/// Cuts time wherever one of many pieces begins or ends, and says of each span what all that hold there say together. Unlike
/// <see cref="Contracts.SegmentSweep"/> it never lists them: n pieces cost n log n, however many hold at once.
/// </summary>
/// <remarks>
/// A piece is put at the few nodes of a binary tree over the spans that cover it exactly; what a span says is then what stands between it and the root.
/// <code>
///   spans     0   1   2   3   4   5   6   7
///                 ├───────────────┤              a piece over 1..4 stands at 1, at (2,3) and at 4
/// </code>
/// </remarks>
internal static class SegmentFold
{
    /// <summary>The spans in ascending order; those in which nothing holds are left out.</summary>
    /// <param name="pieces">In any order; they may overlap.</param>
    /// <param name="spanOf">[From, Until) of a piece; Until null = no end.</param>
    /// <param name="together">What two say together; in any order and grouping the same.</param>
    public static IEnumerable<(Instant From, Instant? Until, T Together)> Run<T>(IReadOnlyCollection<T> pieces, Func<T, (Instant From, Instant? Until)> spanOf, Func<T, T, T> together)
        where T : class
    {
        var spans = pieces.Select(p => (Piece: p, Span: spanOf(p))).ToList();
        var edges = spans.Select(s => s.Span.From).Concat(spans.Select(s => s.Span.Until).OfType<Instant>()).Distinct().Order().ToArray();
        var tree = new T?[2 * edges.Length];
        foreach (var (piece, (from, until)) in spans)
        {
            Add(tree, Array.BinarySearch(edges, from), until is { } end ? Array.BinarySearch(edges, end) : edges.Length, piece, together);
        }

        for (var i = 0; i < edges.Length; i++)
        {
            if (At(tree, i, together) is { } all)
            {
                yield return (edges[i], i + 1 < edges.Length ? edges[i + 1] : null, all);
            }
        }
    }

    /// <summary>Over the spans [first, last).</summary>
    private static void Add<T>(T?[] tree, int first, int last, T piece, Func<T, T, T> together)
        where T : class
    {
        for (var (left, right) = (first + (tree.Length / 2), last + (tree.Length / 2)); left < right; (left, right) = (left / 2, right / 2))
        {
            if (left % 2 == 1)
            {
                tree[left] = tree[left] is { } there ? together(there, piece) : piece;
                left++;
            }

            if (right % 2 == 1)
            {
                right--;
                tree[right] = tree[right] is { } there ? together(there, piece) : piece;
            }
        }
    }

    private static T? At<T>(T?[] tree, int span, Func<T, T, T> together)
        where T : class
    {
        T? all = null;
        for (var node = span + (tree.Length / 2); node > 0; node /= 2)
        {
            all = tree[node] is not { } there ? all : all is null ? there : together(all, there);
        }

        return all;
    }
}
