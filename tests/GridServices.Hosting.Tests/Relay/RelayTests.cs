using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using GridServices.Contracts;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NodaTime;

namespace GridServices.Hosting.Tests.Relay;

public sealed class RelayTests : IAsyncLifetime
{
    private static readonly RelayOptions Quick = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(5),
        LongestPause = TimeSpan.FromMilliseconds(40),
        LookAgain = TimeSpan.FromMilliseconds(50),
        Timeout = TimeSpan.FromSeconds(2),
    };

    private FakeHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await FakeHub.StartAsync();

    public ValueTask DisposeAsync() => _hub.DisposeAsync();

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Items_reach_the_hub_byte_for_byte_in_order_and_leave_the_outbox(Dialect dialect)
    {
        await using var place = TestStores.Of(dialect);
        await using var service = await StartAsync(place);
        var items = Items(250);
        await AddAsync(service, items);
        await EmptyAsync(service);
        Assert.Equal(items.Select(item => Encoding.UTF8.GetString(item.Body)), _hub.Accepted.Select(item => item.Raw));
        Assert.Equal("application/cloudevents-batch+json", _hub.ContentType);
        Assert.Equal("Bearer hub-token", _hub.Authorization);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Items_of_a_transaction_that_was_undone_are_never_sent(Dialect dialect)
    {
        await using var place = TestStores.Of(dialect);
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
        Assert.Equal(["after"], _hub.Accepted.Select(item => item.Id));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(302)]
    public async Task A_hub_that_refuses_the_request_gets_it_again_until_it_takes_it(int status)
    {
        _hub.ThenStatus(status, times: 3);
        await using var service = await StartAsync();
        await AddAsync(service, Items(20));
        await EmptyAsync(service);
        Assert.Equal(Items(20).Select(item => EventId.Of(item.Body)), _hub.Accepted.Select(item => item.Id));
        Assert.Equal(4, _hub.Batches.Count);
    }

    [Theory]
    [InlineData("this is not json")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"results\":null}")]
    [InlineData("{\"results\":[]}")]
    [InlineData("{\"results\":[null,null]}")]
    [InlineData("{\"results\":[{\"id\":\"x\",\"status\":\"accepted\"},{\"id\":\"y\",\"status\":\"accepted\"}]}")]
    [InlineData("{\"results\":[{\"status\":\"perhaps\"},{\"status\":\"accepted\"}]}")]
    public async Task A_garbage_answer_settles_nothing(string answer)
    {
        _hub.Then((context, _) => context.Response.WriteAsync(answer));
        await using var service = await StartAsync();
        await AddAsync(service, Items(2));
        await EmptyAsync(service);
        Assert.Equal(2, _hub.Batches.Count);
        Assert.Equal(2, _hub.Accepted.Count);
    }

    [Fact]
    public async Task An_answer_that_never_comes_is_given_up_and_the_batch_sent_again()
    {
        _hub.Then(async (context, events) =>
        {
            _hub.Take(events);
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        });
        await using var service = await StartAsync(options: Quick with { Timeout = TimeSpan.FromMilliseconds(300) });
        await AddAsync(service, Items(5));
        await EmptyAsync(service);
        Assert.Equal(2, _hub.Batches.Count);
        Assert.Equal(5, _hub.Accepted.Count);
    }

    [Fact]
    public async Task A_connection_cut_in_the_answer_is_tried_again()
    {
        _hub.Then((context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await using var service = await StartAsync();
        await AddAsync(service, Items(5));
        await EmptyAsync(service);
        Assert.Equal(5, _hub.Accepted.Count);
    }

    [Fact]
    public async Task Results_out_of_order_find_their_items_by_id()
    {
        _hub.Then((context, events) => FakeHub.AnswerAsync(context, [.. _hub.Take(events, item => item.Id == "e3" ? Problems.Of(ErrorClass.SemanticTime, "no") : null).Reverse()]));
        await using var service = await StartAsync();
        await AddAsync(service, Items(6));
        await EmptyAsync(service);
        var view = await ViewAsync(service);
        Assert.Equal("e3", Assert.Single(view.ParkedItems).EventId);
    }

    [Fact]
    public async Task A_rejected_item_is_parked_for_people_to_see_and_the_rest_goes_on()
    {
        _hub.Then((context, events) => FakeHub.AnswerAsync(context, _hub.Take(events, item => item.Id == "e1" ? Problems.Of(ErrorClass.SemanticOverlap, "segments 1 and 2 overlap", "/data/segments/2") : null)));
        await using var service = await StartAsync();
        await AddAsync(service, Items(4));
        await EmptyAsync(service);
        Assert.Equal(["e0", "e2", "e3"], _hub.Accepted.Select(item => item.Id));

        var view = await ViewAsync(service);
        Assert.Equal((0, 1), (view.Pending, view.Parked));
        var parked = Assert.Single(view.ParkedItems);
        Assert.Equal(("site-1", "e1", "/data/segments/2"), (parked.SiteId, parked.EventId, parked.Problem!.Pointer));
        Assert.Equal(ErrorClass.SemanticOverlap, Problems.ClassOf(parked.Problem));
        await AddAsync(service, [Item("later", "site-1")]);
        await EmptyAsync(service);
        Assert.Contains(_hub.Accepted, item => item.Id == "later");
    }

    [Fact]
    public async Task Duplicate_and_stale_items_are_settled()
    {
        _hub.Then((context, events) => FakeHub.AnswerAsync(
            context, [.. events.Select((item, i) => new PublishResult { Id = item.Id, Status = i % 2 == 0 ? PublishStatus.Duplicate : PublishStatus.Stale })]));
        await using var service = await StartAsync();
        await AddAsync(service, Items(4));
        await EmptyAsync(service);
        Assert.Single(_hub.Batches);
        Assert.Equal(0, (await ViewAsync(service)).Parked);
    }

    [Fact]
    public async Task A_site_whose_item_fails_for_now_waits_with_all_its_later_items_while_others_go_on()
    {
        var failures = 0;
        Problem? Judge(FakeHub.Event item) => item.Site.EndsWith("site-0", StringComparison.Ordinal) && item.Id == "e0" && failures++ < 3 ? Problems.Of(ErrorClass.Unavailable, "busy") : null;
        for (var i = 0; i < 40; i++)
        {
            _hub.Then((context, events) => FakeHub.AnswerAsync(context, _hub.Take(events, Judge)));
        }

        // One item a request: what is sent of site-0 is then exactly what the relay thinks may go.
        await using var service = await StartAsync(options: Quick with { MaxItems = 1 });
        await AddAsync(service, [Item("e0", "site-0"), Item("e1", "site-0"), Item("f0", "site-1"), Item("f1", "site-1")]);
        await EmptyAsync(service);
        Assert.Equal(["e0", "e1"], _hub.Accepted.Where(item => item.Site.EndsWith("site-0", StringComparison.Ordinal)).Select(item => item.Id));
        Assert.Equal(["f0", "f1"], _hub.Accepted.Where(item => item.Site.EndsWith("site-1", StringComparison.Ordinal)).Select(item => item.Id));
        Assert.Equal("f0", _hub.Accepted[0].Id);
        Assert.Equal(4, failures);
    }

    [Fact]
    public async Task A_batch_that_is_too_large_is_halved_until_it_fits()
    {
        for (var i = 0; i < 60; i++)
        {
            _hub.Then((context, events) =>
            {
                if (events.Count > 7)
                {
                    context.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
                    return Task.CompletedTask;
                }

                return FakeHub.AnswerAsync(context, _hub.Take(events));
            });
        }

        await using var service = await StartAsync();
        await AddAsync(service, Items(50));
        await EmptyAsync(service);
        Assert.Equal(Items(50).Select(item => EventId.Of(item.Body)), _hub.Accepted.Select(item => item.Id));
    }

    [Fact]
    public async Task One_item_that_spoils_its_batch_is_found_and_parked_alone()
    {
        for (var i = 0; i < 40; i++)
        {
            _hub.Then((context, events) =>
            {
                if (events.Any(item => item.Id == "e13"))
                {
                    context.Response.StatusCode = StatusCodes.Status400BadRequest;
                    return Task.CompletedTask;
                }

                return FakeHub.AnswerAsync(context, _hub.Take(events));
            });
        }

        await using var service = await StartAsync();
        await AddAsync(service, Items(30));
        await EmptyAsync(service);
        Assert.Equal(29, _hub.Accepted.Count);
        Assert.Equal("e13", Assert.Single((await ViewAsync(service)).ParkedItems).EventId);
    }

    [Fact]
    public async Task Rows_of_a_process_that_died_before_it_woke_the_relay_are_found()
    {
        await using var service = await StartAsync();
        await AddAsync(service, Items(3), wake: false);
        await EmptyAsync(service);
        Assert.Equal(3, _hub.Accepted.Count);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Order_per_site_is_the_order_of_commits_also_with_writers_at_once(Dialect dialect)
    {
        await using var place = TestStores.Of(dialect);
        await using var service = await StartAsync(place);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(site => Task.Run(async () =>
        {
            for (var i = 0; i < 25; i++)
            {
                await AddAsync(service, [Item($"{site}:{i}", $"site-{site}")]);
            }
        })));
        await EmptyAsync(service);
        foreach (var site in _hub.Accepted.GroupBy(item => item.Site))
        {
            Assert.Equal(Enumerable.Range(0, 25), site.Select(item => int.Parse(item.Id.Split(':')[1])));
        }

        Assert.Equal(100, _hub.Accepted.Count);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Ten_thousand_items_of_one_transaction_are_out_soon(Dialect dialect)
    {
        await using var place = TestStores.Of(dialect);
        await using var service = await StartAsync(place, options: new RelayOptions());
        var items = Enumerable.Range(0, 10_000).Select(i => new OutboxItem(
            $"site-{i}", Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"e{{i}}","subject":"tenants/default/sites/site-{{i}}","pad":"{{new string('x', 900)}}"}"""))).ToList();
        var watch = Stopwatch.StartNew();
        await AddAsync(service, items, wake: false);
        var added = watch.Elapsed;
        service.App.Services.GetRequiredService<Outbox>().Wake();
        await EmptyAsync(service);
        TestContext.Current.SendDiagnosticMessage($"{dialect}: 10,000 added in {added.TotalMilliseconds:F0} ms, relayed in {(watch.Elapsed - added).TotalMilliseconds:F0} ms");

        // Generous against a loaded build machine; the figure itself is in the diagnostic message.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
        Assert.Equal(items.Select(item => EventId.Of(item.Body)), _hub.Accepted.Select(item => item.Id));
    }

    [Fact]
    public async Task The_service_stops_soon_although_the_hub_never_answers()
    {
        _hub.Then((context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted));
        var service = await StartAsync(options: Quick with { Timeout = TimeSpan.FromMinutes(1), StopGrace = TimeSpan.FromMilliseconds(200) });
        await AddAsync(service, Items(1));
        await UntilAsync(() => _hub.Batches.Count > 0);
        var watch = Stopwatch.StartNew();
        await service.DisposeAsync();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed}");
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
        _hub.ThenStatus(503, times: 10_000);
        await using var service = await StartAsync();
        await AddAsync(service, Items(7));
        using var client = service.Client();
        var text = string.Empty;
        for (var i = 0; i < 100 && !text.Contains("\noutbox_pending 7\n", StringComparison.Ordinal); i++)
        {
            await Task.Delay(50);
            text = await client.GetStringAsync("/metrics");
        }

        Assert.Contains("\noutbox_pending 7\n", text, StringComparison.Ordinal);
        Assert.Contains("\noutbox_parked 0\n", text, StringComparison.Ordinal);
        Assert.Contains("\noutbox_oldest_seconds ", text, StringComparison.Ordinal);
    }

    private Task<ServiceApp> StartAsync(TestStore? place = null, RelayOptions? options = null) => ServiceApp.StartAsync(
        args => SampleApp.Build(args, builder => builder.Services.Replace(ServiceDescriptor.Singleton(options ?? Quick))),
        place,
        $"--Hub:Url={_hub.Url}",
        "--Hub:Token=hub-token",
        "--Logging:LogLevel:GridServices.Hosting=None");

    private static OutboxItem Item(string id, string site) =>
        new(site, Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"{{id}}","subject":"tenants/default/sites/{{site}}"}"""));

    private static List<OutboxItem> Items(int count) => [.. Enumerable.Range(0, count).Select(i => Item($"e{i}", $"site-{i % 5}"))];

    private static async Task AddAsync(ServiceApp service, IReadOnlyList<OutboxItem> items, bool wake = true)
    {
        var outbox = service.App.Services.GetRequiredService<Outbox>();
        var now = SystemClock.Instance.GetCurrentInstant();
        await service.App.Services.GetRequiredService<Store>().WriteAsync(tx => outbox.AddAsync(tx, items, now));
        if (wake)
        {
            outbox.Wake();
        }
    }

    private static async Task EmptyAsync(ServiceApp service)
    {
        var queue = service.App.Services.GetRequiredService<OutboxQueue>();
        await UntilAsync(async () => (await queue.CountAsync(CancellationToken.None)).Pending == 0);
    }

    private static async Task<OutboxView> ViewAsync(ServiceApp service)
    {
        using var client = service.Client(service.Tokens.Operator);
        return (await client.GetFromJsonAsync<OutboxView>("/v1/outbox", ContractJson.Options))!;
    }

    private static Task UntilAsync(Func<bool> met) => UntilAsync(() => Task.FromResult(met()));

    private static async Task UntilAsync(Func<Task<bool>> met)
    {
        for (var i = 0; !await met(); i++)
        {
            Assert.True(i < 2_000, "It did not happen within 20 s.");
            await Task.Delay(10);
        }
    }
}
