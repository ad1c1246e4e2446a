using GridServices.Testing;
using GridServices.UtilityClients.Tests.Rig;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Engine;

/// <summary>How long people wait for an exchange that hangs, and what becomes of it.</summary>
public sealed class EngineCutTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

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
        await loop.SubmitAsync(new CountingInput("add"), Ct);
        await asked.Task;

        Assert.True(await rig.Host.DeleteAsync(loop.Id, Ct));

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
        var person = loop.SubmitAsync(new CountingInput("opt"), Ct);
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
        var first = loop.SubmitAsync(new CountingInput("opt"), Ct);
        var reply = new TaskCompletionSource<CountingInput>(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Protocol.Requests.Enqueue(ct => reply.Task.WaitAsync(ct));
        rig.Time.Advance(Duration.FromSeconds(2));
        await first;
        await Until.HoldsAsync(() => rig.Protocol.Requests.IsEmpty);

        var second = loop.SubmitAsync(new CountingInput("opt"), Ct);
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
            var person = loop.SubmitAsync(new CountingInput("opt"), Ct);
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

        var person = loop.SubmitAsync(new CountingInput("opt"), Ct);
        rig.Time.Advance(Duration.FromSeconds(2));
        await person;

        await Until.HoldsAsync(() => rig.Protocol.Applied.Count(a => a == "resync") == resyncs + 1);
        await loop.SubmitAsync(new CountingInput("add"), Ct);
        Assert.Equal(letters + 1, await rig.CountAsync("letters"));
    }

    [Fact]
    public async Task What_no_person_wants_cuts_nothing()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await HangAsync(rig, loop);
        var fetched = loop.SubmitPatientlyAsync(new CountingInput("fetched"), Ct);
        rig.Time.Advance(Duration.FromSeconds(20));
        Assert.False(fetched.IsCompleted);
        Assert.DoesNotContain("fetched", rig.Protocol.Applied);
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
        await loop.SubmitAsync(new CountingInput("add"), Ct);
        await asked.Task;
    }
}
