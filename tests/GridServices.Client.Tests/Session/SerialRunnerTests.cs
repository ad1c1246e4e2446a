using GridServices.Testing;

namespace GridServices.Client.Tests.Session;

/// <summary>What runs again waits for the run before.</summary>
public sealed class SerialRunnerTests
{
    [Fact]
    public async Task A_run_that_hangs_over_its_end_is_not_joined_by_the_next()
    {
        var (hang, begun) = (new TaskCompletionSource(), 0);
        var turns = new SerialRunner(_ =>
        {
            Interlocked.Increment(ref begun);
            return hang.Task;
        });
        using var first = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var second = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var hanging = turns.Start(first.Token);
        await Until.HoldsAsync(() => Volatile.Read(ref begun) == 1);
        await first.CancelAsync();

        // One in between that is cancelled before its turn opens the door to nobody.
        var never = turns.Start(second.Token);
        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
        var third = turns.Start(TestContext.Current.CancellationToken);
        await Task.Yield();
        Assert.Equal(1, Volatile.Read(ref begun));
        Assert.False(third.IsCompleted);

        hang.SetResult();
        await Task.WhenAll(hanging, third);
        Assert.Equal(2, begun);
    }
}
