using GridServices.Contracts;
using GridServices.Hosting.Storage;

namespace GridServices.EnvelopeHub.Tests.Streaming;

/// <summary>Who is told that the line is up, and how often.</summary>
public sealed class HeartbeatTests
{
    [Fact]
    public async Task A_newcomer_gets_a_heartbeat_of_its_own_and_the_others_get_none_for_it()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:HeartbeatInterval=00:05:00");
        await hub.PublishAsync(Some.Envelope());
        await using var first = await hub.SubscribeAsync();
        var greeting = (await first.NextAsync("heartbeat")).Read<Heartbeat>();
        for (var i = 0; i < 20; i++)
        {
            await using var other = await hub.SubscribeAsync();
            var later = (await other.NextAsync("heartbeat")).Read<Heartbeat>();
            Assert.True(later.At > greeting.At, "the heartbeat is of this moment, not one that was made for somebody else");
        }

        // One of its own rhythm may fall in between, not one for each newcomer.
        await hub.PublishAsync(Some.Envelope(revision: 2));
        Assert.InRange(await BeatsBeforeAsync(first, "envelope"), 0, 2);
    }

    [Fact]
    public async Task A_site_whose_stream_goes_stale_soon_is_told_three_times_in_that_time()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:HeartbeatInterval=00:05:00");
        await hub.PublishAsync(Stale("site-1", "PT3S"), Some.Envelope(site: "site-2"));
        await using var hasty = await hub.SubscribeAsync();
        await using var calm = await hub.SubscribeAsync("site-2");
        await calm.NextAsync("heartbeat");
        for (var i = 0; i < 4; i++)
        {
            await hasty.NextAsync("heartbeat");
        }

        await hub.PublishAsync(Some.Envelope(site: "site-2", revision: 2));
        Assert.InRange(await BeatsBeforeAsync(calm, "envelope"), 0, 2);
    }

    [Theory]
    [InlineData("PT0.5S")]
    [InlineData("PT0.001S")]
    public async Task A_stream_that_goes_stale_between_two_heartbeats_is_refused(string staleAfter)
    {
        await using var hub = await HubUnderTest.StartAsync();
        using var client = hub.Publisher;
        using var answer = await client.PostAsync("/v1/envelopes", HubUnderTest.Content(Stale("site-1", staleAfter), "application/json"));
        var problem = await HubUnderTest.DemandProblemAsync(answer, ErrorClass.SemanticDuration);
        Assert.Equal("/data/failsafe/staleAfter", problem.Pointer);
    }

    [Fact]
    public async Task A_token_has_so_many_streams_of_a_site_and_no_more()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:StreamsPerToken=2");
        await using (var first = await hub.SubscribeAsync())
        {
            await using var second = await hub.SubscribeAsync();
            using var client = hub.Controller;
            using var third = await client.GetAsync("/v1/sites/site-1/stream");
            await HubUnderTest.DemandProblemAsync(third, ErrorClass.RateLimit);
            await using var elsewhere = await hub.SubscribeAsync("site-2");
            await using var other = await hub.SubscribeAsync(token: hub.Tokens.Operator);
        }

        // The places are free again once the hub has seen that they are left.
        using var patient = hub.Controller;
        for (var answered = false; !answered;)
        {
            using var again = await patient.GetAsync("/v1/sites/site-1/stream", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            answered = again.IsSuccessStatusCode;
        }
    }

    private static async Task<int> BeatsBeforeAsync(SseReader stream, string name)
    {
        var beats = 0;
        while ((await stream.NextAsync())!.Name is var next && next != name)
        {
            beats += next == "heartbeat" ? 1 : 0;
        }

        return beats;
    }

    private static byte[] Stale(string site, string staleAfter) => System.Text.Encoding.UTF8.GetBytes(
        System.Text.Encoding.UTF8.GetString(Some.Envelope(site: site)).Replace("\"provenance\":", $"\"failsafe\":{{\"staleAfter\":\"{staleAfter}\",\"onStale\":\"holdSchedule\"}},\"provenance\":", StringComparison.Ordinal));
}
