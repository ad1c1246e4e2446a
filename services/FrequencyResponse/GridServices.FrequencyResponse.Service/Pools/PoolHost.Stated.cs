using System.Collections.Concurrent;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>
/// Contracts that somebody stated since the start: put, ended or instructed anew (not by what a broker had kept, what is refused, or a cease of our own).
/// What of the others is told rests on the store alone, however newly it is composed.
/// </summary>
internal sealed partial class PoolHost
{
    private readonly ConcurrentDictionary<EntryId, byte> _stated = new();

    /// <summary>Whether a person or the grid operator has stated the contract since this service began.</summary>
    public bool IsStated(EntryId contract) => _stated.ContainsKey(contract);

    /// <summary>What another process on the same database was told meanwhile.</summary>
    private void NoteStated(Entries before, Entries after)
    {
        foreach (var id in before.Contracts.Concat(after.Contracts).Select(c => c.Id).Distinct().Where(id => !ReferenceEquals(before.Contract(id), after.Contract(id))))
        {
            _stated[id] = 0;
        }
    }
}
