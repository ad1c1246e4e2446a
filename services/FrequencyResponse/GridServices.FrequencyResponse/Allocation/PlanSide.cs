using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Allocation;

/// <summary>How the chargers of one direction stand: moves of the staircase, and what the smaller steps beyond them aim at, W ≥ 0.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct StairsPosition(int Moves, long MoreW);

/// <summary>One direction of a plan: the staircase of its chargers and the vernier of everything else.</summary>
internal sealed class PlanSide
{
    private readonly SteppedAssets _stepped;
    private readonly int[] _moves;
    private readonly int _sign;

    internal PlanSide(SteppedAssets stepped, int[] moves, Vernier vernier, int sign)
    {
        (_stepped, _moves, Vernier, _sign) = (stepped, moves, vernier, sign);
        Stairs = Staircase.Build([.. Enumerable.Range(0, moves.Length).Select(i => stepped.Gains(i, moves[i], sign))]);
    }

    internal Staircase Stairs { get; }

    internal Vernier Vernier { get; }

    /// <summary>Whole way in this direction, W ≥ 0.</summary>
    internal long ReachW => Stairs.TotalW + Vernier.RoomW;

    /// <summary>Sets the chargers for a change of so much; gives what they give together, W ≥ 0.</summary>
    /// <param name="size">W ≥ 0, inside <see cref="ReachW"/>.</param>
    /// <param name="before">How the chargers stood; null = it is not known, or they stood on the other side.</param>
    /// <param name="back">Room of the vernier in the other direction.</param>
    /// <param name="rules">Hysteresis and the contract.</param>
    /// <param name="setpoints">Set-points of the whole pool.</param>
    internal (long GivenW, StairsPosition Position) Fill(long size, StairsPosition? before, long back, AllocationRules rules, Span<int> setpoints)
    {
        var least = Stairs.AtLeast(size - Vernier.RoomW);
        var most = Stairs.AtMost(size + back);
        return least > most ? Between(size, most, before, rules, setpoints) : Set(new StairsPosition(Level(size, least, most, before, rules), 0), setpoints);
    }

    // Chargers and batteries go the same share of their way; the battery takes what the steps leave over.
    private int Level(long size, int least, int most, StairsPosition? before, AllocationRules rules)
    {
        var target = ReachW == 0 ? 0 : (long)(size * ((double)Stairs.TotalW / ReachW));
        return before is { Moves: var moves } && moves >= least && moves <= most && size > 0
            && Math.Abs(Stairs.GetSum(moves) - target) <= (0.5 + rules.StepHysteresis) * StepAt(moves)
            ? moves
            : Math.Clamp(Stairs.Nearest(target), least, most);
    }

    /// <summary>No battery bridges the step: within the round the chargers are chosen by size, so that their sum comes near.</summary>
    private (long GivenW, StairsPosition Position) Between(long size, int below, StairsPosition? before, AllocationRules rules, Span<int> setpoints)
    {
        // Left as they stand while that serves the contract: a total that dithers switches nobody.
        if (before is { } held && size > 0 && Set(held, setpoints) is var kept && Serves(kept.GivenW, size, rules))
        {
            return kept;
        }

        // From one third of the way between two sums the upper one, so that the error lies in -1/3..+2/3 of it; and wherever the battery takes the rest.
        var moves = Stairs.RoundStart(below + 1);
        var wanted = size - Vernier.RoomW - Stairs.GetSum(moves);
        var position = new StairsPosition(moves, wanted);
        var (given, toNext) = Refine(position, setpoints);
        var under = wanted + Stairs.GetSum(moves) - given;
        return toNext < long.MaxValue && (toNext <= Vernier.RoomW || 2 * under > toNext)
            ? Set(position with { MoreW = wanted + toNext }, setpoints)
            : (given, position);
    }

    private (long GivenW, StairsPosition Position) Set(StairsPosition position, Span<int> setpoints) => (Refine(position, setpoints).GivenW, position);

    private (long GivenW, long ToNextW) Refine(StairsPosition position, Span<int> setpoints)
    {
        var (round, place) = Stairs.At(position.Moves);
        _stepped.Fill(_moves, round, place, _sign, setpoints);
        var (added, toNext) = position.MoreW > 0 ? _stepped.Refine(_moves, position.Moves == 0 ? 0 : round + 1, _sign, position.MoreW, setpoints) : (0, long.MaxValue);
        return (Stairs.GetSum(position.Moves) + added, toNext);
    }

    private bool Serves(long stairs, long size, AllocationRules rules)
    {
        var contracted = _sign > 0 ? rules.ContractedRaiseW : rules.ContractedLowerW;
        return contracted > 0 && AllocationRules.Tolerates(stairs + Math.Clamp(size - stairs, 0, Vernier.RoomW) - size, contracted);
    }

    private long StepAt(int moves) =>
        Math.Max(Stairs.GetSum(Math.Min(moves + 1, Stairs.Count)) - Stairs.GetSum(moves), Stairs.GetSum(moves) - Stairs.GetSum(Math.Max(moves - 1, 0)));
}
