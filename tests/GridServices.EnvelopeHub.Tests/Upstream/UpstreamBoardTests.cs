using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Upstream;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.Upstream;

public sealed class UpstreamBoardTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);
    private static readonly SiteKey Site = new("default", "site-1");
    private readonly UpstreamRegistry _board = new();

    [Fact]
    public void A_site_nobody_reported_on_has_no_upstreams() => Assert.Empty(_board.Of(Site, Start));

    [Fact]
    public void A_reported_stream_is_shown_until_its_source_falls_silent()
    {
        _board.Apply("default", Report("a", UpstreamStatus.Ok), Start);
        Assert.Equal(UpstreamStatus.Ok, Assert.Single(_board.Of(Site, Start + Duration.FromSeconds(59))).Status);

        var lost = Assert.Single(_board.Of(Site, Start + Duration.FromSeconds(60)));
        Assert.Equal(UpstreamStatus.Lost, lost.Status);
        Assert.Equal(Start + Duration.FromSeconds(60), lost.Since);
    }

    [Fact]
    public void A_report_replaces_what_its_source_said_before()
    {
        _board.Apply("default", Report("a", UpstreamStatus.Ok, "P1", "P2"), Start);
        _board.Apply("default", Report("a", UpstreamStatus.Stale, "P2"), Start);
        Assert.Equal(["openadr/P2"], _board.Of(Site, Start).Select(health => health.Stream.ToString()));
        Assert.Equal(UpstreamStatus.Stale, _board.Of(Site, Start)[0].Status);
    }

    [Fact]
    public void Only_sites_where_something_changed_are_named()
    {
        Assert.Equal([Site], _board.Apply("default", Report("a", UpstreamStatus.Ok), Start)!);
        Assert.Empty(_board.Apply("default", Report("a", UpstreamStatus.Ok), Start + Duration.FromSeconds(30))!);
        Assert.Equal([Site], _board.Apply("default", Report("a", UpstreamStatus.Lost), Start + Duration.FromSeconds(40))!);
        Assert.Equal([Site], _board.Apply("default", Report("a", UpstreamStatus.Lost), Start + Duration.FromSeconds(140))!);
    }

    [Fact]
    public void Of_two_sources_on_one_stream_the_newer_report_wins()
    {
        _board.Apply("default", Report("b", UpstreamStatus.Lost), Start);
        _board.Apply("default", Report("a", UpstreamStatus.Ok), Start + Duration.FromSeconds(1));
        Assert.Equal(UpstreamStatus.Ok, Assert.Single(_board.Of(Site, Start + Duration.FromSeconds(2))).Status);
    }

    [Fact]
    public void Two_tenants_with_one_site_id_never_meet()
    {
        _board.Apply("other", Report("a", UpstreamStatus.Ok), Start);
        Assert.Empty(_board.Of(Site, Start));
    }

    [Fact]
    public void Invented_sources_are_bounded_and_long_silent_ones_forgotten()
    {
        for (var i = 0; i < UpstreamRegistry.MostSources; i++)
        {
            Assert.NotNull(_board.Apply("default", Report($"s{i}", UpstreamStatus.Ok), Start));
        }

        Assert.Null(_board.Apply("default", Report("one-more", UpstreamStatus.Ok), Start));
        Assert.NotNull(_board.Apply("default", Report("one-more", UpstreamStatus.Ok), Start + UpstreamRegistry.ForgetAfter + Duration.FromMinutes(2)));
        Assert.Single(_board.Of(Site, Start + UpstreamRegistry.ForgetAfter + Duration.FromMinutes(2)));
    }

    private static UpstreamReport Report(string source, UpstreamStatus status, params string[] streams) => new()
    {
        Source = source,
        ValidFor = Duration.FromMinutes(1),
        Streams =
        [
            .. (streams.Length == 0 ? ["P1"] : streams).Select(stream => new UpstreamStream
            {
                Stream = new StreamId("openadr", stream), Sites = [Site.SiteId], Status = status, Since = Start,
            }),
        ],
    };
}
