using GridServices.Contracts;
using GridServices.EnvelopeHub.Service;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Refusals;
using Microsoft.Extensions.Options;

namespace GridServices.EnvelopeHub.Tests.Streaming;

public sealed class StreamLimiterTests
{
    private static readonly SiteKey Site = new("default", "site-1");
    private readonly StreamLimiter _places = new(Options.Create(new EnvelopeHubOptions { StreamsPerToken = 2 }));

    [Fact]
    public void A_token_has_so_many_places_at_a_site_and_one_that_ends_is_free_again()
    {
        var first = _places.Acquire("t", Site);
        using var second = _places.Acquire("t", Site);
        var refused = Assert.Throws<ProblemException>(() => _places.Acquire("t", Site));
        Assert.Equal((ErrorClass.RateLimit, TimeSpan.FromSeconds(10)), (refused.Class, refused.RetryAfter));

        // What was refused took no place.
        first.Dispose();
        using var third = _places.Acquire("t", Site);
        Assert.Throws<ProblemException>(() => _places.Acquire("t", Site));
    }

    [Fact]
    public void Other_tokens_sites_and_tenants_have_places_of_their_own()
    {
        using var first = _places.Acquire("t", Site);
        using var second = _places.Acquire("t", Site);
        using var otherToken = _places.Acquire("u", Site);
        using var otherSite = _places.Acquire("t", Site with { SiteId = "site-2" });
        using var otherTenant = _places.Acquire("t", Site with { Tenant = "other" });
        Assert.Throws<ProblemException>(() => _places.Acquire("t", Site));
    }
}
