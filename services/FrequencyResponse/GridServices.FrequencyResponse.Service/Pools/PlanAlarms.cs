using System.Collections.Concurrent;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>Plans whose submission needs a person, until it is settled or their period is over. Any thread.</summary>
internal sealed class PlanAlarms
{
    private readonly ConcurrentDictionary<(EntryId Contract, Instant From), (Instant Until, string Problem)> _open = new();

    /// <param name="contract">Whose plan.</param>
    /// <param name="from">Begin of its period.</param>
    /// <param name="until">End of it: then it is told no more.</param>
    /// <param name="problem">What somebody must do; null: nothing.</param>
    public void Note(EntryId contract, Instant from, Instant until, string? problem)
    {
        if (problem is null)
        {
            _open.TryRemove((contract, from), out _);
        }
        else
        {
            _open[(contract, from)] = (until, problem);
        }
    }

    /// <summary>All that are open.</summary>
    public IReadOnlyList<(EntryId Contract, Instant From, Instant Until)> List() => [.. _open.Select(o => (o.Key.Contract, o.Key.From, o.Value.Until))];

    /// <summary>Another process tells them.</summary>
    public void Clear() => _open.Clear();

    /// <summary>The earliest of a contract; null: none.</summary>
    public string? Find(EntryId contract, Instant now)
    {
        foreach (var over in _open.Where(o => o.Value.Until <= now).ToList())
        {
            _open.TryRemove(over);
        }

        return _open.Where(o => o.Key.Contract == contract).OrderBy(o => o.Key.From).Select(o => o.Value.Problem).FirstOrDefault();
    }
}
