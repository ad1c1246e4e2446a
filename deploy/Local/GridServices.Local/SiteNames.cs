using System.Collections.Concurrent;

namespace GridServices.Local;

/// <summary>Which site the names in a simulated utility's lines belong to, as far as the services have told.</summary>
internal sealed class SiteNames
{
    private readonly ConcurrentDictionary<string, string> _sites = new(StringComparer.Ordinal);

    public void Learn(string name, string? site)
    {
        if (name.Length > 0 && site is not null)
        {
            _sites[name] = site;
        }
    }

    public string? FindSite(string name) => _sites.GetValueOrDefault(name);
}
