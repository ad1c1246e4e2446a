using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Publishing;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GridServices.Hosting.Tests.Relay;

/// <summary>What a publisher does when the hub holds more than it says, and when the hub's store is of another history.</summary>
public sealed class RestatementTests : RestatementRig
{
    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_stale_item_is_published_again_above_what_the_hub_holds_and_so_is_what_follows(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        Hub.Then((context, events) => FakeHub.AnswerAsync(context, [.. events.Select(item => new PublishResult { Id = item.Id, Status = PublishStatus.Stale, HeldRevision = 3 })]));
        await using var service = await StartAsync(place, Eager);

        await AddAsync(service, [Word("a", 1)]);
        await EmptyAsync(service);
        await AddAsync(service, [Word("b", 2)]);
        await EmptyAsync(service);

        Assert.Equal([4, 5], Hub.Accepted.Select(ReadRevision));
        Assert.Equal(0, (await ViewAsync(service)).Parked);
    }

    [Fact]
    public async Task A_revision_that_the_hub_holds_with_other_content_is_published_again_above_it()
    {
        Hub.Then((context, events) => FakeHub.AnswerAsync(
            context,
            [.. events.Select(item => new PublishResult { Id = item.Id, Status = PublishStatus.Rejected, HeldRevision = 2, Problem = Problems.Create(ErrorClass.IdConflict, "held with other content", "/data/revision") })]));
        await using var service = await StartAsync(options: Eager);

        await AddAsync(service, [Word("a", 2)]);
        await EmptyAsync(service);

        Assert.Equal([3], Hub.Accepted.Select(ReadRevision));
        Assert.Equal(0, (await ViewAsync(service)).Parked);
    }

