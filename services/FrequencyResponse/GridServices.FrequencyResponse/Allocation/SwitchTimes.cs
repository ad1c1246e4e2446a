namespace GridServices.FrequencyResponse.Allocation;

/// <summary>When each asset of a pool last went on or off, from the set-points it was given: what shortest on and off times are counted from.</summary>
/// <remarks>Kept by whoever builds the plans; not for two threads at once.</remarks>
public sealed class SwitchTimes(int count)
{
    private readonly long[] _nanos = [.. Enumerable.Repeat(-Nanos.Never, count)];
    private readonly bool[] _on = new bool[count];
    private bool _begun;

    /// <summary>Monotonic nanoseconds; far in the past where it never switched.</summary>
    public long this[int asset] => _nanos[asset];

    /// <summary>Takes the set-points as they are now.</summary>
    public void Note(ReadOnlySpan<int> setpointsW, long nowNanos)
    {
        for (var i = 0; i < _on.Length; i++)
        {
            var on = setpointsW[i] != 0;
            _nanos[i] = _begun && on != _on[i] ? nowNanos : _nanos[i];
            _on[i] = on;
        }

        _begun = true;
    }
}
