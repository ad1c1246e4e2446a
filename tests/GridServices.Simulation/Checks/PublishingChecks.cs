using System.Security.Cryptography;
using GridServices.Hosting.Publishing;
using GridServices.Simulation.Kernel;
using GridServices.Simulation.Publishing;

namespace GridServices.Simulation.Checks;

/// <summary>What publishers have committed comes to the hub: P3.</summary>
internal sealed class PublishingChecks(World world)
{
    private readonly SortedDictionary<(string Stream, long Revision), bool> _owed = [];
    private readonly Dictionary<(string Stream, long Revision), string> _said = [];
    private readonly HashSet<string> _raised = new(StringComparer.Ordinal);

    /// <summary>A publisher's store has taken a commit.</summary>
    public void Committed(ServiceData former, ServiceData after)
    {
        foreach (var row in after.Outbox.Values.Where(row => row.Id > former.LastId && row is { Stream: not null, Restates: null }))
        {
            var (key, said) = ((row.Stream!, row.Revision!.Value), Convert.ToHexStringLower(SHA256.HashData(row.Body)));
            _owed.TryAdd(key, false);
            if (_said.TryGetValue(key, out var before) && before != said && !world.Checks.WasServiceRestored)
            {
                world.Checks.Fail("P3", $"{row.Stream} rev {row.Revision} was committed twice with another content: the first is lost");
            }

            _said[key] = said;
        }

        _raised.UnionWith(after.Words.Where(w => w.Value.RaisedBy > 0).Select(w => w.Key));
    }

    /// <summary>Rows have come to the hub: the first time in the order of their commits.</summary>
    public void Arrived(IReadOnlyList<OutboxRow> rows)
    {
        foreach (var row in rows.Where(row => row is { Stream: not null, Revision: not null, Restates: null }))
        {
            var earlier = _owed.Where(o => o.Key.Stream == row.Stream && o.Key.Revision < row.Revision && !o.Value).Select(o => o.Key.Revision).ToList();
            if (earlier.Count > 0 && !IsLoosened && !_raised.Contains(row.Stream!))
            {
                world.Checks.Fail("P3", $"{row.Stream} rev {row.Revision} comes to the hub before rev {earlier[0]}");
            }

            _owed[(row.Stream!, row.Revision!.Value)] = true;
        }
    }

    /// <summary>Long after the last fault nothing waits.</summary>
    public void Look()
    {
        if (Faults.IsSettled(world.Elapsed) && world.Publishers.Disk.Data.Outbox.Values.FirstOrDefault(row => row.ParkedAt is not null) is { } parked)
        {
            world.Checks.Fail("Life", $"{parked.Stream} rev {parked.Revision} is parked ({parked.Waits})");
        }
    }

    /// <summary>Every publication that was committed is in the history.</summary>
    public void End()
    {
        if (world.Checks.Found is not null)
        {
            return;
        }

        foreach (var ((stream, revision), _) in _owed)
        {
            var waits = world.Publishers.Disk.Data.Outbox.Values.Any(row => row.Stream == stream && row.Revision == revision);
            if (!waits && !IsLoosened && !_raised.Contains(stream) && !world.Checks.History.Stored.Any(s => s.Revision == revision && stream.EndsWith($"|{s.Key.Stream.Service}|{s.Key.Stream.Key}", StringComparison.Ordinal)))
            {
                world.Checks.Fail("P3", $"{stream} rev {revision} was committed and is in no history");
            }
        }

        foreach (var (stream, word) in world.Publishers.Disk.Data.Words)
        {
            var held = world.Hub.View.Set.Entries.FirstOrDefault(e => stream.EndsWith($"|{e.Key.Stream.Service}|{e.Key.Stream.Key}", StringComparison.Ordinal));
            if (held?.Revision != word.Revision + word.RaisedBy && !world.Publishers.Disk.Data.Outbox.Values.Any(row => row.Stream == stream))
            {
                world.Checks.Fail("P3", $"the last word on {stream} is rev {word.Revision} + {word.RaisedBy}, the hub holds {held?.Revision}");
            }
        }
    }

    // A store that was put back has lost what it had committed since.
    private bool IsLoosened => world.Checks.WasServiceRestored || world.Checks.WasHubRestored;
}
