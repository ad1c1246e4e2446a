namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>When each asset of a pool was last told to go on or off, seen once a second: enough for shortest times of many seconds. Guarded by its gate.</summary>
internal sealed class Switching(int assets)
{
    private const long LongestNanos = 10_000_000_000;
    private readonly bool[] _on = new bool[assets];
    private readonly long[] _at = new long[assets];
    private long _version = -1;
    private long _builtNanos;

    public Lock Gate { get; } = new();

    /// <summary>The latest set-points, W, + = injection.</summary>
    public int[] Setpoints { get; } = new int[assets];

    public long At(int asset) => _at[asset];

    /// <returns>True where an asset went on or off since the last look.</returns>
    public bool Note(long nowNanos)
    {
        var moved = false;
        for (var i = 0; i < assets; i++)
        {
            if (_on[i] != (Setpoints[i] != 0))
            {
                (_on[i], _at[i], moved) = (Setpoints[i] != 0, nowNanos, true);
            }
        }

        return moved;
    }

    /// <returns>True where the plan that was made last still says what is known.</returns>
    public bool IsFresh(long version, long nowNanos)
    {
        if (version == _version && nowNanos - _builtNanos < LongestNanos)
        {
            return true;
        }

        (_version, _builtNanos) = (version, nowNanos);
        return false;
    }
}
