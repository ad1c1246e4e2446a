using System.Collections.Concurrent;
using GridServices.Contracts;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Client.Tests.Session;

public sealed class SupervisorTests
{
    [Fact]
    public async Task A_part_that_went_well_for_a_while_begins_again_as_soon_as_after_its_first_failure()
    {
        var time = new ManualTimeProvider();
        var notices = new ConcurrentQueue<string>();
        var attempts = new ConcurrentQueue<TaskCompletionSource>();
        using var stop = Until.Deadline();
        var kept = new Supervisor(new Backoff(Duration.FromSeconds(1), Duration.FromSeconds(30), Spread: 0), time, notices.Enqueue);
        var running = kept.RunAsync(
            "the part",
            _ =>
            {
                var attempt = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                attempts.Enqueue(attempt);
                return attempt.Task;
            },
            stop.Token);

        // Eight failures in a row: by then the pause is at its longest.
        for (var n = 1; n <= 8; n++)
        {
            await FailAsync(n);
            time.Advance(Duration.FromSeconds(30));
        }

        await Until.HoldsAsync(() => attempts.Count == 9);
        time.Advance(Duration.FromDays(1));
        await FailAsync(9);
        time.Advance(Duration.FromSeconds(2));
        await Until.HoldsAsync(() => attempts.Count == 10);
        Assert.Equal(9, notices.Count);
        await stop.CancelAsync();
        attempts.Last().SetCanceled(TestContext.Current.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);

        async Task FailAsync(int nth)
        {
            await Until.HoldsAsync(() => attempts.Count == nth);
            attempts.Last().SetException(new InvalidOperationException("fault"));
            await Until.HoldsAsync(() => time.Waiting == 1);
        }
    }
}
