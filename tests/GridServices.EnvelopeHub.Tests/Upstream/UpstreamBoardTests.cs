using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Upstream;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.Upstream;

public sealed class UpstreamBoardTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);
    private static readonly SiteKey Site = new("default", "site-1");
    private readonly UpstreamRegistry _registry = new();

    [Fact]
    public void A_site_nobody_reported_on_has_no_upstreams() => Assert.Empty(_registry.GetHealth(Site, At(Start)));

    [Fact]
    public void A_reported_stream_is_shown_until_its_source_falls_silent()
    {
        _registry.Apply("default", Report("a", UpstreamStatus.Ok), At(Start));
        Assert.Equal(UpstreamStatus.Ok, Assert.Single(_registry.GetHealth(Site, At(Start + Duration.FromSeconds(59)))).Status);

        var lost = Assert.Single(_registry.GetHealth(Site, At(Start + Duration.FromSeconds(60))));
        Assert.Equal(UpstreamStatus.Lost, lost.Status);
        Assert.Equal(Start + Duration.FromSeconds(60), lost.Since);
    }

    [Fact]
    public void Streams_are_counted_by_health_and_those_of_a_silent_source_are_lost()
    {
        _registry.Apply("default", Report("a", UpstreamStatus.Ok, "P1", "P2"), At(Start));
        _registry.Apply("default", Report("b", UpstreamStatus.Stale, "P3"), At(Start + Duration.FromSeconds(30)));
        Assert.Equal((2, 1, 0), Counts(Start + Duration.FromSeconds(59)));
        Assert.Equal(0, _registry.SilentSources(At(Start + Duration.FromSeconds(59))));
        Assert.Equal((0, 1, 2), Counts(Start + Duration.FromSeconds(60)));
        Assert.Equal(1, _registry.SilentSources(At(Start + Duration.FromSeconds(60))));

        (int Ok, int Stale, int Lost) Counts(Instant at)
        {
            var counts = _registry.Count(At(at));
            return (counts.GetValueOrDefault(UpstreamStatus.Ok), counts.GetValueOrDefault(UpstreamStatus.Stale), counts.GetValueOrDefault(UpstreamStatus.Lost));
        }
    }

    [Fact]
    public void A_report_replaces_what_its_source_said_before()
    {
        _registry.Apply("default", Report("a", UpstreamStatus.Ok, "P1", "P2"), At(Start));
        _registry.Apply("default", Report("a", UpstreamStatus.Stale, "P2"), At(Start));
        Assert.Equal(["openadr/P2"], _registry.GetHealth(Site, At(Start)).Select(health => health.Stream.ToString()));
        Assert.Equal(UpstreamStatus.Stale, _registry.GetHealth(Site, At(Start))[0].Status);
    }

    [Fact]
    public void Only_sites_where_something_changed_are_named()
    {
        Assert.Equal([Site], _registry.Apply("default", Report("a", UpstreamStatus.Ok), At(Start))!);
        Assert.Empty(_registry.Apply("default", Report("a", UpstreamStatus.Ok), At(Start + Duration.FromSeconds(30)))!);
        Assert.Equal([Site], _registry.Apply("default", Report("a", UpstreamStatus.Lost), At(Start + Duration.FromSeconds(40)))!);
        Assert.Equal([Site], _registry.Apply("default", Report("a", UpstreamStatus.Lost), At(Start + Duration.FromSeconds(140)))!);
    }

    // A clone beside the original: the status must not change with each report.
    [Theory]
    [InlineData(UpstreamStatus.Lost, UpstreamStatus.Ok, UpstreamStatus.Lost)]
    [InlineData(UpstreamStatus.Ok, UpstreamStatus.Lost, UpstreamStatus.Lost)]
    [InlineData(UpstreamStatus.Stale, UpstreamStatus.Ok, UpstreamStatus.Stale)]
    [InlineData(UpstreamStatus.Ok, UpstreamStatus.Ok, UpstreamStatus.Ok)]
    public void Of_two_sources_on_one_stream_the_worst_counts(UpstreamStatus older, UpstreamStatus newer, UpstreamStatus shown)
    {
        _registry.Apply("default", Report("b", older), At(Start));
        _registry.Apply("default", Report("a", newer), At(Start + Duration.FromSeconds(1)));
        Assert.Equal(shown, Assert.Single(_registry.GetHealth(Site, At(Start + Duration.FromSeconds(2)))).Status);
    }

    // An instance was replaced by one of another name.
    [Fact]
    public void One_that_speaks_counts_before_one_that_fell_silent()
    {
        _registry.Apply("default", Report("a", UpstreamStatus.Ok), At(Start));
        _registry.Apply("default", Report("b", UpstreamStatus.Ok), At(Start + Duration.FromSeconds(50)));
        Assert.Equal(UpstreamStatus.Ok, Assert.Single(_registry.GetHealth(Site, At(Start + Duration.FromSeconds(100)))).Status);
        Assert.Equal(Start + Duration.FromSeconds(110), Assert.Single(_registry.GetHealth(Site, At(Start + Duration.FromSeconds(200)))).Since);
    }

    [Fact]
    public void What_was_lost_and_is_left_out_is_named_to_be_kept()
    {
        _registry.Apply("default", Report("a", UpstreamStatus.Lost, "P1", "P2"), At(Start));
        var left = Assert.Single(_registry.LeftOut("default", Report("a", UpstreamStatus.Ok, "P2"), At(Start + Duration.FromSeconds(30))));
        Assert.Equal((Site, "openadr/P1", UpstreamStatus.Lost, Start), (left.Site, left.Line.Stream.ToString(), left.Line.Status, left.Line.Since));
        Assert.Empty(_registry.LeftOut("default", Report("a", UpstreamStatus.Stale, "P1", "P2"), At(Start + Duration.FromSeconds(30))));
    }

    [Fact]
    public void What_was_well_until_its_source_fell_silent_is_lost_since_then()
    {
        _registry.Apply("default", Report("a", UpstreamStatus.Ok), At(Start));
        var nothing = Report("a", UpstreamStatus.Ok) with { Streams = [] };
        Assert.Equal(Start + Duration.FromSeconds(60), Assert.Single(_registry.LeftOut("default", nothing, At(Start + Duration.FromSeconds(90)))).Line.Since);
    }

    // Its store was lost, or its link deleted without a withdrawal: that the next report came in time proves nothing of the utility.
    [Fact]
    public void What_was_well_and_is_left_out_is_lost_from_then_on()
    {
        _registry.Apply("default", Report("a", UpstreamStatus.Ok), At(Start));
        var left = Assert.Single(_registry.LeftOut("default", Report("a", UpstreamStatus.Ok) with { Streams = [] }, At(Start + Duration.FromSeconds(30)))).Line;
        Assert.Equal((UpstreamStatus.Lost, Start + Duration.FromSeconds(30)), (left.Status, left.Since));
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public void A_clock_that_is_set_brings_nobody_back_and_loses_nobody(int seconds)
    {
        var began = At(Start);
        Moment After(int silence) => new(Start + Duration.FromSeconds(seconds + silence), began.Steady + Duration.FromSeconds(silence));
        _registry.Apply("default", Report("a", UpstreamStatus.Ok), began);
        Assert.Equal(UpstreamStatus.Ok, Assert.Single(_registry.GetHealth(Site, After(59))).Status);

        // Since when is told by the clock as it is set now: a reader takes the distance to the heartbeat's own instant.
        var lost = Assert.Single(_registry.GetHealth(Site, After(70)));
        Assert.Equal((UpstreamStatus.Lost, After(60).Wall), (lost.Status, lost.Since));
    }

    [Theory]
    [InlineData(-30, UpstreamStatus.Ok)]
    [InlineData(-60, UpstreamStatus.Lost)]
    [InlineData(1, UpstreamStatus.Lost)]
    public void What_was_said_before_the_start_holds_as_long_as_it_was_promised_to_and_not_where_it_is_of_the_future(int seconds, UpstreamStatus expected)
    {
        _registry.Restore("default", Report("a", UpstreamStatus.Ok), Start + Duration.FromSeconds(seconds), At(Start));
        Assert.Equal(expected, Assert.Single(_registry.GetHealth(Site, At(Start))).Status);
        Assert.Equal(UpstreamStatus.Lost, Assert.Single(_registry.GetHealth(Site, At(Start + Duration.FromSeconds(60)))).Status);
    }

    [Fact]
    public void What_another_source_speaks_for_is_not_kept_by_the_one_that_left_it_out()
    {
        _registry.Apply("default", Report("a", UpstreamStatus.Lost), At(Start));
        _registry.Apply("default", Report("b", UpstreamStatus.Ok), At(Start));
        Assert.Empty(_registry.LeftOut("default", Report("a", UpstreamStatus.Ok) with { Streams = [] }, At(Start + Duration.FromSeconds(30))));
    }

    [Fact]
    public void Two_tenants_with_one_site_id_never_meet()
    {
        _registry.Apply("other", Report("a", UpstreamStatus.Ok), At(Start));
        Assert.Empty(_registry.GetHealth(Site, At(Start)));
    }

    [Fact]
    public void Invented_sources_are_bounded_and_long_silent_ones_may_be_forgotten_and_are_not_by_themselves()
    {
        for (var i = 0; i < UpstreamRegistry.MostSources; i++)
        {
            Assert.NotNull(_registry.Apply("default", Report($"s{i}", UpstreamStatus.Ok), At(Start)));
        }

        var later = Start + UpstreamRegistry.ForgetAfter + Duration.FromMinutes(2);
        Assert.Null(_registry.Apply("default", Report("one-more", UpstreamStatus.Ok), At(Start)));
        Assert.Null(_registry.Apply("default", Report("one-more", UpstreamStatus.Ok), At(later)));
        Assert.Equal(UpstreamStatus.Lost, Assert.Single(_registry.GetHealth(Site, At(later))).Status);
        Assert.Single(_registry.GetHealth(Site, At(later), _ => true));
        Assert.Empty(_registry.GetHealth(Site, At(later), _ => false));
        Assert.Single(_registry.GetHealth(Site, At(Start + Duration.FromDays(6)), _ => false));
        var silent = _registry.LongSilent("default", At(later));
        Assert.Equal(UpstreamRegistry.MostSources, silent.Count);
        Assert.Equal([(Site, new StreamId("openadr", "P1"))], silent[0].Streams);

        silent.ToList().ForEach(source => _registry.Remove("default", source.Source));
        Assert.NotNull(_registry.Apply("default", Report("one-more", UpstreamStatus.Ok), At(later)));
        Assert.Equal(UpstreamStatus.Ok, Assert.Single(_registry.GetHealth(Site, At(later))).Status);
    }

    private static Moment At(Instant at) => new(at, at - Start);

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