    [Fact]
    public async Task A_hub_that_never_lets_us_above_it_is_told_to_a_person()
    {
        for (var i = 0; i < RaiseRule.MostKnown + 1; i++)
        {
            Hub.Then((context, events) => FakeHub.AnswerAsync(
                context, [.. events.Select(item => new PublishResult { Id = item.Id, Status = PublishStatus.Stale, HeldRevision = ReadRevision(item) + 1 })]));
        }

        await using var service = await StartAsync(options: Eager);
        await AddAsync(service, [Word("a", 1)]);
        await UntilAsync(async () => (await ViewAsync(service)).Parked == 1);
        Assert.Empty(Hub.Accepted);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_hub_of_another_history_gets_the_latest_word_on_every_stream_again(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        Hub.Epoch = "e1";
        await using var service = await StartPublisherAsync(place);
        await AddAsync(service, [Word("a", 1), Word("x", 1, "OTHER"), Word("b", 2)]);
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e1"));
        await EmptyAsync(service);
        var before = Hub.Accepted.Count;

        Hub.Lose("e2");

        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e2"));
        Assert.Equal(["x", "b"], Hub.Accepted.Skip(before).Select(item => item.Id));
        Assert.Contains(Hub.Hellos, hello => hello is { Epoch: "e2", Head: 7 });
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_stored_word_that_was_changed_is_not_said_again_and_nothing_counts_as_restated_until_the_service_states_it_anew(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        Hub.Epoch = "e1";
        await using var service = await StartPublisherAsync(place);
        await AddAsync(service, [Word("limit-294", 1), Word("sound", 1, "OTHER"), Word("gone", 1, "ENDED", isWithdrawn: true)]);
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e1"));
        await EmptyAsync(service);
        await ChangeAsync(service, "limit-294", "limit-994");
        await ChangeAsync(service, "gone", "come");
        var before = Hub.Accepted.Count;

        Hub.Lose("e2");

        await UntilAsync(async () => (await ViewAsync(service)).Parked == 2);
        await EmptyAsync(service);
        Assert.Equal(["sound"], Hub.Accepted.Skip(before).Select(item => item.Id));
        Assert.All((await ViewAsync(service)).ParkedItems, item => Assert.Contains("was changed in the store", item.Problem!.Detail, StringComparison.Ordinal));
        var heard = Hub.Hellos.Count;
        await UntilAsync(() => Hub.Hellos.Count > heard + 5);
        Assert.DoesNotContain(Hub.Hellos, hello => hello.RestatedEpoch == "e2");

        // Another loss: the changed item is not even tried again.
        Hub.Lose("e3");
        await UntilAsync(() => Hub.Accepted.Skip(before).Count(item => item.Id == "sound") == 2);
        Assert.Equal(2, (await ViewAsync(service)).Parked);

        await AddAsync(service, [Word("limit-300", 2)]);
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e3"));
        Assert.Equal(["sound", "sound", "limit-300"], Hub.Accepted.Skip(before).Select(item => item.Id));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_copy_that_was_changed_while_it_waited_is_made_again_from_the_sound_original(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        Hub.Epoch = "e1";
        await using var service = await StartPublisherAsync(place, Eager with { Timeout = Until.Ceiling });
        await AddAsync(service, [Word("limit-294", 1)]);
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e1"));
        await EmptyAsync(service);
        var (asked, changed) = (new TaskCompletionSource(), new TaskCompletionSource());
        Hub.Then(async (context, _) =>
        {
            asked.SetResult();
            await changed.Task;
            context.Response.StatusCode = 503;
        });

        Hub.Lose("e2");
        await asked.Task;
        await ChangeAsync(service, "limit-294", "limit-994", "outbox");
        changed.SetResult();

        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e2"));
        Assert.Equal(["limit-294", "limit-294"], Hub.Accepted.Select(item => item.Id));
        Assert.Equal(1, (await ViewAsync(service)).Parked);
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_store_of_an_older_version_has_no_proofs_and_is_said_again(Dialect dialect)
    {
        await using var place = TestStores.Create(dialect);
        Hub.Epoch = "e1";
        await using var service = await StartPublisherAsync(place);
        await AddAsync(service, [Word("a", 1)]);
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e1"));
        await EmptyAsync(service);
        await service.App.Services.GetRequiredService<Store>().WriteAsync(tx => tx.Connection!.ExecuteAsync("UPDATE published_stream SET proof = NULL", transaction: tx));

        Hub.Lose("e2");

        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e2"));
        Assert.Equal(2, Hub.Accepted.Count(item => item.Id == "a"));
        Assert.Equal(0, (await ViewAsync(service)).Parked);
    }

    [Fact]
    public async Task Restated_is_not_said_while_the_hub_takes_nothing()
    {
        Hub.Epoch = "e1";
        await using var service = await StartPublisherAsync(null);
        await AddAsync(service, [Word("a", 1)]);
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e1"));
        await EmptyAsync(service);

        var isAway = true;
        Hub.Then(AnswerAsync);
        Hub.Lose("e2");
        var refused = Hub.Batches.Count;
        await UntilAsync(() => Hub.Batches.Count > refused + 3);
        Assert.DoesNotContain(Hub.Hellos, hello => hello.RestatedEpoch == "e2");

        Volatile.Write(ref isAway, false);
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e2"));
        Assert.Equal(2, Hub.Accepted.Count(item => item.Id == "a"));

        // For as long as the test looks, and no longer.
        Task AnswerAsync(HttpContext context, IReadOnlyList<FakeHub.Event> events)
        {
            if (!Volatile.Read(ref isAway))
            {
                return FakeHub.AnswerAsync(context, Hub.Take(events));
            }

            Hub.Then(AnswerAsync);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_restarted_service_remembers_where_the_hub_stood()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        Hub.Epoch = "e1";
        await using (var first = await StartPublisherAsync(place))
        {
            await UntilAsync(() => Hub.Hellos.Any(hello => hello is { RestatedEpoch: "e1", Epoch: "e1" }));
        }

        var before = Hub.Hellos.Count;
        await using var second = await StartPublisherAsync(place);
        await UntilAsync(() => Hub.Hellos.Count > before);
        var hello = Hub.Hellos.ElementAt(before);
        Assert.Equal(("e1", "e1", 7), (hello.RestatedEpoch, hello.Epoch, hello.Head));
    }

    // A hub with an empty store takes the tenant as complete after ten seconds, its SettleTime: who is new to it must have said hello by then.
    [Fact]
    public async Task A_hello_on_a_line_that_says_nothing_is_given_up_and_said_again_while_a_new_hub_still_waits()
    {
        var usual = new RelayOptions();
        Assert.InRange(usual.HelloTimeout + usual.UnansweredPause, TimeSpan.Zero, TimeSpan.FromSeconds(7));
        await using var place = TestStores.Create(Dialect.Sqlite);
        (Hub.Epoch, Hub.Unanswered) = ("e1", 1);
        await using var service = await StartPublisherAsync(
            place, Eager with { Timeout = Until.Ceiling, HelloTimeout = TimeSpan.FromMilliseconds(300), HelloInterval = Until.Ceiling * 2, UnansweredPause = TimeSpan.FromMilliseconds(20) });

        // The next one is due at once, not after the usual pause.
        await UntilAsync(() => !Hub.Hellos.IsEmpty);
    }

    [Fact]
    public async Task A_hub_that_is_slow_is_waited_for_longer_and_longer()
    {
        var usual = new RelayOptions();
        Assert.Equal([5, 10, 20, 30, 30], new[] { 0, 1, 2, 3, 5_000 }.Select(times => usual.HelloTimeoutAfter(times).TotalSeconds));
        (Hub.Epoch, Hub.HelloTakes) = ("e1", TimeSpan.FromMilliseconds(400));
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using var service = await StartPublisherAsync(
            place, Eager with { Timeout = Until.Ceiling, HelloTimeout = TimeSpan.FromMilliseconds(20), UnansweredPause = TimeSpan.FromMilliseconds(1) });
        await UntilAsync(() => !Hub.Hellos.IsEmpty);
    }

    [Fact]
    public async Task A_service_whose_store_was_lost_claims_to_have_seen_nothing_while_the_hub_waits_for_it_over_a_start_too()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        (Hub.Epoch, Hub.WaitingFor) = ("e1", ["/gridservices/sample/1"]);
        for (var start = 0; start < 2; start++)
        {
            await using var blank = await StartPublisherAsync(place);
            await SomeHellosAsync();
        }

        Assert.All(Hub.Hellos, hello => Assert.Null(hello.Epoch));

        await using var service = await StartPublisherAsync(place);
        await AddAsync(service, [Word("a", 1)]);
        await UntilAsync(() => Hub.Hellos.Any(hello => hello is { RestatedEpoch: "e1", Epoch: "e1" }));
        Assert.Contains(Hub.Accepted, item => item.Id == "a");
    }
}
