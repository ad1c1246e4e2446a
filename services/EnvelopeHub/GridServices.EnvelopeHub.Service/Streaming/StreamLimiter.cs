using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Refusals;
using Microsoft.Extensions.Options;

namespace GridServices.EnvelopeHub.Service.Streaming;

/// <summary>How many streams of one site a token has open: one that opens a new one with each fault must not exhaust the hub.</summary>
internal sealed class StreamLimiter(IOptions<EnvelopeHubOptions> options)
{
    private readonly ConcurrentDictionary<(string Token, SiteKey Site), int> _open = new();

    /// <summary>A place until the stream ends.</summary>
    /// <exception cref="ProblemException">RATE_LIMIT: the token has as many open there as it may have.</exception>
    public IDisposable Acquire(string tokenId, SiteKey site)
    {
        var most = options.Value.StreamsPerToken;
        if (_open.AddOrUpdate((tokenId, site), 1, static (_, open) => open + 1) > most)
        {
            Release(tokenId, site);
            throw new ProblemException(ErrorClass.RateLimit, $"Token '{tokenId}' has {most} streams of site '{site.SiteId}' open. Close those that are not read any more.")
            {
                RetryAfter = TimeSpan.FromSeconds(10),
            };
        }

        return new Lease(this, tokenId, site);
    }

    private void Release(string tokenId, SiteKey site)
    {
        if (_open.AddOrUpdate((tokenId, site), 0, static (_, open) => open - 1) == 0)
        {
            _open.TryRemove(new((tokenId, site), 0));
        }
    }

    private sealed class Lease(StreamLimiter places, string tokenId, SiteKey site) : IDisposable
    {
        public void Dispose() => places.Release(tokenId, site);
    }
}
