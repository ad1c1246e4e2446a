using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Retention;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.EnvelopeHub.Tests.Feedback;

public sealed class FeedbackTests
{
    private static readonly Guid Id = new("0190a000-0000-7000-8000-007090709584");

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Receipts_and_readings_reach_publishers_in_order_once_also_over_a_restart(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(id: Id));
        Assert.Equal([PublishStatus.Accepted, PublishStatus.Accepted], await PostAsync(hub, "receipts", [Receipt(ReceiptState.Received), Receipt(ReceiptState.Started)]));
        Assert.Equal([PublishStatus.Duplicate, PublishStatus.Accepted], await PostAsync(hub, "receipts", [Receipt(ReceiptState.Received), Receipt(ReceiptState.Completed)]));
        Assert.Equal([PublishStatus.Accepted, PublishStatus.Duplicate], await PostAsync(hub, "telemetry", [Reading(1), Reading(1)]));

        await hub.RestartAsync();
        Assert.Equal([PublishStatus.Duplicate, PublishStatus.Accepted], await PostAsync(hub, "telemetry", [Reading(1), Reading(2)]));

        string cursor;
        await using (var stream = await FeedbackAsync(hub))
        {
            var items = new List<FeedbackItem>();
            for (var i = 1; i <= 5; i++)
            {
                var next = (await stream.NextAsync())!;
                Assert.Equal(("feedback", i), (next.Name, next.Sequence));
                items.Add(next.Read<FeedbackItem>());
            }

            Assert.Equal([ReceiptState.Received, ReceiptState.Started, ReceiptState.Completed], items.Select(item => item.Receipt?.State).OfType<ReceiptState>());
            Assert.All(items.Take(3), item => Assert.Equal("openadr/PROG7", item.Stream!.ToString()));
            Assert.Equal([1L, 2L], items.Select(item => item.Reading?.NetPowerW).OfType<long>());
            cursor = stream.LastEventId;
            await PostAsync(hub, "telemetry", [Reading(3)]);
            Assert.Equal(6, (await stream.NextAsync())!.Sequence);
        }

        await using var resumed = await FeedbackAsync(hub, cursor);
        Assert.Equal(3, (await resumed.NextAsync())!.Read<FeedbackItem>().Reading!.NetPowerW);
    }

    // What a store looks like that was put back a moment ago: the ids that the hub remembers are other sites'.
    [Fact]
    public async Task A_reading_is_never_stored_under_the_id_of_another_site()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.PostgreSql);
        await PostAsync(hub, "telemetry", [Reading(1)]);
        await hub.SqlAsync("UPDATE site SET site = 'site-x' WHERE site = 'site-1'");
        Assert.Equal([PublishStatus.Accepted], await PostAsync(hub, "telemetry", [Reading(1)]));
        Assert.Equal([PublishStatus.Duplicate], await PostAsync(hub, "telemetry", [Reading(1)]));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_receipt_of_an_unknown_envelope_is_rejected_alone_and_one_of_a_replaced_revision_is_taken(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(id: Id), Some.Envelope(revision: 2));
        Assert.Equal(
            [PublishStatus.Accepted, PublishStatus.Rejected, PublishStatus.Rejected],
            await PostAsync(hub, "receipts", [Receipt(ReceiptState.Completed), Receipt(ReceiptState.Completed) with { EnvelopeId = Guid.NewGuid() }, Receipt(ReceiptState.Started) with { Revision = 9 }]));

        using var client = hub.Controller;
        using var single = await client.PostAsync("/v1/sites/site-2/receipts", HubUnderTest.Json(Receipt(ReceiptState.Started)));
        await HubUnderTest.DemandProblemAsync(single, ErrorClass.UnknownId);
    }

    [Fact]
    public async Task A_reading_that_says_something_else_of_the_same_instant_is_rejected()
    {
        await using var hub = await HubUnderTest.StartAsync();
        Assert.Equal([PublishStatus.Accepted, PublishStatus.Rejected], await PostAsync(hub, "telemetry", [Reading(1), Reading(1) with { NetPowerW = 2 }]));
        Assert.Equal([PublishStatus.Rejected], await PostAsync(hub, "telemetry", [Reading(1) with { NetPowerW = 3 }]));
        Assert.Equal([PublishStatus.Accepted], await PostAsync(hub, "telemetry", [Reading(1) with { AssetId = "ess-1", NetPowerW = 3 }]));
    }

    [Fact]
    public async Task More_than_ten_thousand_readings_at_once_are_refused_whole()
    {
        await using var hub = await HubUnderTest.StartAsync();
        using var client = hub.Controller;
        using var answer = await client.PostAsync("/v1/sites/site-1/telemetry", HubUnderTest.Json(Enumerable.Range(0, 10_001).Select(n => Reading(n)).ToArray()));
        await HubUnderTest.DemandProblemAsync(answer, ErrorClass.LimitCount);
    }

    [Fact]
    public async Task A_publisher_with_a_scope_hears_of_its_sites_only_and_its_cursor_passes_over_the_others()
    {
        await using var hub = await HubUnderTest.StartAsync();
        var scoped = await hub.App.AddTokenAsync("scoped", Role.Publisher, sites: ["site-2"]);
        await PostAsync(hub, "telemetry", [Reading(1)]);
        await PostAsync(hub, "telemetry", [Reading(2)], "site-2");
        await PostAsync(hub, "telemetry", [Reading(3)]);
        await using var stream = await FeedbackAsync(hub, token: scoped);
        Assert.Equal("site-2", (await stream.NextAsync())!.Read<FeedbackItem>().SiteId);
        await PostAsync(hub, "telemetry", [Reading(4)], "site-2");
        await stream.NextAsync();
        Assert.EndsWith(".4", stream.LastEventId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cursor_that_left_the_log_is_gone()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:FeedbackMaxItems=3");
        await PostAsync(hub, "telemetry", [.. Enumerable.Range(1, 10).Select(n => Reading(n))]);
        await hub.App.App.Services.GetRequiredService<LogTrimmer>().TrimAsync(TestContext.Current.CancellationToken);
        using var client = hub.Publisher;
        using (var gone = await client.GetAsync("/v1/feedback?since=3"))
        {
            await HubUnderTest.DemandProblemAsync(gone, ErrorClass.CursorGone);
        }

        using (var garbage = await client.GetAsync("/v1/feedback?since=garbage!"))
        {
            await HubUnderTest.DemandProblemAsync(garbage, ErrorClass.CursorInvalid);
        }

        await using var stream = await FeedbackAsync(hub);
        Assert.Equal(8, (await stream.NextAsync())!.Sequence);
    }

    private static Receipt Receipt(ReceiptState state) => new() { EnvelopeId = Id, Revision = 1, State = state, At = Some.Evening };

    private static Reading Reading(long n) => new() { At = Instant.FromUtc(2026, 1, 15, 18, 0) + Duration.FromSeconds(n), NetPowerW = n };

    private static Task<SseReader> FeedbackAsync(HubUnderTest hub, string? cursor = null, string? token = null) =>
        SseReader.OpenAsync(hub.Client(token ?? hub.Tokens.Publisher), "/v1/feedback", cursor);

    private static async Task<IReadOnlyList<PublishStatus>> PostAsync<T>(HubUnderTest hub, string what, T[] items, string site = "site-1")
    {
        using var client = hub.Controller;
        using var answer = await client.PostAsync($"/v1/sites/{site}/{what}", HubUnderTest.Json(items));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return [.. (await HubUnderTest.ReadAsync<PublishAnswer>(answer)).Results.Select(result => result.Status)];
    }
}
