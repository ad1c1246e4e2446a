using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Relay;

/// <summary>What is known from the store alone, against the word of a hub: whose holds before the utility was heard.</summary>
public sealed class UnheardUtilityTests : RestatementRig
{
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
        await using var place = TestStores.Create(dialect);
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
        await using var place = TestStores.Create(Dialect.Sqlite);
        await SayBeforeAsync(place, Word("stored", 1));
        var utility = new Utility();
        ThenHeld(revision: 7);
        await using var service = await StartPublisherAsync(place, utility: utility);
        await UntilAsync(async () => (await ViewAsync(service)).Parked == 1);

        ThenHeld(revision: 7);
        utility.IsHeard = true;

        await UntilAsync(() => Hub.Accepted.Any(item => item.Id == "stored~8"));
        Assert.Equal(8, ReadRevision(Hub.Accepted[^1]));
    }

    [Fact]
    public async Task A_service_without_a_utility_leaves_the_hubs_word_in_force_until_a_person_states_or_strikes_its_own()
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
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

        Hub.Then((context, events) => FakeHub.AnswerAsync(
            context, [.. events.Select(item => new PublishResult { Id = item.Id, Status = PublishStatus.Rejected, Problem = Problems.Create(ErrorClass.AuthzSite, "the token is not for this site") })]));
        Hub.Lose("e2");
        await UntilAsync(async () => (await ViewAsync(service)).Parked == 1);
        await SomeHellosAsync();
        Assert.DoesNotContain(Hub.Hellos, hello => hello.RestatedEpoch == "e2");

        await (anew ? AddAsync(service, [Word("b", 2)]) : StrikeAsync(service));

        await UntilAsync(() => Hub.Hellos.Any(hello => hello.RestatedEpoch == "e2"));
    }
}
