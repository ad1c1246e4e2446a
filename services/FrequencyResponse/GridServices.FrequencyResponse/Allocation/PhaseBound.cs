using System.Numerics;

namespace GridServices.FrequencyResponse.Allocation;

/// <summary>Takes room away from the phases that have too much of it, until the change of every phase can stay near the mean of the three.</summary>
internal static class PhaseBound
{
    /// <param name="phases">Per asset.</param>
    /// <param name="room">Per asset, W ≥ 0, cut in place. A stepped asset's room is rounded down to its grid by whoever uses it.</param>
    /// <param name="unbalanceW">Most that a phase may differ from the mean.</param>
    internal static void Cut(ReadOnlySpan<Phases> phases, Span<int> room, long unbalanceW)
    {
        // The mean counts the phase itself: what one has more than the least of the others shows up at two thirds at most.
        var have = Sums(phases, room);
        var cap = Math.Min(have[0], Math.Min(have[1], have[2])) + unbalanceW;
        for (var i = room.Length - 1; i >= 0; i--)
        {
            var on = BitOperations.PopCount((uint)phases[i]);
            if (on is 0 or 3)
            {
                continue;
            }

            var over = 0L;
            for (var phase = 0; phase < 3; phase++)
            {
                over = Loads(phases[i], phase) ? Math.Max(over, have[phase] - cap) : over;
            }

            var taken = (int)Math.Min(room[i], over * on);
            room[i] -= taken;
            for (var phase = 0; phase < 3; phase++)
            {
                have[phase] -= Loads(phases[i], phase) ? taken / on : 0;
            }
        }
    }

    private static long[] Sums(ReadOnlySpan<Phases> phases, ReadOnlySpan<int> room)
    {
        var sums = new long[3];
        for (var i = 0; i < room.Length; i++)
        {
            var on = Math.Max(1, BitOperations.PopCount((uint)phases[i]));
            for (var phase = 0; phase < 3; phase++)
            {
                sums[phase] += Loads(phases[i], phase) ? room[i] / on : 0;
            }
        }

        return sums;
    }

    private static bool Loads(Phases phases, int phase) => ((int)phases & (1 << phase)) != 0;
}
