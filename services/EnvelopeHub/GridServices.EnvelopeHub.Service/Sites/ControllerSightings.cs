using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Auth;
using Microsoft.Net.Http.Headers;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>The last request of each site's controller to this process; nothing of it is stored.</summary>
internal sealed class ControllerSightings(IClock clock)
{
    private const int Most = 100_000;
    private const int LongestAgent = 200;
    private readonly ConcurrentDictionary<SiteKey, ControllerSighting> _last = new();

    public ControllerSighting? Find(SiteKey site) => _last.GetValueOrDefault(site);

    /// <summary>Notes a request of a controller that may have the site; those of others, such as an operator's, say nothing of it.</summary>
    public void Note(SiteKey site, HttpContext http)
    {
        if (http.Caller() is not { Role: Role.Controller } caller)
        {
            return;
        }

        MakeRoom(site);
        _last[site] = new ControllerSighting
        {
            At = clock.GetCurrentInstant(),
            TokenId = caller.TokenId,
            Address = http.Connection.RemoteIpAddress is not { } address ? null : (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString(),
            UserAgent = http.Request.Headers[HeaderNames.UserAgent].ToString() is { Length: > 0 } agent ? SafeText.Line(agent.Length > LongestAgent ? agent[..LongestAgent] : agent) : null,
        };
    }

    /// <summary>A token for all sites can name any number of them: the oldest tenth makes room.</summary>
    private void MakeRoom(SiteKey site)
    {
        if (_last.Count >= Most && !_last.ContainsKey(site))
        {
            foreach (var old in _last.OrderBy(seen => seen.Value.At).Take(Most / 10))
            {
                _last.TryRemove(old);
            }
        }
    }
}
