namespace GridServices.FrequencyResponse.Allocation;

/// <summary>One direction of a plan: the staircase of its chargers and the vernier of everything else.</summary>
internal sealed class PlanSide
{
    private readonly SteppedAssets _stepped;
    private readonly int[] _moves;
    private readonly int _sign;

    internal PlanSide(SteppedAssets stepped, int[] moves, Vernier vernier, int sign)
    {
        (_stepped, _moves, Vernier, _sign) = (stepped, moves, vernier, sign);
        Stairs = Staircase.Of([.. Enumerable.Range(0, moves.Length).Select(i => stepped.Gains(i, moves[i], sign))]);
    }

    internal Staircase Stairs { get; }

    internal Vernier Vernier { get; }

    /// <summary>Whole way in this direction, W ≥ 0.</summary>
    internal long ReachW => Stairs.TotalW + Vernier.RoomW;

    /// <summary>How many moves of the staircase go with a change of so much.</summary>
    /// <param name="size">W ≥ 0, inside <see cref="ReachW"/>.</param>
    /// <param name="before">Moves made before; -1 = none are known.</param>
    /// <param name="back">Room of the vernier in the other direction.</param>
    /// <param name="rules">Hysteresis and the contract.</param>
    internal int Moves(long size, int before, long back, AllocationRules rules)
    {
        var least = Stairs.AtLeast(size - Vernier.RoomW);
        var most = Stairs.AtMost(size + back);
        if (least > most)
        {
            return Between(size, most, before, rules);
        }

        // Chargers and batteries go the same share of their way; the battery takes what the steps leave over.
        var target = ReachW == 0 ? 0 : (long)(size * ((double)Stairs.TotalW / ReachW));
        if (before >= least && before <= most && size > 0 && Math.Abs(Stairs.SumOf(before) - target) <= (0.5 + rules.StepHysteresis) * StepAt(before))
        {
            return before;
        }

        return Math.Clamp(Stairs.Nearest(target), least, most);
    }

    internal void Fill(int moves, Span<int> setpoints)
    {
        var (round, place) = Stairs.At(moves);
        _stepped.Fill(_moves, round, place, _sign, setpoints);
    }

    /// <summary>No battery bridges the step: one third below the upper step the lower one ends, so that the error lies in -1/3..+2/3 of a step.</summary>
    private int Between(long size, int below, int before, AllocationRules rules)
    {
        var contracted = _sign > 0 ? rules.ContractedRaiseW : rules.ContractedLowerW;
        if (before >= 0 && before <= Stairs.Count && contracted > 0
            && Stairs.SumOf(before) - size <= 0.10 * contracted && size - Stairs.SumOf(before) <= 0.05 * contracted && size > 0)
        {
            return before;
        }

        var (low, high) = (Stairs.SumOf(below), Stairs.SumOf(Math.Min(below + 1, Stairs.Count)));
        return size - low > (high - low) / 3 ? Math.Min(below + 1, Stairs.Count) : below;
    }

    private long StepAt(int moves) =>
        Math.Max(Stairs.SumOf(Math.Min(moves + 1, Stairs.Count)) - Stairs.SumOf(moves), Stairs.SumOf(moves) - Stairs.SumOf(Math.Max(moves - 1, 0)));
}
