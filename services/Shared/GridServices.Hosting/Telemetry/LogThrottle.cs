using System.Collections.Concurrent;

namespace GridServices.Hosting.Telemetry;

/// <summary>Lets one line of a kind through per <paramref name="every"/>, with the count of those it held back since the last.</summary>
internal sealed class LogThrottle(TimeProvider time, TimeSpan every)
{
    private const int MostKinds = 256;
    private readonly ConcurrentDictionary<string, Kind> _kinds = new(StringComparer.Ordinal);

    /// <param name="kind">What counts as the same line.</param>
    /// <param name="heldBack">How many of the kind were not written since the last one that was.</param>
    internal bool MayWrite(string kind, out long heldBack)
    {
        if (_kinds.Count > MostKinds)
        {
            _kinds.Clear();
        }

        return _kinds.GetOrAdd(kind, static _ => new Kind()).MayWrite(time, every, out heldBack);
    }

    private sealed class Kind
    {
        private readonly Lock _gate = new();
        private long? _writtenAt;
        private long _heldBack;

        internal bool MayWrite(TimeProvider time, TimeSpan every, out long heldBack)
        {
            lock (_gate)
            {
                heldBack = _heldBack;
                if (_writtenAt is { } at && time.GetElapsedTime(at) < every)
                {
                    _heldBack++;
                    return false;
                }

                (_writtenAt, _heldBack) = (time.GetTimestamp(), 0);
                return true;
            }
        }
    }
}
