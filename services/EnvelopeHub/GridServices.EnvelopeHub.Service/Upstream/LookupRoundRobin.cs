using System.Collections.Concurrent;
using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.Service.Upstream;

/// <summary>Which of many sites are looked up in the store this time: so many at once, and all of them in turn.</summary>
internal sealed class LookupRoundRobin(int most)
{
    private readonly ConcurrentDictionary<(string Tenant, string Source), string> _reached = new();

    /// <returns>At most so many of the sites of one tenant, those behind the last ones first, in order of their ids.</returns>
    public IReadOnlyList<SiteKey> Next(string tenant, string source, IReadOnlyCollection<SiteKey> sites)
    {
        if (sites.Count <= most)
        {
            _reached.TryRemove((tenant, source), out _);
            return [.. sites];
        }

        var after = _reached.GetValueOrDefault((tenant, source));
        var due = sites.OrderBy(site => string.CompareOrdinal(site.SiteId, after) <= 0).ThenBy(site => site.SiteId, StringComparer.Ordinal).Take(most).ToList();
        _reached[(tenant, source)] = due[^1].SiteId;
        return due;
    }
}
