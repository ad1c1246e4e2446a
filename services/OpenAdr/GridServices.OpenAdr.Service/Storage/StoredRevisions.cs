using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using GridServices.OpenAdr.Configuration;
using NodaTime;

namespace GridServices.OpenAdr.Service.Storage;

/// <summary>
/// The highest revision of every stream of a tenant, over all its VENs, those deleted included: a stream may move to another VEN, its revisions go on.
/// Read from disk once for each tenant, and raised by what this process writes, which alone writes them; where other nodes of a cluster write as well,
/// read each time.
/// </summary>
/// <param name="store">Where they are.</param>
/// <param name="isShared">Others write to it too.</param>
internal sealed class StoredRevisions(VenStore store, bool isShared)
{
    private readonly ConcurrentDictionary<(string Tenant, string Stream), long> _highest = new();
    private readonly ConcurrentDictionary<string, bool> _read = new(StringComparer.Ordinal);

    /// <summary>The revisions from which a VEN that is put now goes on.</summary>
    public async Task<ImmutableSortedDictionary<string, long>> GetHighestAsync(string tenant, VenConfig config, Instant now, CancellationToken ct)
    {
        if (!_read.TryGetValue(tenant, out var isLegible) || isShared)
        {
            var all = (await store.StatesAsync(tenant, ct)).Select(ReadRevisions).ToList();
            all.ForEach(revisions => Raise(tenant, revisions ?? ImmutableSortedDictionary<string, long>.Empty));
            _read[tenant] = isLegible = !all.Contains(null);
        }

        if (!isLegible)
        {
            // Nobody knows how far a stream has come: past any number that was counted up one by one.
            Raise(tenant, config.Programs.SelectMany(p => new[] { p.Stream, p.Stream + "-test" }).Select(stream => KeyValuePair.Create(stream, now.ToUnixTimeSeconds())));
        }

        return _highest.Where(r => r.Key.Tenant == tenant).ToImmutableSortedDictionary(r => r.Key.Stream, r => r.Value, StringComparer.Ordinal);
    }

    /// <summary>What is about to be written; should it not be, a number is left out, which harms nobody.</summary>
    public void Raise(string tenant, IEnumerable<KeyValuePair<string, long>> revisions)
    {
        foreach (var (stream, revision) in revisions)
        {
            _highest.AddOrUpdate((tenant, stream), revision, (_, known) => Math.Max(known, revision));
        }
    }

    /// <summary>The revisions in a state that may be another version's; null: they can't be read.</summary>
    internal static ImmutableSortedDictionary<string, long>? ReadRevisions(string state)
    {
        try
        {
            using var json = JsonDocument.Parse(Encoding.UTF8.GetBytes(state));
            return json.RootElement.TryGetProperty("revisions", out var revisions)
                ? revisions.EnumerateObject().ToImmutableSortedDictionary(r => r.Name, r => r.Value.GetInt64(), StringComparer.Ordinal)
                : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
