using System.Diagnostics;
using System.Net;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests.Nodes;

/// <summary>Hubs of a cluster as processes, which can be stopped and killed.</summary>
public sealed class HubClusterProcessTests
{
    private static readonly Uri Now = new("/v1/sites/site-1/effective/now/importLimitW", UriKind.Relative);

    [Fact]
    public async Task One_that_was_stopped_tells_nothing_old_when_it_goes_on()
    {
        if (OperatingSystem.IsWindows())
        {
            SkipTest.Because("there is no SIGSTOP on Windows");
        }

        await using var place = TestStores.Create(Dialect.PostgreSql, typeof(EnvelopeHubApp).Assembly);
        var tokens = new TestTokens(place.Folder);
        await using var first = HubProcess.Start(place, tokens, [.. TwoHubs.Arguments(place), "--EnvelopeHub:UnseenFor=00:00:20", "--EnvelopeHub:HeartbeatInterval=00:00:00.100"]);
        await using var second = HubProcess.Start(place, tokens, TwoHubs.Arguments(place));
        await first.UntilReadyAsync();
        await second.UntilReadyAsync();
        Assert.Equal(PublishStatus.Accepted, await first.PublishAsync(1));
        await using var stream = await SseReader.OpenAsync(first.Controller, "/v1/sites/site-1/stream");
        var held = await stream.NextAsync("snapshot");

        first.Signal("STOP");
        var stopped = Stopwatch.GetTimestamp();
        Assert.Equal(PublishStatus.Accepted, await second.PublishAsync(2));
        await Until.HoldsAsync(() => Stopwatch.GetElapsedTime(stopped) > TimeSpan.FromSeconds(21));
        var resumedAt = NodaTime.SystemClock.Instance.GetCurrentInstant();
        first.Signal("CONT");

        // Its stream ends, or is brought up to date: no heartbeat of after says that the old place is the last one.
        var oldBeats = 0;
        try
        {
            while (await stream.NextAsync() is { } told && told.Sequence == held.Sequence)
            {
                oldBeats += told.Name == "heartbeat" && told.Read<Heartbeat>().At > resumedAt ? 1 : 0;
            }
        }
        catch (Exception cut) when (cut is IOException or HttpRequestException)
        {
            Assert.NotNull(cut);
        }

        Assert.Equal(0, oldBeats);
        await Until.HoldsAsync(
            async () => await first.GetAsync(Now),
            answer =>
            {
                Assert.NotEqual((HttpStatusCode.OK, "1"), answer);
                return answer == (HttpStatusCode.OK, "2");
            },
            first.LastWords);
        Assert.Equal(PublishStatus.Accepted, await first.PublishAsync(3));
        await Until.HoldsAsync(async () => await second.GetAsync(Now), answer => answer == (HttpStatusCode.OK, "3"), second.LastWords);
        Assert.False(first.HasExited, await first.LastWords());
    }

    [Fact]
    public async Task One_that_is_killed_while_both_are_published_to_leaves_no_gap_and_nothing_twice()
    {
        await using var place = TestStores.Create(Dialect.PostgreSql, typeof(EnvelopeHubApp).Assembly);
        var tokens = new TestTokens(place.Folder);
        await using var first = HubProcess.Start(place, tokens, TwoHubs.Arguments(place));
        await using var second = HubProcess.Start(place, tokens, TwoHubs.Arguments(place));
        await first.UntilReadyAsync();
        await second.UntilReadyAsync();
        await using var stream = await SseReader.OpenAsync(second.Controller, "/v1/sites/site-1/stream");
        await stream.NextAsync("snapshot");

        // Each revision goes to either, and again to the other where nobody answered.
        var under = first.PublishOnAsync(1);
        await Until.HoldsAsync(() => first.Taken >= 5, first.LastWords);
        first.Signal("KILL");
        var from = await under;
        var again = await second.PublishAsync(from);
        Assert.True(again is PublishStatus.Accepted or PublishStatus.Rejected or PublishStatus.Duplicate, $"{again}");
        for (var revision = from + 1; revision <= from + 3; revision++)
        {
            Assert.Equal(PublishStatus.Accepted, await second.PublishAsync(revision));
        }

        var revisions = new List<long>();
        var sequences = new List<long>();
        while (revisions.Count == 0 || revisions[^1] < from + 3)
        {
            var change = await stream.NextAsync("envelope");
            revisions.Add(change.Read<CloudEvent<Envelope>>().Data.Revision);
            sequences.Add(change.Sequence);
        }

        Assert.Equal(Enumerable.Range(1, (int)from + 3).Select(n => (long)n), revisions);
        Assert.Equal(sequences.Distinct().Order(), sequences);
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync(Now)).Status);
    }
}
