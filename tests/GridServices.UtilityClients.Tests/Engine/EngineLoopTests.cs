using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using GridServices.UtilityClients.Tests.Rig;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Engine;

public sealed class EngineLoopTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task State_publications_and_notes_of_an_input_are_stored_when_it_is_answered(Dialect dialect)
    {
        await using var rig = await EngineRig.StartAsync(dialect);
        var loop = await rig.PutAsync("a", "site-1");

        var notes = await loop.SubmitAsync(new CountingInput("publish"), Ct);

        Assert.Equal("counted 1", Assert.Single(notes).Text);
        Assert.Equal((1, 0), await rig.StoredAsync("a"));
        Assert.Equal(1, await rig.CountAsync("outbox"));
        Assert.Equal(1, rig.Protocol.PublishedCount);
        var note = loop.View.Notes[^1];
        Assert.Equal((rig.Clock.GetCurrentInstant(), "publish", "counted 1"), (note.At, note.About, note.Text));
    }

    [Fact]
    public async Task A_person_learns_at_once_that_the_store_is_away_and_nothing_is_changed()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        rig.Protocol.IsStoreAway = true;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => loop.SubmitAsync(new CountingInput("publish"), Ct));

        Assert.Equal(0, loop.View.State.Total);
        Assert.Equal(0, await rig.CountAsync("outbox"));
        Assert.False(loop.View.Faulted);
        rig.Protocol.IsStoreAway = false;
        await loop.SubmitAsync(new CountingInput("publish"), Ct);
        Assert.Equal((1, 0), await rig.StoredAsync("a"));
    }

    /// <summary>State and messages for the hub may be on disk: memory must not go on from the state before.</summary>
    [Fact]
    public async Task Where_the_commit_of_a_persons_input_may_have_happened_it_is_written_again_until_it_is_known()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        (rig.Protocol.IsStoreAway, rig.Protocol.IsOutcomeUnknown) = (true, true);
        var writes = rig.Protocol.Writes;
        var waiting = loop.SubmitAsync(new CountingInput("publish"), Ct);
        await Until.HoldsAsync(() => rig.Protocol.Writes > writes);
        Assert.False(waiting.IsFaulted);

        // Later tries tell that they wrote nothing, and say nothing of the first.
        rig.Protocol.IsOutcomeUnknown = false;
        await rig.AdvanceUntilAsync(Until.HoldsAsync(() => rig.Protocol.Writes > writes + 2), Duration.FromMilliseconds(50));
        Assert.False(waiting.IsCompleted);
        rig.Protocol.IsStoreAway = false;
        await rig.AdvanceUntilAsync(waiting, Duration.FromMilliseconds(50));
        Assert.Equal((1, 0), await rig.StoredAsync("a"));
        Assert.Equal((1L, 1L), (loop.View.State.Total, await rig.CountAsync("outbox")));
    }

    [Fact]
    public async Task Of_what_is_received_during_an_exchange_eight_wait_and_the_next_is_turned_away_at_once()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        var reply = new TaskCompletionSource<CountingInput>(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Protocol.Requests.Enqueue(_ => reply.Task);
        await loop.SubmitAsync(new CountingInput("add"), Ct);
        await Until.HoldsAsync(() => rig.Protocol.Requests.IsEmpty);

        var waiting = Enumerable.Range(0, 8).Select(_ => Receive()).ToList();
        var ninth = Receive();

        Assert.True(ninth.IsCompletedSuccessfully && !await ninth);
        Assert.DoesNotContain(waiting, w => w.IsCompleted);
        reply.SetResult(new CountingInput("add"));
        Assert.All(await Task.WhenAll(waiting), Assert.True);
        Assert.True(await Receive());
        Assert.Equal((11, 0), await rig.StoredAsync("a"));

        Task<bool> Receive() => loop.SubmitReceivedAsync(new CountingInput("add"), Letter.At(rig.Clock.GetCurrentInstant()));
    }

    [Fact]
    public async Task What_was_missed_is_asked_for_once_when_the_engine_can()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        var reply = new TaskCompletionSource<CountingInput>(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Protocol.Requests.Enqueue(_ => reply.Task);
        await loop.SubmitAsync(new CountingInput("add"), Ct);
        await Until.HoldsAsync(() => rig.Protocol.Requests.IsEmpty);

        Assert.True(loop.OfferMissed());
        Assert.False(loop.OfferMissed());
        rig.Protocol.IsStoreAway = true;
        var timers = rig.Time.Waiting;
        reply.SetResult(new CountingInput("count"));
        await Until.HoldsAsync(() => rig.Time.Waiting > timers);
        rig.Protocol.IsStoreAway = false;
        await rig.AdvanceUntilAsync(loop.SubmitAsync(new CountingInput("add"), Ct), Duration.FromMilliseconds(50));

        Assert.Single(rig.Protocol.Applied, "missed");
        Assert.True(loop.OfferMissed());
    }

    [Fact]
    public async Task What_nobody_can_send_again_waits_for_the_store()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        rig.Protocol.IsStoreAway = true;
        var timers = rig.Time.Waiting;
        var waiting = loop.SubmitAsync(new CountingInput("readings", 5), Ct);
        await Until.HoldsAsync(() => rig.Time.Waiting > timers);
        Assert.False(waiting.IsCompleted);

        rig.Protocol.IsStoreAway = false;
        await rig.AdvanceUntilAsync(waiting, Duration.FromMilliseconds(50));
        Assert.Equal((5, 0), await rig.StoredAsync("a"));
    }

    [Fact]
    public async Task An_exchange_is_journalled_shown_and_applied()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("add", 3)));

        await loop.SubmitAsync(new CountingInput("add"), Ct);
        await Until.HoldsAsync(() => loop.View.State.Total == 4);

        Assert.Equal(1, loop.View.Exchanges);
        Assert.Equal((4, 0), await rig.StoredAsync("a"));
        Assert.Equal(1, await rig.CountAsync("letters"));
    }

    [Fact]
    public async Task A_fault_of_the_engine_is_its_own_and_everything_is_read_again_after_a_pause()
    {
        await using var rig = await EngineRig.StartAsync();
        var (loop, other) = (await rig.PutAsync("a", "site-1"), await rig.PutAsync("b", "site-2"));
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("boom")));
        await loop.SubmitAsync(new CountingInput("add"), Ct);
        await Until.HoldsAsync(() => loop.View.Faulted);

        // What came to nothing was not heard, and whoever looks at the engine sees that it is not sound.
        Assert.Null(loop.View.HeardAt);
        Assert.Equal(rig.Clock.GetCurrentInstant(), loop.View.ProblemSince);
        Assert.Contains("internal fault", loop.View.Problem, StringComparison.Ordinal);
        await other.SubmitAsync(new CountingInput("add"), Ct);

        await rig.AdvanceUntilAsync(Until.HoldsAsync(() => rig.Protocol.Applied.Contains("resync")));
        await loop.SubmitAsync(new CountingInput("add"), Ct);
        Assert.Equal((2, 0), await rig.StoredAsync("a"));
    }

    [Fact]
    public async Task No_more_than_eight_unasked_messages_wait()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        var (asked, reply) = (new TaskCompletionSource(), new TaskCompletionSource());
        rig.Protocol.Requests.Enqueue(async ct =>
        {
            asked.SetResult();
            await reply.Task.WaitAsync(ct);
            return new CountingInput("add");
        });
        await loop.SubmitAsync(new CountingInput("add"), Ct);
        await asked.Task;

        var taken = Enumerable.Range(0, 10).Count(n => loop.OfferReceived(new CountingInput("add"), Letter.At(rig.Clock.GetCurrentInstant(), $"n{n}")));
        Assert.Equal(8, taken);

        reply.SetResult();
        await Until.HoldsAsync(() => loop.View.State.Total == 10);
        Assert.True(loop.OfferReceived(new CountingInput("add"), Letter.At(rig.Clock.GetCurrentInstant(), "later")));
        await Until.HoldsAsync(() => loop.View.State.Total == 11);
        Assert.Equal(10, await rig.CountAsync("letters"));
    }

    [Fact]
    public async Task Nobody_waits_for_a_loop_that_has_ended()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await rig.Host.DeleteAsync(loop.Id, Ct);

        var refused = await Assert.ThrowsAsync<ProblemException>(() => loop.SubmitAsync(new CountingInput("add"), Ct));

        Assert.Contains("counter 'a' is being deleted", refused.Message, StringComparison.Ordinal);
    }
}
