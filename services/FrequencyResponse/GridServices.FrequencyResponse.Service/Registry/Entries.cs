using System.Collections.Immutable;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>Everything that is put, of every tenant; replaced whole when something changes.</summary>
internal sealed record Entries(
    ImmutableSortedDictionary<EntryId, AssetSettings> Assets,
    ImmutableSortedDictionary<EntryId, SourceSettings> Sources,
    ImmutableList<ContractEntry> Contracts)
{
    public static Entries None { get; } = new(
        ImmutableSortedDictionary.Create<EntryId, AssetSettings>(EntryOrder.Instance),
        ImmutableSortedDictionary.Create<EntryId, SourceSettings>(EntryOrder.Instance),
        []);

    public ContractSettings? Contract(EntryId id) => Contracts.Find(c => c.Id == id)?.Settings;

    /// <summary>The contract takes the place of the one it replaces, or comes last: the order of a pool's contracts stands.</summary>
    public Entries With(EntryId id, ContractSettings contract)
    {
        var at = Contracts.FindIndex(c => c.Id == id);
        var entry = new ContractEntry(id, contract);
        return this with { Contracts = at < 0 ? Contracts.Add(entry) : Contracts.SetItem(at, entry) };
    }

    public Entries Without(EntryId id) => this with { Contracts = Contracts.RemoveAll(c => c.Id == id) };

    private sealed class EntryOrder : IComparer<EntryId>
    {
        public static EntryOrder Instance { get; } = new();

        public int Compare(EntryId x, EntryId y) => string.CompareOrdinal(x.Tenant, y.Tenant) is var tenant && tenant != 0 ? tenant : string.CompareOrdinal(x.Key, y.Key);
    }
}

/// <summary>A contract and its name.</summary>
internal sealed record ContractEntry(EntryId Id, ContractSettings Settings);
