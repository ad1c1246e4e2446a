namespace GridServices.Contracts;

/// <summary>Joins neighbours of a row, the cheapest pair first, until few enough are left or none can be joined: O(n log n).</summary>
internal static class CheapestJoins
{
    /// <param name="items">The row.</param>
    /// <param name="most">How many may be left, from 1.</param>
    /// <param name="join">Two neighbours as one, and what that costs; null where they can't be joined. Of equal costs the last pair goes first.</param>
    public static List<T> Run<T>(IReadOnlyList<T> items, int most, Func<T, T, (T Joined, double Cost)?> join)
    {
        var kept = items.ToArray();
        var next = Enumerable.Range(1, kept.Length).ToArray();
        var previous = Enumerable.Range(-1, kept.Length).ToArray();
        var version = new int[kept.Length];
        var offers = new PriorityQueue<(int Left, int Version, T Joined), (double Cost, int Place)>();
        for (var i = 0; i + 1 < kept.Length; i++)
        {
            Offer(i);
        }

        for (var count = kept.Length; count > most && offers.TryDequeue(out var offer, out _);)
        {
            var (left, offered, joined) = offer;
            if (offered != version[left])
            {
                continue;
            }

            var right = next[left];
            kept[left] = joined;
            next[left] = next[right];
            version[right]++;
            count--;
            if (next[left] < kept.Length)
            {
                previous[next[left]] = left;
            }

            Offer(left);
            Offer(previous[left]);
        }

        var result = new List<T>();
        for (var i = 0; i < kept.Length; i = next[i])
        {
            result.Add(kept[i]);
        }

        return result;

        // What was offered of this pair before is out of date.
        void Offer(int left)
        {
            if (left < 0)
            {
                return;
            }

            version[left]++;
            if (next[left] < kept.Length && join(kept[left], kept[next[left]]) is { } pair)
            {
                offers.Enqueue((left, version[left], pair.Joined), (pair.Cost, -left));
            }
        }
    }
}
