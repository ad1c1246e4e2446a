using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace GridServices.Hosting.Tests.Relay;

/// <summary>What a publisher does when the hub holds more than it says, and when the hub's store is of another history.</summary>
public sealed class RestatementTests : RelayRig
{
    private static readonly RelayOptions Eager = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(5),
        LongestPause = TimeSpan.FromMilliseconds(40),
        LookAgain = TimeSpan.FromMilliseconds(50),
        HelloInterval = TimeSpan.FromMilliseconds(20),
        SettleTime = TimeSpan.Zero,
    };

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_stale_item_is_published_again_above_what_the_hub_holds_and_so_is_what_follows(Dialect dialect)
    {
        await using var place = TestStores.Of(dialect);
        Hub.Then((context, events) => FakeHub.AnswerAsync(context, [.. events.Select(item => new PublishResult { Id = item.Id, Status = PublishStatus.Stale, HeldRevision = 3 })]));
        await using var service = await StartAsync(place, Eager);

        await AddAsync(service, [Word("a", 1)]);
        await EmptyAsync(service);
        await AddAsync(service, [Word("b", 2)]);
        await EmptyAsync(service);

        Assert.Equal([4, 5], Hub.Accepted.Select(RevisionOf));
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

        Assert.Equal([3], Hub.Accepted.Select(RevisionOf));
        Assert.Equal(0, (await ViewAsync(service)).Parked);
    }

    [Fact]
    public async Task A_hub_that_never_lets_us_above_it_is_told_to_a_person()
    {
        for (var i = 0; i < RaiseRule.MostKnown + 1; i++)
        {
            Hub.Then((context, events) => FakeHub.AnswerAsync(
                context, [.. events.Select(item => new PublishResult { Id = item.Id, Status = PublishStatus.Stale, HeldRevision = RevisionOf(item) + 1 })]));
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
        await using var place = TestStores.Of(dialect);
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
        await using var place = TestStores.Of(dialect);
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
        await using var place = TestStores.Of(dialect);
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
        await using var place = TestStores.Of(dialect);
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

        Hub.ThenStatus(503, times: 20);
        Hub.Lose("e2");
        var refused = Hub.Batches.Count;
        await UntilAsync(() => Hub.Batches.Count > refused + 3);
        Assert.DoesNotContain(Hub.Hellos, hello => hello.RestatedEpoch == "e2");

        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e2"));
        Assert.Equal(2, Hub.Accepted.Count(item => item.Id == "a"));
    }

    [Fact]
    public async Task A_service_that_has_nothing_stored_does_not_say_that_everything_is_said_before_it_could_hear_its_utility()
    {
        Hub.Epoch = "e1";
        await using var service = await StartPublisherAsync(null, Eager with { SettleTime = TimeSpan.FromHours(1) });
        await UntilAsync(() => Hub.Hellos.Count > 10);
        Assert.All(Hub.Hellos, hello => Assert.Null(hello.RestatedEpoch));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task What_is_known_from_the_store_alone_is_put_above_the_hubs_word_only_once_the_utility_was_heard(Dialect dialect)
    {
        await using var place = TestStores.Of(dialect);
        await SayBeforeAsync(place, Word("yesterday", 1));
        var utility = new Utility();
        Hub.Lose("e2");
        ThenHeld(revision: 7);

        await using var service = await StartPublisherAsync(place, utility: utility);
        await UntilAsync(async () => (await ViewAsync(service)).Parked == 1);
        await AddAsync(service, [Word("by-the-clock", 9), Word("other", 1, "OTHER")]);
        await UntilAsync(() => Hub.Accepted.Any(item => item.Id == "other"));
        await SomeHellosAsync();

        Assert.DoesNotContain(Hub.Accepted, item => item.Id is "by-the-clock" or "yesterday~8");
        Assert.DoesNotContain(Hub.Hellos, hello => hello.RestatedEpoch == "e2");
        var told = Assert.Single((await ViewAsync(service)).ParkedItems).Problem!.Detail!;
        Assert.Contains("revision 7", told, StringComparison.Ordinal);
        Assert.Contains("The VTN was not heard.", told, StringComparison.Ordinal);

        utility.IsHeard = true;
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e2"));
        Assert.Equal("by-the-clock", Hub.Accepted[^1].Id);
        Assert.Equal(0, (await ViewAsync(service)).Parked);
    }

    [Fact]
    public async Task A_stored_word_goes_above_the_hubs_once_the_utility_was_heard_and_has_nothing_new_to_say()
    {
        await using var place = TestStores.Of(Dialect.Sqlite);
        await SayBeforeAsync(place, Word("stored", 1));
        var utility = new Utility();
        ThenHeld(revision: 7);
        await using var service = await StartPublisherAsync(place, utility: utility);
        await UntilAsync(async () => (await ViewAsync(service)).Parked == 1);

        ThenHeld(revision: 7);
        utility.IsHeard = true;

        await UntilAsync(() => Hub.Accepted.Any(item => item.Id == "stored~8"));
        Assert.Equal(8, RevisionOf(Hub.Accepted[^1]));
    }

    [Fact]
    public async Task A_service_without_a_utility_leaves_the_hubs_word_in_force_until_a_person_states_or_strikes_its_own()
    {
        await using var place = TestStores.Of(Dialect.Sqlite);
        await SayBeforeAsync(place, Word("fuse-100", 1), Word("withdrawn", 1, "GONE", isWithdrawn: true));
        Hub.Lose("e2");
        ThenHeld(revision: 7);
        await using var service = await StartPublisherAsync(place);
        await UntilAsync(async () => (await ViewAsync(service)).Parked == 2);
        await SomeHellosAsync();
        Assert.DoesNotContain(Hub.Hellos, hello => hello.RestatedEpoch == "e2");

        ThenHeld(revision: 7);
        await AddAsync(service, [Word("fuse-63", 2)]);
        await UntilAsync(() => Hub.Accepted.Any(item => item.Id == "fuse-63~8"));

        // A withdrawal that waits is no limit that the hub lacks.
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e2"));
        Assert.Equal(1, (await ViewAsync(service)).Parked);
        await StrikeAsync(service);
        Assert.Equal(0, (await ViewAsync(service)).Parked);
        Assert.DoesNotContain(Hub.Accepted, item => item.Id.StartsWith("withdrawn~", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_word_that_a_hub_of_another_history_refuses_keeps_it_incomplete_until_it_is_stated_anew_or_struck(bool anew)
    {
        Hub.Epoch = "e1";
        await using var service = await StartPublisherAsync(null);
        await AddAsync(service, [Word("a", 1)]);
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e1"));
        await EmptyAsync(service);

        Hub.Lose("e2");
        Hub.Then((context, events) => FakeHub.AnswerAsync(
            context, [.. events.Select(item => new PublishResult { Id = item.Id, Status = PublishStatus.Rejected, Problem = Problems.Create(ErrorClass.AuthzSite, "the token is not for this site") })]));
        await UntilAsync(async () => (await ViewAsync(service)).Parked == 1);
        await SomeHellosAsync();
        Assert.DoesNotContain(Hub.Hellos, hello => hello.RestatedEpoch == "e2");

        await (anew ? AddAsync(service, [Word("b", 2)]) : StrikeAsync(service));

        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e2"));
    }

    [Fact]
    public async Task A_restarted_service_remembers_where_the_hub_stood()
    {
        await using var place = TestStores.Of(Dialect.Sqlite);
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
        await using var place = TestStores.Of(Dialect.Sqlite);
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
        await using var place = TestStores.Of(Dialect.Sqlite);
        await using var service = await StartPublisherAsync(
            place, Eager with { Timeout = Until.Ceiling, HelloTimeout = TimeSpan.FromMilliseconds(20), UnansweredPause = TimeSpan.FromMilliseconds(1) });
        await UntilAsync(() => !Hub.Hellos.IsEmpty);
    }

    /// <summary>A start of the service that said this, and that the hub took all of.</summary>
    private async Task SayBeforeAsync(TestStore place, params OutboxItem[] words)
    {
        Hub.Epoch = "e1";
        await using var before = await StartPublisherAsync(place);
        await AddAsync(before, words);
        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e1"));
        await EmptyAsync(before);
    }

    /// <summary>The hub holds something else of all that is said next.</summary>
    private void ThenHeld(long revision) => Hub.Then((context, events) => FakeHub.AnswerAsync(
        context, [.. events.Select(item => new PublishResult { Id = item.Id, Status = PublishStatus.Stale, HeldRevision = revision })]));

    [Fact]
    public async Task A_service_whose_store_was_lost_claims_to_have_seen_nothing_while_the_hub_waits_for_it_over_a_start_too()
    {
        await using var place = TestStores.Of(Dialect.Sqlite);
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

    private Task SomeHellosAsync()
    {
        var heard = Hub.Hellos.Count;
        return UntilAsync(() => Hub.Hellos.Count > heard + 5);
    }

    private static async Task StrikeAsync(ServiceApp service)
    {
        using var person = service.Client(service.Tokens.Operator);
        var parked = Assert.Single((await ViewAsync(service)).ParkedItems);
        using var struck = await person.DeleteAsync(new Uri($"/v1/outbox/{parked.Id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NoContent, struck.StatusCode);
        using var again = await person.DeleteAsync(new Uri($"/v1/outbox/{parked.Id}", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    private Task<ServiceApp> StartPublisherAsync(TestStore? place, RelayOptions? options = null, IStreamHearing? utility = null) => ServiceApp.StartAsync(
        args => SampleApp.Build(args, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton(options ?? Eager));
            if (utility is not null)
            {
                builder.Services.Replace(ServiceDescriptor.Singleton(utility));
            }

            builder.AddHubLink(SampleApp.Identity);
        }),
        place,
        $"--Hub:Url={Hub.Url}",
        "--Hub:Token=hub-token",
        "--Logging:LogLevel:GridServices.Hosting=None");

    private static Task ChangeAsync(ServiceApp service, string id, string other, string table = "published_stream") => service.App.Services.GetRequiredService<Store>().WriteAsync(async tx =>
        Assert.Equal(1, await tx.Connection!.ExecuteAsync($"UPDATE {table} SET body = @changed WHERE body = @body", new { body = Word(id, 1).Body, changed = Word(other, 1).Body }, tx)));

    private static OutboxItem Word(string id, long revision, string stream = "PROG7", bool isWithdrawn = false) => new(
        "site-1",
        JsonSerializer.SerializeToUtf8Bytes(new { specversion = "1.0", id, subject = "tenants/default/sites/site-1", data = new { revision } }),
        new PublishedStream($"default|site-1|site|site-1|openadr|{stream}", revision, isWithdrawn));

    private static long RevisionOf(FakeHub.Event item) => JsonNode.Parse(item.Raw)!["data"]!["revision"]!.GetValue<long>();

    private sealed class Utility : IStreamHearing
    {
        internal bool IsHeard { get; set; }

        public string? WhyUnheard(SpokenStream stream) => IsHeard || stream.Stream.Key == "OTHER" ? null : "The VTN was not heard.";
    }
}
