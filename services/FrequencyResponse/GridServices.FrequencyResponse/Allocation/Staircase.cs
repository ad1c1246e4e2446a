namespace GridServices.FrequencyResponse.Allocation;

/// <summary>The moves of all stepped assets in one direction, in the order in which they are made: one step of each asset per round.</summary>
/// <remarks>
/// <code>
/// round 0   asset 1, asset 2, asset 3        after k moves every asset has made `round` or `round + 1` of its own,
/// round 1   asset 1,          asset 3        so that the split of a total is two numbers: the round and the last asset moved in it
/// </code>
/// Assets are ordered by size, the largest first, and among equals with their phases in turn; the order is the same in every plan, so that a new plan moves nobody without need.
/// </remarks>
internal sealed class Staircase
{
    private readonly long[] _sum;
    private readonly int[] _round;
    private readonly int[] _place;

    private Staircase(long[] sum, int[] round, int[] place, long largest) => (_sum, _round, _place, LargestW) = (sum, round, place, largest);

    /// <summary>Moves.</summary>
    internal int Count => _sum.Length;

    /// <summary>All of them together, W ≥ 0.</summary>
    internal long TotalW => Count == 0 ? 0 : _sum[^1];

    /// <summary>The largest single move, W.</summary>
    internal long LargestW { get; }

    /// <param name="gains">Per asset in order: how much each of its own moves gives, W &gt; 0.</param>
    internal static Staircase Build(int[][] gains)
    {
        var count = gains.Sum(g => g.Length);
        var (sum, round, place) = (new long[count], new int[count], new int[count]);
        var (at, total, largest) = (0, 0L, 0L);
        for (var turn = 0; at < count; turn++)
        {
            for (var asset = 0; asset < gains.Length; asset++)
            {
                if (turn >= gains[asset].Length)
                {
                    continue;
                }

                total += gains[asset][turn];
                largest = Math.Max(largest, gains[asset][turn]);
                (sum[at], round[at], place[at]) = (total, turn, asset);
                at++;
            }
        }

        return new Staircase(sum, round, place, largest);
    }

    /// <summary>What the first so many moves give.</summary>
    internal long GetSum(int moves) => moves == 0 ? 0 : _sum[moves - 1];

    /// <summary>Assets before <c>Place</c> (inclusive) have made <c>Round + 1</c> moves, the others <c>Round</c>.</summary>
    internal (int Round, int Place) At(int moves) => moves == 0 ? (0, -1) : (_round[moves - 1], _place[moves - 1]);

    /// <summary>Moves before the round in which this one is made.</summary>
    /// <param name="move">From 1.</param>
    internal int RoundStart(int move)
    {
        var before = move - 1;
        while (before > 0 && _round[before - 1] == _round[move - 1])
        {
            before--;
        }

        return before;
    }

    /// <summary>Fewest moves that give at least so much; all of them where that is not to be had.</summary>
    internal int AtLeast(long watts)
    {
        if (watts <= 0)
        {
            return 0;
        }

        var found = Array.BinarySearch(_sum, watts);
        return Math.Min((found >= 0 ? found : ~found) + 1, Count);
    }

    /// <summary>Most moves that give at most so much.</summary>
    internal int AtMost(long watts)
    {
        if (watts < 0)
        {
            return 0;
        }

        var found = Array.BinarySearch(_sum, watts);
        return found >= 0 ? found + 1 : ~found;
    }

    /// <summary>The moves that come nearest; the fewer where two are as near.</summary>
    internal int Nearest(long watts)
    {
        var below = AtMost(watts);
        return below < Count && GetSum(below + 1) - watts < watts - GetSum(below) ? below + 1 : below;
    }

    /// <summary>Distinct steps and the largest of them on the way to so much.</summary>
    internal (int Steps, long LargestW) Within(long watts)
    {
        var moves = AtLeast(watts);
        var largest = 0L;
        for (var i = 1; i <= moves; i++)
        {
            largest = Math.Max(largest, GetSum(i) - GetSum(i - 1));
        }

        return (moves, largest);
    }
}
