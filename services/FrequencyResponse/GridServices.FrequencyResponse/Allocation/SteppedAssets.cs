namespace GridServices.FrequencyResponse.Allocation;

/// <summary>The chargers of a plan in the order of their moves, one array per property.</summary>
internal sealed class SteppedAssets
{
    private readonly int[] _asset;
    private readonly int[] _start;
    private readonly int[] _floorW;
    private readonly int[] _stepW;

    internal SteppedAssets(int[] asset, int[] start, AmpGrid[] grid)
    {
        (_asset, _start) = (asset, start);
        _floorW = [.. grid.Select(g => g.FloorW)];
        _stepW = [.. grid.Select(g => g.StepW)];
    }

    internal int Count => _asset.Length;

    /// <summary>Their power without a response.</summary>
    internal long BaseW => Enumerable.Range(0, Count).Sum(i => (long)Grid(i).Watts(_start[i]));

    /// <summary>What each of an asset's own moves gives, W &gt; 0.</summary>
    internal int[] Gains(int place, int moves, int sign)
    {
        var (grid, gains) = (Grid(place), new int[moves]);
        for (var i = 0; i < moves; i++)
        {
            gains[i] = Math.Abs(grid.Watts(_start[place] + (sign * (i + 1))) - grid.Watts(_start[place] + (sign * i)));
        }

        return gains;
    }

    internal void Fill(int[] moves, int round, int place, int sign, Span<int> setpoints)
    {
        // Ranges were checked when the plan was built: nothing here can overflow.
        unchecked
        {
            for (var i = 0; i < _asset.Length; i++)
            {
                var made = Math.Min(i <= place ? round + 1 : round, moves[i]);
                var index = _start[i] + (sign * made);
                var size = Math.Abs(index);
                var watts = size == 0 ? 0 : _floorW[i] + ((size - 1) * _stepW[i]);
                setpoints[_asset[i]] = index < 0 ? -watts : watts;
            }
        }
    }

    /// <summary>
    /// Moves that fit into what is left, largest charger first: first one of each, as the round has it, then of each as many as fit.
    /// It rises with what is left: the sum is at most that, and met exactly where it changes.
    /// </summary>
    /// <returns>What was added, and how much more would have to be left for the next larger sum (<see cref="long.MaxValue"/>: there is none).</returns>
    internal (long AddedW, long ToNextW) Refine(int[] moves, int round, int sign, long watts, Span<int> setpoints)
    {
        var (left, toNext) = (watts, long.MaxValue);
        for (var pass = 0; pass < 2; pass++)
        {
            for (var i = 0; i < _asset.Length; i++)
            {
                ref var setpoint = ref setpoints[_asset[i]];
                var (grid, before) = (Grid(i), setpoint);
                var index = grid.Nearest(before);
                var room = moves[i] - Math.Abs(index - _start[i]);
                var most = pass == 0 ? Math.Min(1, moves[i] - round) : room;
                if (Math.Min(room, most) <= 0)
                {
                    continue;
                }

                var wanted = (int)Math.Clamp(before + (sign * left), -int.MaxValue, int.MaxValue);
                var made = Math.Min(most, sign > 0 ? grid.AtMost(wanted) - index : index - grid.AtLeast(wanted));
                setpoint = grid.Watts(index + (sign * made));
                left -= Math.Abs(setpoint - before);
                toNext = made < most ? Math.Min(toNext, Math.Abs(grid.Watts(index + (sign * (made + 1))) - setpoint) - left) : toNext;
            }
        }

        return (watts - left, toNext);
    }

    private AmpGrid Grid(int place) => new(_floorW[place], _stepW[place]);
}
