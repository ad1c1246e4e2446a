using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Service.Upstream;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.Upstream;

/// <summary>An instance that lost all of its sites leaves them out of each report: the hub looks them up a few at a time, and takes none for well before.</summary>
public sealed class UpstreamReportHandlerTests
{
    private static readonly StreamId Stream = new("openadr", "PROG7");
    private static readonly string[] SiteIds = ["site-1", "site-2", "site-3", "site-4"];

    [Fact]
    public async Task So_many_sites_are_loaded_for_a_report_and_those_not_yet_looked_at_stay_lost()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(site: "site-2"));
        await hub.RestartAsync();
        var services = hub.App.App.Services;
        var (reports, sites) = (services.GetRequiredService<UpstreamReports>(), services.GetRequiredService<SiteCache>());
        var taker = new UpstreamReportHandler(reports, services.GetRequiredService<UpstreamStore>(), sites, mostLoaded: 1);
        await ReportAsync(reports, taker, SiteIds);

        var loaded = sites.Count;
        for (var turn = 1; turn <= SiteIds.Length; turn++)
        {
            await ReportAsync(reports, taker);
            Assert.InRange(sites.Count, 0, loaded + turn);
            Assert.Equal(UpstreamStatus.Lost, Assert.Single(GetHealth(reports, "site-2")).Status);
            Assert.Equal(turn < SiteIds.Length ? 1 : 0, GetHealth(reports, "site-4").Count);
        }

        Assert.Empty(SiteIds.Where(id => id != "site-2").SelectMany(id => GetHealth(reports, id)));
    }

    [Fact]
    public void All_sites_have_their_turn_though_some_are_gone_meanwhile()
    {
        var turns = new LookupRoundRobin(2);
        Assert.Equal(["site-1", "site-2"], Next(turns, SiteIds));
        Assert.Equal(["site-3", "site-4"], Next(turns, SiteIds));
        Assert.Equal(["site-1", "site-2"], Next(turns, SiteIds));
        Assert.Equal(["site-4", "site-0"], Next(turns, ["site-0", "site-1", "site-4"]));
        Assert.Equal(["site-1"], Next(turns, ["site-1"]));
        Assert.Equal(["site-1", "site-2"], Next(turns, SiteIds));
    }

    private static IEnumerable<string> Next(LookupRoundRobin turns, string[] ids) =>
        turns.Next("default", "/gridservices/openadr/1", [.. ids.Select(id => new SiteKey("default", id))]).Select(site => site.SiteId);

    private static IReadOnlyList<UpstreamHealth> GetHealth(UpstreamReports reports, string site) => reports.GetHealth(new SiteKey("default", site), null);

    // Its source has given up waiting for the answer, and told another instance what held by then.
    [Fact]
    public async Task A_report_that_waited_for_long_is_not_taken()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var services = hub.App.App.Services;
        var (reports, taker) = (services.GetRequiredService<UpstreamReports>(), services.GetRequiredService<UpstreamReportHandler>());
        var arrived = reports.Now with { Steady = reports.Now.Steady - Duration.FromSeconds(6) };
        await Assert.ThrowsAsync<StoreUnavailableException>(() => taker.HandleAsync("default", Report("site-1"), arrived, TestContext.Current.CancellationToken));
        Assert.Empty(GetHealth(reports, "site-1"));
    }

    private static UpstreamReport Report(params string[] lost) => new()
    {
        Source = "/gridservices/openadr/1",
        ValidFor = Duration.FromMinutes(1),
        Streams = lost.Length == 0 ? [] : [new UpstreamStream { Stream = Stream, Sites = [.. lost], Status = UpstreamStatus.Lost, Since = Some.Evening }],
    };

    private static async Task ReportAsync(UpstreamReports reports, UpstreamReportHandler taker, params string[] lost) => await taker.HandleAsync(
        "default",
        Report(lost),
        reports.Now,
        TestContext.Current.CancellationToken);
}
