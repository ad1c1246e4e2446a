using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Wire;

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

    /// <summary>Declared outages, by contract.</summary>
    public ImmutableDictionary<EntryId, ValueList<Outage>> Outages { get; init; } = ImmutableDictionary<EntryId, ValueList<Outage>>.Empty;

    /// <summary>Contracts that are stored and can't be read: they do not run, and have not ended either.</summary>
    public ImmutableHashSet<EntryId> Illegible { get; init; } = [];

    public ContractSettings? Contract(EntryId id) => Contracts.Find(c => c.Id == id)?.Settings;

    /// <summary>The contract takes the place of the one it replaces, or comes last: the order of a pool's contracts stands.</summary>
    public Entries With(EntryId id, ContractSettings contract)
    {
        var at = Contracts.FindIndex(c => c.Id == id);
        var entry = new ContractEntry(id, contract);
        return this with { Contracts = at < 0 ? Contracts.Add(entry) : Contracts.SetItem(at, entry), Illegible = Illegible.Remove(id) };
    }

    /// <summary>Its outages end with it.</summary>
    public Entries Without(EntryId id) => this with { Contracts = Contracts.RemoveAll(c => c.Id == id), Outages = Outages.Remove(id) };

    /// <summary>An outage takes the place of the one of its name.</summary>
    public Entries With(EntryId contract, Outage outage) =>
        this with { Outages = Outages.SetItem(contract, GetOutages(contract).Where(o => o.Id != outage.Id).Append(outage).OrderBy(o => o.Id, StringComparer.Ordinal).ToValueList()) };

    public ValueList<Outage> GetOutages(EntryId contract) => Outages.GetValueOrDefault(contract, []);

    /// <summary>The same, with what is not other than before in the place of its equal: what runs on it runs on.</summary>
    public Entries Keeping(Entries before) => new(
        Assets.SetItems(before.Assets.Where(a => Assets.TryGetValue(a.Key, out var now) && IsSame(a.Value, now))),
        Sources.SetItems(before.Sources.Where(s => Sources.TryGetValue(s.Key, out var now) && IsSame(s.Value, now))),
        [.. Contracts.Select(c => before.Contract(c.Id) is { } held && IsSame(held, c.Settings) ? new ContractEntry(c.Id, held) : c)])
    {
        Outages = Outages,
        Illegible = Illegible,
    };

    private static bool IsSame<T>(T one, T other) =>
        JsonSerializer.SerializeToUtf8Bytes(one, ContractJson.Options).AsSpan().SequenceEqual(JsonSerializer.SerializeToUtf8Bytes(other, ContractJson.Options));

    private sealed class EntryOrder : IComparer<EntryId>
    {
        public static EntryOrder Instance { get; } = new();

        public int Compare(EntryId x, EntryId y) => string.CompareOrdinal(x.Tenant, y.Tenant) is var tenant && tenant != 0 ? tenant : string.CompareOrdinal(x.Key, y.Key);
    }
}

/// <summary>A contract and its name.</summary>
internal sealed record ContractEntry(EntryId Id, ContractSettings Settings);
