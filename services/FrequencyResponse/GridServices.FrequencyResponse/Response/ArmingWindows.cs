using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Response;

/// <summary>When a contract is procured: half-open, UTC; touching windows are one.</summary>
internal sealed class ArmingWindows
{
    private readonly long[] _from;
    private readonly long[] _until;

    internal ArmingWindows(ValueList<Interval> windows)
    {
        var from = new List<long>();
        var until = new List<long>();
        foreach (var window in windows)
        {
            var (start, end) = (Nanos.Unix(window.Start), Nanos.Unix(window.End));
            if (until.Count > 0 && until[^1] == start)
            {
                until[^1] = end;
                continue;
            }

            from.Add(start);
            until.Add(end);
        }

        (_from, _until) = ([.. from], [.. until]);
    }

    /// <summary>Whether the instant is procured, and when that next changes.</summary>
    internal bool Contains(long unix, out long edge)
    {
        var at = Array.BinarySearch(_from, unix);
        at = at >= 0 ? at : ~at - 1;
        if (at >= 0 && unix < _until[at])
        {
            edge = _until[at];
            return true;
        }

        edge = at + 1 < _from.Length ? _from[at + 1] : long.MaxValue;
        return false;
    }
}
