using System.Net;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Retention;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using NodaTime.Text;

namespace GridServices.EnvelopeHub.Tests.Feedback;

/// <summary>Receipts and readings of a site, read again for reports.</summary>
public sealed class RecordTests
{
    private static readonly Guid Id = new("0190a000-0000-7000-8000-007090709584");

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task What_was_posted_is_listed_in_the_order_of_its_instants_page_by_page(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        var before = SystemClock.Instance.GetCurrentInstant();
        await hub.PublishAsync(Some.Envelope(id: Id), Some.Envelope(site: "site-2"));
        await PostAsync(hub, "telemetry", [Reading(3), Reading(1), Reading(1, "ev-1"), Reading(4)]);
        await PostAsync(hub, "telemetry", [Reading(9)], "site-2");
        await PostAsync(hub, "receipts", [Receipt(ReceiptState.Started, 5), Receipt(ReceiptState.Received, 2), Receipt(ReceiptState.Accepted, 2)]);
        await PostAsync(hub, "telemetry", [Reading(2), Reading(3)]);
        await hub.RestartAsync();

        var readings = await PagesAsync<SiteReadings, ReceivedReading>(hub, "telemetry", 2, 4, page => (page.Items, page.Next));
        Assert.Equal([(1L, null), (1, "ev-1"), (2, null), (3, null)], readings.Select(item => (item.Reading.NetPowerW!.Value, item.Reading.AssetId)));
        Assert.All(readings, item => Assert.InRange(item.ReceivedAt, before, SystemClock.Instance.GetCurrentInstant()));

        var receipts = await PagesAsync<SiteReceipts, ReceivedReceipt>(hub, "receipts", 1, 6, page => (page.Items, page.Next));
        Assert.Equal([ReceiptState.Received, ReceiptState.Accepted, ReceiptState.Started], receipts.Select(item => item.Receipt.State));
        Assert.All(receipts, item => Assert.Equal((Id, "openadr/PROG7"), (item.Receipt.EnvelopeId, item.Stream.ToString())));
        Assert.Equal("overheated", receipts[2].Receipt.Reason);
        Assert.Empty((await GetAsync<SiteReceipts>(hub, "receipts", 6, 9)).Items);
    }

