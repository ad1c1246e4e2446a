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

    private AmpGrid Grid(int place) => new(_floorW[place], _stepW[place]);
}
