namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>Turns that are in no segment: those that the ring had no room for, and those after them, which can't be run again before the next mark.</summary>
internal sealed class LostTurns
{
    private long _counted;
    private long _skipped;

    /// <summary>Whether the ring has dropped turns since they were taken last.</summary>
    /// <param name="dropped">All that the ring has ever dropped.</param>
    public bool HasGap(long dropped) => dropped != _counted;

    /// <summary>A turn behind a gap.</summary>
    public void Skip() => _skipped++;

    /// <summary>How many were lost since this was asked last.</summary>
    /// <param name="dropped">All that the ring has ever dropped.</param>
    public long GetAndReset(long dropped)
    {
        var lost = dropped - _counted + _skipped;
        (_counted, _skipped) = (dropped, 0);
        return lost;
    }
}
