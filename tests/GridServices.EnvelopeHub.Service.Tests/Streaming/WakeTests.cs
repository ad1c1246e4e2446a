using GridServices.EnvelopeHub.Service.Streaming;

namespace GridServices.EnvelopeHub.Tests.Streaming;

public sealed class WakeTests
{
    private readonly AsyncSignal _wake = new();

    [Fact]
    public async Task A_wake_before_the_wait_is_not_lost_and_several_are_one()
    {
        _wake.Set();
        _wake.Set();
        var first = _wake.WaitAsync().AsTask();
        Assert.True(first.IsCompletedSuccessfully);
        await first;
        var second = _wake.WaitAsync().AsTask();
        Assert.False(second.IsCompleted);
        _wake.Set();
        await second;
    }

    [Fact]
    public async Task It_wakes_any_number_of_times_and_never_on_the_wakers_thread()
    {
        for (var i = 0; i < 100; i++)
        {
            var waker = Environment.CurrentManagedThreadId;
            var isInside = true;
            var woken = WokenAsync(() => isInside && Environment.CurrentManagedThreadId == waker);
            _wake.Set();
            isInside = false;
            Assert.False(await woken);
        }
    }

    [Fact]
    public async Task None_is_lost_between_a_reader_and_a_waker_that_run_at_once()
    {
        var (told, seen) = (0, 0);
        var waker = Task.Run(() =>
        {
            for (var i = 1; i <= 10_000; i++)
            {
                Volatile.Write(ref told, i);
                _wake.Set();
            }
        }, TestContext.Current.CancellationToken);
        while (seen < 10_000)
        {
            await _wake.WaitAsync();
            seen = Volatile.Read(ref told);
        }

        await waker;
        Assert.Equal(10_000, seen);
    }

    private async Task<bool> WokenAsync(Func<bool> ask)
    {
        await _wake.WaitAsync().ConfigureAwait(false);
        return ask();
    }
}
