using NodaTime;

namespace GridServices.Local.Feed;

/// <summary>Lets a few changes of one kind through in a minute, and says at its end how many more there were.</summary>
/// <param name="most">How many of one kind in a minute.</param>
/// <param name="getKind">What counts as one kind.</param>
internal sealed class ChangeThrottle(int most, Func<Change, string> getKind)
{
    private static readonly Duration Minute = Duration.FromMinutes(1);
    private readonly Dictionary<string, Kind> _kinds = new(StringComparer.Ordinal);

    /// <summary>True: tell it. False: it is counted, and told by <see cref="Due"/>.</summary>
    public bool TryAcquire(Change change, Instant now)
    {
        var key = getKind(change);
        var kind = _kinds.GetValueOrDefault(key) ?? new Kind(now, 0, 0, change);
        var let = kind.Told < most;
        _kinds[key] = let ? kind with { Told = kind.Told + 1 } : kind with { Held = kind.Held + 1, Last = change };
        return let;
    }

    /// <summary>A change per kind whose minute is over and that had more than were told.</summary>
    public IReadOnlyList<Change> Due(Instant now)
    {
        var over = _kinds.Where(kind => now - kind.Value.Since >= Minute).ToList();
        foreach (var (key, _) in over)
        {
            _kinds.Remove(key);
        }

        return [.. over.Where(kind => kind.Value.Held > 0).Select(kind => Folded(kind.Value))];
    }

    private static Change Folded(Kind kind) => kind.Last with
    {
        Key = string.Empty,
        Text = $"and {kind.Held} more like this in the last minute, the latest: {kind.Last.Text}",
    };

    private sealed record Kind(Instant Since, int Told, int Held, Change Last);
}
