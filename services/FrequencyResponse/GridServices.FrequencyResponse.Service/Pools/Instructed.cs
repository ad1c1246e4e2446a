using System.Collections.Concurrent;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>The instructions of all contracts, as they are stored.</summary>
internal sealed class Instructed
{
    private volatile ConcurrentDictionary<EntryId, InstructionState> _byContract = new();

    public InstructionState GetState(EntryId contract) => _byContract.GetValueOrDefault(contract, InstructionState.None);

    public void Set(EntryId contract, InstructionState state) => _byContract[contract] = state;

    public void Replace(IReadOnlyDictionary<EntryId, InstructionState> all) => _byContract = new ConcurrentDictionary<EntryId, InstructionState>(all);

    /// <summary>What each contract of a pool is to follow now or next.</summary>
    public InstructedOrders GetOrders(PoolSpec spec, Instant now)
    {
        var orders = default(InstructedOrders);
        for (var i = 0; i < spec.Contracts.Count; i++)
        {
            orders[i] = InstructionProcessor.OrderAt(GetState(new EntryId(spec.Id.Tenant, spec.Contracts[i].Key)), now);
        }

        return orders;
    }
}
