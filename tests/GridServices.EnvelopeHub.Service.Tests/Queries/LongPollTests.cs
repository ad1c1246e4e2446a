using System.Diagnostics;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.EnvelopeHub.Tests.Queries;

public sealed class LongPollTests
{
    [Fact]
    public async Task Without_a_cursor_all_that_is_live_is_listed()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope(stream: "A"), Some.Envelope(stream: "B"), Some.Withdrawal(stream: "B"), Some.Prices());
        var live = await PollAsync(hub, "");
        Assert.True(live.Complete);
        Assert.Equal("4", live.Sequence);
        Assert.Equal("A", Assert.Single(live.Envelopes).Stream.Key);
        Assert.Equal("B", Assert.Single(live.Withdrawn!).Stream.Key);
        Assert.Single(live.Prices);
    }

    [Fact]
    public async Task A_waiting_poll_is_answered_by_the_next_change()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope());
        var poll = PollAsync(hub, "?since=1&wait=PT60S");
        await IsWaitedForAsync(hub);
        Assert.False(poll.IsCompleted);
        await hub.PublishAsync(Some.Envelope(revision: 2));
        var changes = await poll;
        Assert.False(changes.Complete);
        Assert.Equal(("2", 2L), (changes.Sequence, Assert.Single(changes.Envelopes).Revision));
    }

    [Fact]
    public async Task A_poll_that_waits_in_vain_gives_its_cursor_back()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope());
        var started = Stopwatch.GetTimestamp();
        var nothing = await PollAsync(hub, "?since=1&wait=1s");
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromMilliseconds(900));
        Assert.Equal("1", nothing.Sequence);
        Assert.Empty(nothing.Envelopes);
    }

    [Fact]
    public async Task Pages_follow_one_another_without_a_gap()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync([.. Enumerable.Range(1, 25).Select(n => Some.Envelope(stream: $"S{n}"))]);
        var (seen, cursor) = (new List<string>(), "0");
        while (seen.Count < 25)
        {
            var page = await PollAsync(hub, $"?since={cursor}&limit=10");
            Assert.InRange(page.Envelopes.Count, 1, 10);
            Assert.Equal(seen.Count + page.Envelopes.Count < 25, page.Incomplete == true);
            seen.AddRange(page.Envelopes.Select(envelope => envelope.Stream.Key));
            cursor = $"{page.Epoch}.{page.Sequence}";
        }

        Assert.Equal(Enumerable.Range(1, 25).Select(n => $"S{n}"), seen);
    }

    [Theory]
    [InlineData("?since=AAAA////", ErrorClass.CursorInvalid)]
    [InlineData("?since=-1", ErrorClass.CursorGone)]
    [InlineData("?since=2", ErrorClass.CursorGone)]
    [InlineData("?since=other.1", ErrorClass.CursorGone)]
    [InlineData("?since=0&wait=soon", ErrorClass.SemanticDuration)]
    [InlineData("?since=0&limit=all", ErrorClass.SemanticNumber)]
    public async Task A_wrong_question_is_refused_by_its_class(string query, ErrorClass expected)
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope());
        using var client = hub.Controller;
        using var answer = await client.GetAsync("/v1/sites/site-1/envelopes" + query);
        await HubUnderTest.DemandProblemAsync(answer, expected);
    }

    /// <summary>Until somebody is held up for the next change of the site.</summary>
    private static async Task IsWaitedForAsync(HubUnderTest hub)
    {
        var sites = hub.App.App.Services.GetRequiredService<SiteCache>();
        using var site = await sites.AcquireAsync(new SiteKey("default", "site-1"), TestContext.Current.CancellationToken);
        await Until.HoldsAsync(() => site.Cell.SubscriberCount == 1);
    }

    private static async Task<SiteEnvelopes> PollAsync(HubUnderTest hub, string query)
    {
        using var client = hub.Controller;
        using var answer = await client.GetAsync("/v1/sites/site-1/envelopes" + query);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return await HubUnderTest.ReadAsync<SiteEnvelopes>(answer);
    }
}