    public static TheoryData<Dialect, string, string> Damage
    {
        get
        {
            var data = new TheoryData<Dialect, string, string>();
            foreach (var dialect in new[] { Dialect.Sqlite, Dialect.PostgreSql })
            {
                data.Add(dialect, "telemetry", "UPDATE feedback SET item = replace(item, '\"netPowerW\":2', '\"netPowerW\":9') WHERE sequence = 2");
                data.Add(dialect, "telemetry", "UPDATE feedback SET item = substr(item, 1, 20) WHERE sequence = 2");
                data.Add(dialect, "telemetry", "UPDATE feedback SET at = at + 1 WHERE sequence = 2");
                data.Add(dialect, "telemetry", "UPDATE feedback_key SET sequence = 1 WHERE sequence = 2");
                data.Add(dialect, "receipts", "UPDATE site_receipt SET item = replace(item, 'started', 'completed') WHERE sequence = 5; UPDATE feedback SET item = replace(item, 'started', 'completed') WHERE sequence = 5");
                data.Add(dialect, "receipts", "UPDATE site_receipt SET at = at + 10 WHERE sequence = 5; UPDATE feedback SET site = 'site-2' WHERE sequence = 5");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task What_was_changed_in_the_store_is_left_out_and_told(Dialect dialect, string what, string damage)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(id: Id));
        await PostAsync(hub, "telemetry", [Reading(1), Reading(2), Reading(3)]);
        await PostAsync(hub, "receipts", [Receipt(ReceiptState.Received, 1), Receipt(ReceiptState.Started, 2), Receipt(ReceiptState.Completed, 3)]);
        await hub.RestartDamagedAsync(damage);

        var (readings, receipts) = (await GetAsync<SiteReadings>(hub, "telemetry", 0, 9), await GetAsync<SiteReceipts>(hub, "receipts", 0, 9));
        var isReading = what == "telemetry";
        Assert.Equal(isReading ? [1L, 3] : [1L, 2, 3], readings.Items.Select(item => item.Reading.NetPowerW!.Value));
        Assert.Equal(
            isReading ? [ReceiptState.Received, ReceiptState.Started, ReceiptState.Completed] : [ReceiptState.Received, ReceiptState.Completed],
            receipts.Items.Select(item => item.Receipt.State));
        Assert.Equal(isReading ? (1, null) : (null, 1), (readings.Damaged, receipts.Damaged));

        // A page that holds nothing else goes on all the same.
        var page = await GetAsync<SiteReadings>(hub, "telemetry", 2, 9, "&limit=1");
        Assert.Equal((isReading ? 0 : 1, isReading ? 1 : null), (page.Items.Count, page.Damaged));
        Assert.NotNull(page.Next);
        using var client = hub.Publisher;
        Assert.Contains("hub_damaged_feedback_total 1", await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        if (!damage.Contains("feedback_key", StringComparison.Ordinal))
        {
            await using var stream = await SseReader.OpenAsync(hub.Publisher, "/v1/feedback", null);
            var told = new List<string>();
            for (var i = 0; i < 6; i++)
            {
                told.Add((await stream.NextAsync())!.Name);
            }

            var place = isReading ? 1 : 4;
            Assert.Equal(Enumerable.Range(0, 6).Select(i => i == place ? "damaged" : "feedback"), told);
        }
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task What_an_older_version_stored_has_no_proof_and_is_served(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await hub.PublishAsync(Some.Envelope(id: Id));
        await PostAsync(hub, "telemetry", [Reading(1)]);
        await PostAsync(hub, "receipts", [Receipt(ReceiptState.Received, 1)]);
        await hub.RestartDamagedAsync("UPDATE feedback SET proof = NULL; UPDATE site_receipt SET proof = NULL");

        var (readings, receipts) = (await GetAsync<SiteReadings>(hub, "telemetry", 0, 9), await GetAsync<SiteReceipts>(hub, "receipts", 0, 9));
        Assert.Equal((1, null, 1, null), (readings.Items.Count, readings.Damaged, receipts.Items.Count, receipts.Damaged));
        await using var stream = await SseReader.OpenAsync(hub.Publisher, "/v1/feedback", null);
        Assert.Equal("feedback", (await stream.NextAsync())!.Name);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Items_sent_again_among_new_ones_leave_no_hole_in_the_log_and_are_listed_once(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect);
        await PostAsync(hub, "telemetry", [Reading(1), Reading(3)]);
        await PostAsync(hub, "telemetry", [Reading(0), Reading(1), Reading(2), Reading(3), Reading(3), Reading(4)]);
        await PostAsync(hub, "telemetry", [Reading(1), Reading(4)]);
        await PostAsync(hub, "telemetry", [Reading(5)]);

        Assert.Equal([0L, 1, 2, 3, 4, 5], (await GetAsync<SiteReadings>(hub, "telemetry", 0, 9)).Items.Select(item => item.Reading.NetPowerW!.Value));
        await using var stream = await SseReader.OpenAsync(hub.Publisher, "/v1/feedback", null);
        foreach (var (sequence, watts) in new[] { (1, 1L), (2, 3), (3, 0), (4, 2), (5, 4), (6, 5) })
        {
            var next = (await stream.NextAsync())!;
            Assert.Equal((sequence, watts), (next.Sequence, next.Read<FeedbackItem>().Reading!.NetPowerW!.Value));
        }
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task What_the_stream_can_not_go_on_from_is_still_listed_and_what_is_no_longer_kept_is_told(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect, "--EnvelopeHub:FeedbackMaxItems=2", "--EnvelopeHub:TelemetryMaxItems=4");
        await hub.PublishAsync(Some.Envelope(id: Id));
        await PostAsync(hub, "receipts", [Receipt(ReceiptState.Received, 0)]);
        await PostAsync(hub, "telemetry", [Reading(1), Reading(2)]);
        await TrimAsync(hub);
        var all = await GetAsync<SiteReadings>(hub, "telemetry", 0, 9);
        Assert.Equal((2, null), (all.Items.Count, all.KeptSince));

        await PostAsync(hub, "telemetry", [Reading(3), Reading(4), Reading(5)]);
        await TrimAsync(hub);
        var left = await GetAsync<SiteReadings>(hub, "telemetry", 0, 9);
        Assert.Equal([2L, 3, 4, 5], left.Items.Select(item => item.Reading.NetPowerW!.Value));
        Assert.InRange(left.KeptSince!.Value, all.Items[0].ReceivedAt, left.Items[1].ReceivedAt);
        var receipts = await GetAsync<SiteReceipts>(hub, "receipts", 0, 9);
        Assert.Equal((1, null), (receipts.Items.Count, receipts.KeptSince));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Receipts_outlive_readings_and_are_let_go_at_their_own_age(Dialect dialect)
    {
        await using var hub = await HubUnderTest.StartAsync(dialect, "--EnvelopeHub:FeedbackMaxAge=00:00:00", "--EnvelopeHub:TelemetryMaxAge=00:00:00");
        await hub.PublishAsync(Some.Envelope(id: Id));
        await PostAsync(hub, "receipts", [Receipt(ReceiptState.Received, 0)]);
        await PostAsync(hub, "telemetry", [Reading(1)]);
        await TrimAsync(hub);
        var readings = await GetAsync<SiteReadings>(hub, "telemetry", 0, 9);
        Assert.Empty(readings.Items);
        Assert.NotNull(readings.KeptSince);
        Assert.Single((await GetAsync<SiteReceipts>(hub, "receipts", 0, 9)).Items);

        // The state was forgotten as a duplicate, and is still listed once.
        Assert.Equal([PublishStatus.Accepted], await PostAsync(hub, "receipts", [Receipt(ReceiptState.Received, 0)]));
        Assert.Single((await GetAsync<SiteReceipts>(hub, "receipts", 0, 9)).Items);
    }

    [Fact]
    public async Task Receipts_older_than_their_age_are_let_go_and_it_is_told()
    {
        await using var hub = await HubUnderTest.StartAsync(Dialect.Sqlite, "--EnvelopeHub:ReceiptMaxAge=00:00:00");
        await hub.PublishAsync(Some.Envelope(id: Id));
        await PostAsync(hub, "receipts", [Receipt(ReceiptState.Received, 0)]);
        await TrimAsync(hub);
        var receipts = await GetAsync<SiteReceipts>(hub, "receipts", 0, 9);
        Assert.Empty(receipts.Items);
        Assert.NotNull(receipts.KeptSince);
    }

    [Fact]
    public async Task A_store_of_the_version_before_goes_on_and_tells_that_what_came_in_before_is_not_listed()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await PostAsync(hub, "telemetry", [Reading(1)]);
        await hub.App.App.StopAsync();
        await hub.App.App.DisposeAsync();
        await using (var db = new SqliteConnection($"Data Source={hub.DatabaseFile};Pooling=False"))
        {
            await db.OpenAsync(TestContext.Current.CancellationToken);
            foreach (var statement in new[]
            {
                "DROP TABLE site_receipt", "ALTER TABLE feedback_key DROP COLUMN sequence", "ALTER TABLE feedback_head DROP COLUMN readings_since",
                "ALTER TABLE feedback_head DROP COLUMN receipts_since", "ALTER TABLE feedback DROP COLUMN proof",
                "DELETE FROM schema_version WHERE id IN ('0005_feedback_by_site', '0008_feedback_proof')",
            })
            {
                await using var command = db.CreateCommand();
                command.CommandText = statement;
                await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            }
        }

        await hub.RestartAsync();
        Assert.Equal([PublishStatus.Duplicate, PublishStatus.Accepted], await PostAsync(hub, "telemetry", [Reading(1), Reading(2)]));
        var readings = await GetAsync<SiteReadings>(hub, "telemetry", 0, 9);
        Assert.Equal(2, Assert.Single(readings.Items).Reading.NetPowerW);
        Assert.True(readings.KeptSince <= readings.Items[0].ReceivedAt);
        Assert.NotNull((await GetAsync<SiteReceipts>(hub, "receipts", 0, 9)).KeptSince);
    }

    [Theory]
    [InlineData("from=yesterday", ErrorClass.SemanticTime)]
    [InlineData("from=2027-01-15T18:00:00Z&until=2027-01-15T18:00:00Z", ErrorClass.SemanticTime)]
    [InlineData("limit=0", ErrorClass.SemanticNumber)]
    [InlineData("limit=1001", ErrorClass.SemanticNumber)]
    [InlineData("after=nonsense", ErrorClass.CursorInvalid)]
    public async Task What_can_not_be_meant_is_refused(string query, ErrorClass expected)
    {
        await using var hub = await HubUnderTest.StartAsync();
        await hub.PublishAsync(Some.Envelope());
        using var client = hub.Publisher;
        foreach (var what in new[] { "receipts", "telemetry" })
        {
            using var answer = await client.GetAsync($"/v1/sites/site-1/{what}?{query}");
            await HubUnderTest.DemandProblemAsync(answer, expected);
        }
    }

    [Fact]
    public async Task A_site_that_nobody_has_heard_of_and_one_of_another_tenant_are_not_found()
    {
        await using var hub = await HubUnderTest.StartAsync();
        await PostAsync(hub, "telemetry", [Reading(1)]);
        using var stranger = hub.Client(await hub.App.AddTokenAsync("stranger", Role.Operator, "other"));
        using var publisher = hub.Publisher;
        foreach (var what in new[] { "receipts", "telemetry" })
        {
            using var unknown = await publisher.GetAsync($"/v1/sites/site-9/{what}");
            using var foreign = await stranger.GetAsync($"/v1/sites/site-1/{what}");
            await HubUnderTest.DemandProblemAsync(unknown, ErrorClass.NotFound);
            await HubUnderTest.DemandProblemAsync(foreign, ErrorClass.NotFound);
        }
    }

    private static Receipt Receipt(ReceiptState state, int second) => new()
    {
        EnvelopeId = Id,
        Revision = 1,
        State = state,
        At = Second(second),
        Reason = state == ReceiptState.Started ? "overheated" : null,
    };

    private static Reading Reading(long n, string? asset = null) => new() { At = Second(n), AssetId = asset, NetPowerW = n };

    private static Instant Second(long n) => Instant.FromUtc(2026, 1, 15, 18, 0) + Duration.FromSeconds(n);

    private static Task TrimAsync(HubUnderTest hub) => hub.App.App.Services.GetRequiredService<LogTrimmer>().TrimAsync(TestContext.Current.CancellationToken);

    private static async Task<IReadOnlyList<PublishStatus>> PostAsync<T>(HubUnderTest hub, string what, T[] items, string site = "site-1")
    {
        using var client = hub.Controller;
        using var answer = await client.PostAsync($"/v1/sites/{site}/{what}", HubUnderTest.Json(items));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return [.. (await HubUnderTest.ReadAsync<PublishAnswer>(answer)).Results.Select(result => result.Status)];
    }

    private static async Task<T> GetAsync<T>(HubUnderTest hub, string what, long from, long until, string more = "")
    {
        using var client = hub.Publisher;
        using var answer = await client.GetAsync($"/v1/sites/site-1/{what}?from={InstantPattern.ExtendedIso.Format(Second(from))}&until={InstantPattern.ExtendedIso.Format(Second(until))}{more}");
        Assert.True(answer.StatusCode == HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await HubUnderTest.ReadAsync<T>(answer);
    }

    private static async Task<List<TItem>> PagesAsync<TPage, TItem>(HubUnderTest hub, string what, int limit, long until, Func<TPage, (IReadOnlyList<TItem> Items, string? Next)> read)
    {
        var items = new List<TItem>();
        for (string? next = string.Empty; next is not null;)
        {
            var page = read(await GetAsync<TPage>(hub, what, 0, until, $"&limit={limit}{(next.Length > 0 ? "&after=" + Uri.EscapeDataString(next) : string.Empty)}"));
            Assert.InRange(page.Items.Count, 1, limit);
            items.AddRange(page.Items);
            next = page.Next;
        }

        return items;
    }
}
