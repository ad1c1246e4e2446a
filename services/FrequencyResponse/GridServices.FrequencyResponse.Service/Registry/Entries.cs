using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;

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

    /// <summary>The same, with what is not other than before in the place of its equal: what runs on it runs on.</summary>
    public Entries Keeping(Entries before) => new(
        Assets.SetItems(before.Assets.Where(a => Assets.TryGetValue(a.Key, out var now) && IsSame(a.Value, now))),
        Sources.SetItems(before.Sources.Where(s => Sources.TryGetValue(s.Key, out var now) && IsSame(s.Value, now))),
        [.. Contracts.Select(c => before.Contract(c.Id) is { } held && IsSame(held, c.Settings) ? new ContractEntry(c.Id, held) : c)]);

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
