using System.Net;
using NodaTime;

namespace GridServices.Hosting.Tests.Auth;

/// <summary>An authorization server that is away, slow or answers nonsense: its tokens wait, others do not.</summary>
public sealed class IssuerAwayTests : IClassFixture<AccessTokenRig>
{
    private readonly AccessTokenRig rig;

    public IssuerAwayTests(AccessTokenRig rig)
    {
        this.rig = rig;
        rig.Reset();
    }

    [Fact]
    public async Task While_the_issuer_is_away_tokens_are_answered_503_and_one_ask_serves_all()
    {
        rig.Issuer.IsAway = true;
        await using var service = await rig.StartAsync();
        var (status, said) = await rig.AskAsync(service, rig.Token());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("can't be judged now", said, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "operator"), await rig.AskAsync(service, service.Tokens.Operator));
        rig.Issuer.IsAway = false;
        rig.Time.Advance(Duration.FromMinutes(1));
        var asks = rig.Issuer.KeyAsks;
        var token = rig.Token();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => rig.AskAsync(service, token)));
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        Assert.Equal(1, rig.Issuer.KeyAsks - asks);

        // Keys that nobody could confirm for an hour count no more.
        rig.Issuer.IsAway = true;
        rig.Time.Advance(Duration.FromHours(1));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.AskAsync(service, rig.Token())).Status);
    }

    [Fact]
    public async Task While_the_issuer_is_away_keys_that_are_due_still_count()
    {
        await rig.AskAsync(rig.Token());
        rig.Issuer.IsAway = true;
        rig.Time.Advance(Duration.FromMinutes(11));
        Assert.Equal(HttpStatusCode.OK, (await rig.AskAsync(rig.Token())).Status);
    }

    [Fact]
    public async Task While_the_issuer_is_away_who_is_slowed_down_is_not_called_back_sooner()
    {
        rig.Issuer.IsAway = true;
        await using var service = await rig.StartAsync();
        using var client = service.Client(rig.Token());
        for (var i = 0; i < 25; i++)
        {
            using var answer = await client.GetAsync("/v1/whoami", TestContext.Current.CancellationToken);
            Assert.Equal(i < 20 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.TooManyRequests, answer.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter!.Delta);
            Assert.Empty(answer.Headers.WwwAuthenticate);
        }
    }

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("7")]
    public async Task An_issuer_that_answers_nonsense_is_away_and_left_alone_for_a_while(string issuer)
    {
        rig.Issuer.RawIssuer = issuer;
        await using var service = await rig.StartAsync();
        var asks = rig.Issuer.Discoveries;
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.AskAsync(service, rig.Token())).Status); // a second each
        }

        Assert.InRange(rig.Issuer.Discoveries - asks, 1, 5);
    }
}
