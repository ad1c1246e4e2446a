using GridServices.Hosting;
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

        var notes = await loop.SubmitAsync(new CountingInput("publish"));

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

        await Assert.ThrowsAsync<StoreUnavailableException>(() => loop.SubmitAsync(new CountingInput("publish")));

        Assert.Equal(0, loop.View.State.Total);
        Assert.Equal(0, await rig.CountAsync("outbox"));
        Assert.False(loop.View.Faulted);
        rig.Protocol.IsStoreAway = false;
        await loop.SubmitAsync(new CountingInput("publish"));
        Assert.Equal((1, 0), await rig.StoredAsync("a"));
    }

    [Fact]
    public async Task Of_what_is_received_during_an_exchange_eight_wait_and_the_next_is_turned_away_at_once()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        var reply = new TaskCompletionSource<CountingInput>(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Protocol.Requests.Enqueue(_ => reply.Task);
        await loop.SubmitAsync(new CountingInput("add"));
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
        await loop.SubmitAsync(new CountingInput("add"));
        await Until.HoldsAsync(() => rig.Protocol.Requests.IsEmpty);

        Assert.True(loop.OfferMissed());
        Assert.False(loop.OfferMissed());
        rig.Protocol.IsStoreAway = true;
        var timers = rig.Time.Waiting;
        reply.SetResult(new CountingInput("count"));
        await Until.HoldsAsync(() => rig.Time.Waiting > timers);
        rig.Protocol.IsStoreAway = false;
        rig.Time.Advance(Duration.FromSeconds(1));
        await loop.SubmitAsync(new CountingInput("add"));

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
        var waiting = loop.SubmitAsync(new CountingInput("readings", 5));
        await Until.HoldsAsync(() => rig.Time.Waiting > timers);
        Assert.False(waiting.IsCompleted);

        rig.Protocol.IsStoreAway = false;
        rig.Time.Advance(Duration.FromSeconds(1));

        await waiting;
        Assert.Equal((5, 0), await rig.StoredAsync("a"));
    }

    [Fact]
    public async Task An_exchange_is_journalled_shown_and_applied()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("add", 3)));

        await loop.SubmitAsync(new CountingInput("add"));
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
        var timers = rig.Time.Waiting;
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("boom")));
        await loop.SubmitAsync(new CountingInput("add"));
        await Until.HoldsAsync(() => rig.Time.Waiting > timers);
        Assert.True(loop.View.Faulted);

        // What came to nothing was not heard, and whoever looks at the engine sees that it is not sound.
        Assert.Null(loop.View.HeardAt);
        Assert.Equal(rig.Clock.GetCurrentInstant(), loop.View.ProblemSince);
        Assert.Contains("internal fault", loop.View.Problem, StringComparison.Ordinal);
        await other.SubmitAsync(new CountingInput("add"));

        rig.Time.Advance(Duration.FromSeconds(1));

        await Until.HoldsAsync(() => rig.Protocol.Applied.Contains("resync"));
        await loop.SubmitAsync(new CountingInput("add"));
        Assert.Equal((2, 0), await rig.StoredAsync("a"));
    }

    [Fact]
    public async Task A_server_that_hangs_cannot_keep_an_engine_from_being_deleted()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        var asked = new TaskCompletionSource();
        rig.Protocol.Requests.Enqueue(async ct =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return new CountingInput("never");
        });
        await loop.SubmitAsync(new CountingInput("add"));
        await asked.Task;

        Assert.True(await rig.Host.DeleteAsync(loop.Id));

        Assert.DoesNotContain("never", rig.Protocol.Applied);
        Assert.Contains("removed", rig.Protocol.Applied);
        Assert.Equal(0, await rig.CountAsync("engines"));
        Assert.Equal((1, 0), await rig.StoredAsync("a"));
    }

    [Fact]
    public async Task A_person_waits_two_seconds_for_an_exchange_that_hangs_and_what_was_asked_is_asked_again()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await HangAsync(rig, loop);
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("again")));
        var person = loop.SubmitAsync(new CountingInput("opt"));
        rig.Time.Advance(Duration.FromSeconds(1));
        Assert.False(person.IsCompleted);

        rig.Time.Advance(Duration.FromSeconds(1));

        await person;
        await Until.HoldsAsync(() => rig.Protocol.Applied.Contains("again"));
        Assert.DoesNotContain("never", rig.Protocol.Applied);
        Assert.False(loop.View.Faulted);
    }

    [Fact]
    public async Task A_changed_configuration_cuts_an_exchange_that_hangs_at_once_where_it_has_hung_for_long()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await HangAsync(rig, loop);
        rig.Time.Advance(Duration.FromSeconds(20));

        var put = rig.PutAsync("a", "site-2");
        await Until.HoldsAsync(() =>
        {
            rig.Time.Advance(Duration.FromMilliseconds(1));
            return put.IsCompleted;
        });

        await put;
        Assert.Contains("configured", rig.Protocol.Applied);
    }

    [Fact]
    public async Task After_a_cut_the_next_exchange_has_ten_seconds_however_busy_people_are()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await HangAsync(rig, loop);
        var first = loop.SubmitAsync(new CountingInput("opt"));
        var reply = new TaskCompletionSource<CountingInput>(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Protocol.Requests.Enqueue(ct => reply.Task.WaitAsync(ct));
        rig.Time.Advance(Duration.FromSeconds(2));
        await first;
        await Until.HoldsAsync(() => rig.Protocol.Requests.IsEmpty);

        var second = loop.SubmitAsync(new CountingInput("opt"));
        rig.Time.Advance(Duration.FromSeconds(9));
        Assert.False(second.IsCompleted);
        reply.SetResult(new CountingInput("heard"));

        await second;
        Assert.Contains("heard", rig.Protocol.Applied);
    }

    [Fact]
    public async Task A_server_that_is_slow_is_heard_at_last_however_busy_people_are()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await HangAsync(rig, loop);
        foreach (var seconds in (int[])[2, 10, 20])
        {
            var person = loop.SubmitAsync(new CountingInput("opt"));
            var asked = new TaskCompletionSource();
            rig.Protocol.Requests.Enqueue(ct =>
            {
                asked.SetResult();
                return new TaskCompletionSource<CountingInput>().Task.WaitAsync(ct);
            });
            rig.Time.Advance(Duration.FromSeconds(seconds - 1));
            Assert.False(person.IsCompleted);
            rig.Time.Advance(Duration.FromSeconds(1));
            await person;
            await asked.Task;
        }
    }

    [Fact]
    public async Task What_a_cut_exchange_sent_is_journalled_and_what_it_would_have_told_is_asked_for()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await HangAsync(rig, loop);
        var (resyncs, letters) = (rig.Protocol.Applied.Count(a => a == "resync"), await rig.CountAsync("letters"));

        var person = loop.SubmitAsync(new CountingInput("opt"));
        rig.Time.Advance(Duration.FromSeconds(2));
        await person;

        await Until.HoldsAsync(() => rig.Protocol.Applied.Count(a => a == "resync") == resyncs + 1);
        await loop.SubmitAsync(new CountingInput("add"));
        Assert.Equal(letters + 1, await rig.CountAsync("letters"));
    }

    [Fact]
    public async Task What_no_person_wants_cuts_nothing()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await HangAsync(rig, loop);
        var fetched = loop.SubmitAsync(new CountingInput("fetched"), isPersons: false);
        rig.Time.Advance(Duration.FromSeconds(20));
        Assert.False(fetched.IsCompleted);
        Assert.DoesNotContain("fetched", rig.Protocol.Applied);
    }

    [Fact]
    public async Task An_engine_that_could_not_leave_takes_its_farewell_back_and_so_does_one_that_starts_with_it()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("register"));
        rig.Protocol.IsFarewellOwed = state => state.IsRegistered;
        rig.Protocol.Requests.Enqueue(_ =>
        {
            // Between the farewell and the configuration.
            rig.Protocol.IsStoreAway = true;
            return Task.FromResult(new CountingInput("count"));
        });

        await Assert.ThrowsAsync<StoreUnavailableException>(() => rig.PutAsync("a", "elsewhere"));
        rig.Protocol.IsStoreAway = false;
        await Until.HoldsAsync(() =>
        {
            rig.Time.Advance(Duration.FromSeconds(1));
            return rig.Protocol.Applied.Contains("stays") && loop.View.Notes.Any(n => n.About == "stays");
        });

        Assert.Equal(["site-1"], loop.View.Config.Sites);
        rig.Protocol.IsFarewellOwed = _ => true;
        var stays = rig.Protocol.Applied.Count(a => a == "stays");
        using var other = rig.NewHost();
        await other.StartAsync(TestContext.Current.CancellationToken);
        await Until.HoldsAsync(() =>
        {
            rig.Time.Advance(Duration.FromSeconds(1));
            return rig.Protocol.Applied.Count(a => a == "stays") > stays;
        });
        await other.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_engine_says_farewell_before_it_leaves_its_server_for_another()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("register"));
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("add")));
        await loop.SubmitAsync(new CountingInput("count"));
        await Until.HoldsAsync(() => loop.View.Exchanges == 1);
        await rig.PutAsync("a", "site-2");
        Assert.DoesNotContain("farewell", rig.Protocol.Applied);
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("unregistered")));

        await rig.PutAsync("a", "elsewhere");

        Assert.Equal(["farewell", "unregistered", "configured"], rig.Protocol.Applied.TakeLast(3));
    }

    [Fact]
    public async Task A_registered_engine_says_farewell_before_it_is_deleted()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("register"));
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("add")));
        await loop.SubmitAsync(new CountingInput("count"));
        await Until.HoldsAsync(() => loop.View.Exchanges == 1);
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("unregistered")));

        await rig.Host.DeleteAsync(loop.Id);

        Assert.Equal(["farewell", "unregistered", "removed"], rig.Protocol.Applied.TakeLast(3));
    }

    [Fact]
    public async Task An_engine_that_is_quiet_for_a_while_says_farewell_once_it_may()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("register"));
        rig.Protocol.QuietUntil = rig.Clock.GetCurrentInstant() + Duration.FromSeconds(2);
        rig.Protocol.Requests.Enqueue(_ => Task.FromResult(new CountingInput("unregistered")));

        var deleted = rig.Host.DeleteAsync(loop.Id);
        await Until.HoldsAsync(() =>
        {
            // Not as far as the five seconds that a farewell may take.
            if (rig.Protocol.Applied.Contains("farewell") && rig.Clock.GetCurrentInstant() < rig.Protocol.QuietUntil + Duration.FromSeconds(1))
            {
                rig.Time.Advance(Duration.FromMilliseconds(100));
            }

            return deleted.IsCompleted;
        });

        await deleted;
        Assert.Equal(["farewell", "unregistered", "removed"], rig.Protocol.Applied.TakeLast(3));
        Assert.DoesNotContain(rig.Log.All, line => line.Contains("leaves its server", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_farewell_that_could_not_be_sent_in_time_is_told()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("register"));
        rig.Protocol.QuietUntil = rig.Clock.GetCurrentInstant() + Duration.FromSeconds(6);

        await rig.Host.DeleteAsync(loop.Id);

        Assert.Equal(["farewell", "removed"], rig.Protocol.Applied.TakeLast(2));
        Assert.Single(rig.Log.All, line => line.StartsWith("Warning Counter default/a leaves its server, but the cancellation", StringComparison.Ordinal));
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
        await loop.SubmitAsync(new CountingInput("add"));
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
        await rig.Host.DeleteAsync(loop.Id);

        var refused = await Assert.ThrowsAsync<ProblemException>(() => loop.SubmitAsync(new CountingInput("add")));

        Assert.Contains("counter 'a' is being deleted", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The engine asks something, and gets no answer.</summary>
    private static async Task HangAsync(EngineRig rig, EngineLoop<CountingView, CountingConfig, CountingState, CountingInput, CountingKind> loop)
    {
        var asked = new TaskCompletionSource();
        rig.Protocol.Requests.Enqueue(async ct =>
        {
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, ct);
            return new CountingInput("never");
        });
        await loop.SubmitAsync(new CountingInput("add"));
        await asked.Task;
    }
}
