using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using GridServices.UtilityClients.Tests.Rig;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Engine;

/// <summary>Who waits for an engine, while nobody knows whether its last commit happened.</summary>
public sealed class EngineWaitTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_person_is_told_after_half_a_minute_that_the_outcome_is_open_and_it_is_done_all_the_same()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        LoseCommits(rig);

        await IsOpenAsync(rig, loop.SubmitAsync(new CountingInput("publish"), Ct));
        await IsOpenAsync(rig, rig.Host.PutAsync(loop.Id, new CountingConfig("site-2"), Ct));

        rig.Protocol.IsStoreAway = false;
        await rig.AdvanceUntilAsync(Until.HoldsAsync(() => loop.View.Config.Sites[0] == "site-2"));
        Assert.Equal((1L, 1L), (loop.View.State.Total, await rig.CountAsync("outbox")));
    }

    [Fact]
    public async Task A_new_engine_shows_only_once_it_is_stored_however_long_that_takes()
    {
        await using var rig = await EngineRig.StartAsync();
        LoseCommits(rig);

        await IsOpenAsync(rig, rig.Host.PutAsync(EngineRig.Id("a"), new CountingConfig("site-1"), Ct));

        Assert.Empty(rig.Host.Views);
        Assert.True(rig.Host.TryGet(EngineRig.Id("a"), out var loop) && !loop.IsStored);
        rig.Protocol.IsStoreAway = false;
        await rig.AdvanceUntilAsync(Until.HoldsAsync(() => rig.Host.Views.Any()));
        Assert.Equal((0, 0), await rig.StoredAsync("a"));
        Assert.Single(rig.Host.FindBySite("default", "site-1"));
    }

    [Fact]
    public async Task An_engine_whose_deletion_nobody_waited_for_is_gone_once_the_store_is_back()
    {
        await using var rig = await EngineRig.StartAsync();
        var id = (await rig.PutAsync("a", "site-1")).Id;
        LoseCommits(rig);

        await IsOpenAsync(rig, rig.Host.DeleteAsync(id, Ct));

        Assert.True(rig.Host.TryGet(id, out _));
        rig.Protocol.IsStoreAway = false;
        await rig.AdvanceUntilAsync(Until.HoldsAsync(() => !rig.Host.TryGet(id, out _)));
        Assert.Equal(0, await rig.CountAsync("engines"));
        Assert.True(await rig.Host.PutAsync(id, new CountingConfig("site-1"), Ct));
    }

    [Fact]
    public async Task A_caller_that_goes_is_waited_for_no_longer_and_what_it_wanted_is_done()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        LoseCommits(rig);
        using var gone = new CancellationTokenSource();
        var waiting = loop.SubmitAsync(new CountingInput("publish"), gone.Token);
        var deleting = rig.Host.DeleteAsync(loop.Id, gone.Token);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => deleting);
        rig.Protocol.IsStoreAway = false;
        await rig.AdvanceUntilAsync(Until.HoldsAsync(() => !rig.Host.TryGet(loop.Id, out _)));
        Assert.Equal((1, 0), await rig.StoredAsync("a"));
    }

    /// <summary>From the state before that commit the engine would publish the same revisions again, and say its farewell anew.</summary>
    [Fact]
    public async Task A_farewell_whose_answer_may_be_stored_is_not_gone_on_from_the_state_before()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("register"), Ct);
        var writes = 0;
        rig.Protocol.Requests.Enqueue(_ =>
        {
            LoseCommits(rig);
            writes = rig.Protocol.Writes;
            return Task.FromResult(new CountingInput("unregistered"));
        });

        var deleted = rig.Host.DeleteAsync(loop.Id, Ct);

        // The farewell itself needs no time to pass; the pauses between the tries add up to more than its five seconds.
        await Until.HoldsAsync(() => writes > 0 && rig.Protocol.Writes > writes);
        await rig.AdvanceUntilAsync(Until.HoldsAsync(() => writes > 0 && rig.Protocol.Writes > writes + 5));
        Assert.DoesNotContain("removed", rig.Protocol.Applied);
        rig.Protocol.IsStoreAway = false;
        await rig.AdvanceUntilAsync(Until.HoldsAsync(() => !rig.Host.TryGet(loop.Id, out _)));
        Assert.Equal(["farewell", "unregistered", "removed"], rig.Protocol.Applied.TakeLast(3));
        await Task.WhenAny(deleted);
    }

    [Fact]
    public async Task What_waits_for_the_write_behind_is_not_written_over_a_commit_that_may_have_happened()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("count", 4), Ct);
        LoseCommits(rig);
        var writes = rig.Protocol.Writes;
        var waiting = loop.SubmitAsync(new CountingInput("publish"), Ct);
        await Until.HoldsAsync(() => rig.Protocol.Writes > writes);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => loop.TakeUnsavedAsync(Ct));

        Assert.True(loop.HasUnsaved);
        Assert.Null(loop.TryTakeUnsaved());

        rig.Protocol.IsStoreAway = false;
        await rig.AdvanceUntilAsync(waiting, Duration.FromMilliseconds(50));
        Assert.Equal((1, 4), await rig.StoredAsync("a"));
        Assert.Null(await loop.TakeUnsavedAsync(Ct));
    }

    /// <summary>A server that fails over refuses logins and lacks tables for a while: that tells nothing of the commit before.</summary>
    [Fact]
    public async Task A_commit_that_may_have_happened_is_written_again_whatever_the_store_says_meanwhile()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        LoseCommits(rig);
        var writes = rig.Protocol.Writes;
        var waiting = loop.SubmitAsync(new CountingInput("publish"), Ct);
        await Until.HoldsAsync(() => rig.Protocol.Writes > writes);

        rig.Protocol.StoreFault = new InvalidOperationException("password authentication failed");
        writes = rig.Protocol.Writes;
        await rig.AdvanceUntilAsync(Until.HoldsAsync(() => rig.Protocol.Writes > writes + 2 || waiting.IsFaulted));

        Assert.Null(loop.TryTakeUnsaved());
        (rig.Protocol.StoreFault, rig.Protocol.IsStoreAway) = (null, false);
        await rig.AdvanceUntilAsync(Until.HoldsAsync(() => loop.View.State.Total == 1));
        Assert.Single(rig.Protocol.Applied, "publish");
        Assert.Equal(((1L, 0L), 1L), (await rig.StoredAsync("a"), await rig.CountAsync("outbox")));
    }

    [Fact]
    public async Task Who_waits_for_an_open_commit_when_the_service_ends_is_told_that_it_may_have_been_made()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        LoseCommits(rig);
        var writes = rig.Protocol.Writes;
        var begun = loop.SubmitAsync(new CountingInput("publish"), Ct);
        await Until.HoldsAsync(() => rig.Protocol.Writes > writes);
        var behind = loop.SubmitAsync(new CountingInput("publish"), Ct);

        await rig.Host.StopAsync(Ct);

        var open = await Assert.ThrowsAsync<ProblemException>(() => begun);
        Assert.Equal(ErrorClass.Unavailable, open.Class);
        Assert.Contains("may have been made", open.Message, StringComparison.Ordinal);
        Assert.True(EngineWait.IsOpen(open));
        Assert.Equal(ErrorClass.Conflict, (await Assert.ThrowsAsync<ProblemException>(() => behind)).Class);
    }

    [Fact]
    public async Task Behind_an_open_commit_eight_people_wait_and_the_next_is_told_that_nothing_was_begun()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        LoseCommits(rig);
        var writes = rig.Protocol.Writes;
        var people = new List<Task> { loop.SubmitAsync(new CountingInput("add"), Ct) };
        await Until.HoldsAsync(() => rig.Protocol.Writes > writes);
        people.AddRange(Enumerable.Range(0, 8).Select(_ => loop.SubmitAsync(new CountingInput("add"), Ct)));

        var refusal = await Assert.ThrowsAsync<ProblemException>(() => loop.SubmitAsync(new CountingInput("add"), Ct));
        var put = await Assert.ThrowsAsync<ProblemException>(() => rig.Host.PutAsync(loop.Id, new CountingConfig("site-2"), Ct));

        Assert.Equal((ErrorClass.Unavailable, ErrorClass.Unavailable), (refusal.Class, put.Class));
        Assert.Contains("Nothing was changed", refusal.Message, StringComparison.Ordinal);
        Assert.False(EngineWait.IsOpen(refusal));
        rig.Protocol.IsStoreAway = false;
        await rig.AdvanceUntilAsync(Task.WhenAll(people), Duration.FromMilliseconds(50));
        Assert.Equal(((9L, 0L), "site-1"), (await rig.StoredAsync("a"), loop.View.Config.Sites[0]));
    }

    [Fact]
    public async Task A_new_engine_whose_store_does_not_answer_keeps_nobody_longer_than_half_a_minute()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        rig.Protocol.Creating = () =>
        {
            asked.TrySetResult();
            return answer.Task;
        };
        var made = rig.Host.PutAsync(EngineRig.Id("b"), new CountingConfig("site-b"), Ct);
        await asked.Task;
        var behind = rig.Host.PutAsync(loop.Id, new CountingConfig("site-2"), Ct);

        await IsOpenAsync(rig, made);
        await Until.HoldsAsync(() => behind.IsCompleted);

        var refusal = await Assert.ThrowsAsync<ProblemException>(() => behind);
        Assert.Contains("Nothing was changed", refusal.Message, StringComparison.Ordinal);
        answer.SetResult();
        await Until.HoldsAsync(() => rig.Host.Views.Count() == 2);
        Assert.Equal("site-1", loop.View.Config.Sites[0]);
    }

    [Fact]
    public async Task A_new_engine_that_can_not_be_stored_takes_no_other_configuration_with_it()
    {
        await using var rig = await EngineRig.StartAsync();
        var id = EngineRig.Id("a");
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var busy = rig.Store.WriteAsync(_ => held.Task, Ct);
        rig.Protocol.IsStoreAway = true;
        var first = rig.Host.PutAsync(id, new CountingConfig("site-1"), Ct);
        await Until.HoldsAsync(() => rig.Host.TryGet(id, out _));
        var second = rig.Host.PutAsync(id, new CountingConfig("site-2"), Ct);
        rig.Protocol.Failed = () => rig.Protocol.IsStoreAway = false;
        held.SetResult();
        await busy;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        Assert.Equal(ErrorClass.Conflict, (await Assert.ThrowsAsync<ProblemException>(() => second)).Class);
        Assert.Equal(0, await rig.CountAsync("engines"));
        Assert.True(await rig.Host.PutAsync(id, new CountingConfig("site-2"), Ct));
    }

    private static void LoseCommits(EngineRig rig) => (rig.Protocol.IsStoreAway, rig.Protocol.IsOutcomeUnknown) = (true, true);

    private static async Task IsOpenAsync(EngineRig rig, Task work)
    {
        var asked = rig.Clock.GetCurrentInstant();
        await Until.HoldsAsync(() =>
        {
            rig.Time.Advance(Duration.FromSeconds(1));
            return work.IsCompleted;
        });

        var open = await Assert.ThrowsAsync<ProblemException>(() => work);

        Assert.Equal((ErrorClass.Unavailable, TimeSpan.FromSeconds(10)), (open.Class, open.RetryAfter));
        Assert.Contains("may have been made", open.Message, StringComparison.Ordinal);
        Assert.True(rig.Clock.GetCurrentInstant() - asked >= Duration.FromSeconds(30));
    }
}
