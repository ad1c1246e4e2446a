using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;

namespace GridServices.Hosting.Tests.Relay;

/// <summary>What was added reaches the hub, once, in order.</summary>
public sealed class RelayTests : RelayRig
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Items_reach_theHub_byte_for_byte_in_order_and_leave_the_outbox(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using var service = await StartAsync(place);
        var items = Items(250);
        await AddAsync(service, items);
        await EmptyAsync(service);
        Assert.Equal(items.Select(item => Encoding.UTF8.GetString(item.Body)), Hub.Accepted.Select(item => item.Raw));
        Assert.Equal("application/cloudevents-batch+json", Hub.ContentType);
        Assert.Equal("Bearer hub-token", Hub.Authorization);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Items_of_a_transaction_that_was_undone_are_never_sent(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using var service = await StartAsync(place);
        var outbox = service.App.Services.GetRequiredService<Outbox>();
        await Assert.ThrowsAsync<InvalidOperationException>(() => service.App.Services.GetRequiredService<Store>().WriteAsync(async tx =>
        {
            await outbox.AddAsync(tx, Items(3), Instant.MinValue + Duration.FromDays(1));
            throw new InvalidOperationException("no");
        }));
        outbox.Wake();
        await AddAsync(service, [Item("after", "site-1")]);
        await EmptyAsync(service);
        Assert.Equal(["after"], Hub.Accepted.Select(item => item.Id));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task An_item_whose_content_changed_in_the_store_is_parked_and_not_sent(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using (var store = new Store(place.Options with { Name = SampleApp.Identity.Name }, [typeof(Outbox).Assembly, typeof(SampleApp).Assembly]))
        {
            await store.OpenAsync();
            using var outbox = new Outbox(store, TimeProvider.System);
            await store.WriteAsync(async tx =>
            {
                await outbox.AddAsync(tx, [Item("limit-294", "site-1"), Item("sound", "site-1"), Item("of-an-older-version", "site-2")], Instant.FromUtc(2027, 1, 15, 18, 0));
                await tx.Connection!.ExecuteAsync("UPDATE outbox SET body = @body WHERE id = 1", new { body = Item("limit-994", "site-1").Body }, tx);
                await tx.Connection!.ExecuteAsync("UPDATE outbox SET proof = NULL WHERE id = 3", transaction: tx);
            });
        }

        await using var service = await StartAsync(place);
        await EmptyAsync(service);
        Assert.Equal(["sound", "of-an-older-version"], Hub.Accepted.Select(item => item.Id));
        Assert.Contains("was changed in the store", Assert.Single((await ViewAsync(service)).ParkedItems).Problem!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_out_of_order_find_their_items_by_id()
    {
        Hub.Then((context, events) => FakeHub.AnswerAsync(context, [.. Hub.Take(events, item => item.Id == "e3" ? Problems.Create(ErrorClass.SemanticTime, "no") : null).Reverse()]));
        await using var service = await StartAsync();
        await AddAsync(service, Items(6));
        await EmptyAsync(service);
        var view = await ViewAsync(service);
        Assert.Equal("e3", Assert.Single(view.ParkedItems).EventId);
    }

    [Fact]
    public async Task Duplicate_and_stale_items_are_settled()
    {
        Hub.Then((context, events) => FakeHub.AnswerAsync(
            context, [.. events.Select((item, i) => new PublishResult { Id = item.Id, Status = i % 2 == 0 ? PublishStatus.Duplicate : PublishStatus.Stale })]));
        await using var service = await StartAsync();
        await AddAsync(service, Items(4));
        await EmptyAsync(service);
        Assert.Single(Hub.Batches);
        Assert.Equal(0, (await ViewAsync(service)).Parked);
    }

    [Fact]
    public async Task Rows_of_a_process_that_died_before_it_woke_the_relay_are_found()
    {
        await using var service = await StartAsync();
        await AddAsync(service, Items(3), wake: false);
        await EmptyAsync(service);
        Assert.Equal(3, Hub.Accepted.Count);

        // A single one as well, and while the relay rests.
        foreach (var id in new[] { "x", "y", "z" })
        {
            await AddAsync(service, [Item(id, "site-9")], wake: false);
            await EmptyAsync(service);
        }

        Assert.Equal(6, Hub.Accepted.Count);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Order_per_site_is_the_order_of_commits_also_with_writers_at_once(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using var service = await StartAsync(place);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(site => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                await AddAsync(service, [Item($"{site}:{i}", $"site-{site}")]);
            }
        })));
        await EmptyAsync(service);
        foreach (var site in Hub.Accepted.GroupBy(item => item.Site))
        {
            Assert.Equal(Enumerable.Range(0, 25), site.Select(item => int.Parse(item.Id.Split(':')[1])));
        }

        Assert.Equal(100, Hub.Accepted.Count);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Ten_thousand_items_of_one_transaction_are_out_soon(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        await using var service = await StartAsync(place, options: new RelayOptions { Timeout = Until.Ceiling });
        var items = Enumerable.Range(0, 10_000).Select(i => new OutboxItem(
            $"site-{i}", Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"e{{i}}","subject":"tenants/default/sites/site-{{i}}","pad":"{{new string('x', 900)}}"}"""))).ToList();
        await AddAsync(service, items, wake: false);
        service.App.Services.GetRequiredService<Outbox>().Wake();
        await EmptyAsync(service);

        // Soon means full batches and no rounds in vain: how long one takes is the benchmarks' matter.
        Assert.InRange(Hub.Batches.Count, 1, 2 * items.Count / new RelayOptions().MaxItems);
        Assert.Equal(items.Select(item => EventId.Read(item.Body)), Hub.Accepted.Select(item => item.Id));
    }

    [Fact]
    public async Task The_outbox_is_for_operators_only()
    {
        await using var service = await StartAsync();
        using var client = service.Client(service.Tokens.Publisher);
        using var answer = await client.GetAsync("/v1/outbox");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task What_waits_is_measured()
    {
        Hub.ThenStatus(503, times: 10_000);
        await using var service = await StartAsync();
        await AddAsync(service, Items(7));
        using var client = service.Client();
        var text = await Until.HoldsAsync(() => client.GetStringAsync("/metrics"), shown => shown.Contains("\noutbox_pending 7\n", StringComparison.Ordinal));
        Assert.Contains("\noutbox_parked 0\n", text, StringComparison.Ordinal);
        Assert.Contains("\noutbox_oldest_seconds ", text, StringComparison.Ordinal);
    }

    // Somebody else has the turn, and may hang: what nobody sends must not read as nothing to send.
    [Fact]
    public async Task What_another_process_is_to_send_is_counted_here_too()
    {
        await using var place = TestStores.Create(Dialect.PostgreSql);
        await using var other = new Store(place.Options with { Name = SampleApp.Identity.Name, TurnSilence = TimeSpan.FromHours(1) }, []);
        await other.OpenAsync();
        await using var turn = await other.TryLockAsync("outbox");
        Assert.NotNull(turn);
        await using var service = await StartAsync(place);
        await AddAsync(service, Items(7));
        using var client = service.Client(service.Tokens.Operator);
        await Until.HoldsAsync(() => client.GetStringAsync("/metrics"), shown => shown.Contains("\noutbox_pending 7\n", StringComparison.Ordinal));
        Assert.Empty(Hub.Accepted);
        await turn.DisposeAsync();
        await EmptyAsync(service);
    }

    // All rows are counted, which is dear where many wait: whoever waits for the turn does it seldom.
    [Fact]
    public async Task What_waits_is_counted_again_only_when_the_last_count_is_older_than_asked()
    {
        Hub.ThenStatus(503, times: 10_000);
        await using var service = await StartAsync();
        await using var meters = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var time = new ManualTimeProvider(Instant.FromUtc(2027, 1, 1, 0, 0));
        var gauges = new OutboxGauges(service.App.Services.GetRequiredService<OutboxQueue>(), time, SystemClock.Instance, meters.GetRequiredService<IMeterFactory>());
        await gauges.RefreshAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        await AddAsync(service, Items(7));
        time.Advance(Duration.FromSeconds(9));
        await gauges.RefreshAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.Equal(0, gauges.Pending);
        time.Advance(Duration.FromSeconds(1));
        await gauges.RefreshAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.Equal(7, gauges.Pending);
    }
}
