using GridServices.Testing;
using GridServices.UtilityClients.Tests.Rig;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Engine;

/// <summary>An engine that is handed over: what becomes of the exchange that is under way.</summary>
public sealed class EngineMoveTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_engine_that_moves_takes_in_the_reply_to_what_it_has_just_sent_and_sends_nothing_more()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        var reply = new TaskCompletionSource<CountingInput>(TaskCreationOptions.RunContinuationsAsynchronously);
        await SendAsync(rig, loop, reply.Task);
        var more = false;
        rig.Protocol.Requests.Enqueue(_ =>
        {
            more = true;
            return Task.FromResult(new CountingInput("add"));
        });

        var stopping = rig.Host.StopEngineAsync(loop.Id);
        Assert.False(stopping.IsCompleted);
        reply.SetResult(new CountingInput("add", 3));

        Assert.True(await stopping);
        Assert.Equal((4, 0), await rig.StoredAsync("a"));
        Assert.False(more);
        Assert.True(await rig.Host.StartEngineAsync(loop.Id, fence: null, Ct));
        await Until.HoldsAsync(() => more);
    }

    [Fact]
    public async Task An_exchange_that_hangs_keeps_an_engine_from_moving_until_two_seconds_after_it_began()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await SendAsync(rig, loop, new TaskCompletionSource<CountingInput>().Task);
        rig.Time.Advance(Duration.FromSeconds(1));

        var stopping = rig.Host.StopEngineAsync(loop.Id);
        Assert.False(stopping.IsCompleted);
        rig.Time.Advance(Duration.FromSeconds(1));

        Assert.True(await stopping);
        Assert.Equal((1, 0), await rig.StoredAsync("a"));
    }

    [Fact]
    public async Task An_engine_that_is_to_leave_while_it_is_about_to_send_does_not_begin()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        var (left, isSent) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), false);
        rig.Protocol.Sending = () =>
        {
            loop.Leave();
            left.TrySetResult();
        };
        rig.Protocol.Requests.Enqueue(_ =>
        {
            isSent = true;
            return Task.FromResult(new CountingInput("add"));
        });

        // It may have left by now: it looks for something to send as soon as it is put.
        loop.Offer(new EngineWork<CountingConfig, CountingInput, CountingKind>.Wake());
        await left.Task;
        Assert.True(await rig.Host.StopEngineAsync(loop.Id));
        Assert.False(isSent);
        Assert.Equal((0, 0), await rig.StoredAsync("a"));
    }

    private static async Task SendAsync(EngineRig rig, EngineLoop<CountingView, CountingConfig, CountingState, CountingInput, CountingKind> loop, Task<CountingInput> reply)
    {
        var sent = new TaskCompletionSource();
        rig.Protocol.Requests.Enqueue(ct =>
        {
            sent.SetResult();
            return reply.WaitAsync(ct);
        });
        await loop.SubmitAsync(new CountingInput("add"), Ct);
        await sent.Task;
    }
}
