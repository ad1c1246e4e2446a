using NodaTime;

namespace GridServices.Contracts;

/// <summary>Joins neighbouring steps by intersection, cheapest first.</summary>
internal static class Coarsening
{
    public static IEnumerable<LimitStep> Join(IReadOnlyList<LimitStep> steps, int maxSteps)
    {
        var limits = steps.Select(s => s.Limits).ToArray();
        var next = Enumerable.Range(1, steps.Count).ToArray();
        var previous = Enumerable.Range(-1, steps.Count).ToArray();
        var version = new int[steps.Count];
        var queue = new PriorityQueue<(int Left, int Version), (double Cost, int Left)>();
        for (var i = 0; i + 1 < steps.Count; i++)
        {
            Offer(i);
        }

        for (var count = steps.Count; count > maxSteps;)
        {
            var (left, offered) = queue.Dequeue();
            if (offered != version[left])
            {
                continue;
            }

            var right = next[left];
            limits[left] = limits[left].Intersect(limits[right]);
            next[left] = next[right];
            version[right]++;
            count--;
            if (next[left] < steps.Count)
            {
                previous[next[left]] = left;
                Offer(left);
            }
            else
            {
                version[left]++;
            }

            if (previous[left] >= 0)
            {
                Offer(previous[left]);
            }
        }

        for (var i = 0; i < steps.Count; i = next[i])
        {
            yield return new LimitStep(steps[i].From, limits[i]);
        }

        void Offer(int left) => queue.Enqueue((left, ++version[left]), (Cost(left), left));

        // Seconds that get tighter than they were.
        double Cost(int left)
        {
            var right = next[left];
            var joined = limits[left].Intersect(limits[right]);
            return (joined == limits[left] ? 0 : Seconds(left)) + (joined == limits[right] ? 0 : Seconds(right));
        }

        double Seconds(int at)
        {
            var end = next[at] < steps.Count ? steps[next[at]].From : Instant.MaxValue;
            return (end - steps[at].From).TotalSeconds;
        }
    }
}
