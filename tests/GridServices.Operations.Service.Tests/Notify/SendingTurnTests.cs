using System.Collections.Concurrent;
using GridServices.Operations.Service.Notify;

namespace GridServices.Operations.Service.Tests.Notify;

/// <summary>Lines work at the same time, end what they have begun, and leave the rest once the turn is over.</summary>
public sealed class SendingTurnTests
{
    private static readonly CancellationToken Ct = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_is_sent_once_over_lines_that_do_not_wait_for_each_other()
    {
        var turn = new SendingTurn(new SetTime(), TimeSpan.FromSeconds(10));
        var (sent, begun, all) = (new ConcurrentBag<int>(), 0, new TaskCompletionSource());
        await turn.EachAsync(Enumerable.Range(0, 50).ToList(), async waiting =>
        {
            foreach (var one in waiting)
            {
                if (Interlocked.Increment(ref begun) == SendingTurn.Lines)
                {
                    all.SetResult();
                }

                await all.Task.WaitAsync(Ct);
                sent.Add(one);
            }
        }, Ct);
        Assert.Equal(Enumerable.Range(0, 50), sent.Order());
    }

    [Fact]
    public async Task A_line_that_fails_stops_the_taking_and_cuts_off_nothing()
    {
        var turn = new SendingTurn(new SetTime(), TimeSpan.FromSeconds(10));
        var (ended, begun, failed) = (0, 0, new TaskCompletionSource());
        await Assert.ThrowsAsync<InvalidDataException>(() => turn.EachAsync(Enumerable.Range(0, 100_000).ToList(), async waiting =>
        {
            try
            {
                foreach (var one in waiting)
                {
                    if (Interlocked.Increment(ref begun) == 2)
                    {
                        throw new InvalidDataException();
                    }

                    await failed.Task.WaitAsync(Ct);

                    // The turn notes the failure a moment after it: who goes on meanwhile must not be through with all by then.
                    await Task.Delay(TimeSpan.FromMilliseconds(1), Ct);
                    Interlocked.Increment(ref ended);
                }
            }
            catch (InvalidDataException)
            {
                _ = Task.Run(failed.SetResult, Ct);
                throw;
            }
        }, Ct));
        Assert.InRange(begun, 2, 99_999);
        Assert.Equal(begun - 1, ended);
    }

    [Fact]
    public async Task What_waits_once_the_turn_is_over_is_left()
    {
        var time = new SetTime();
        var (turn, sent) = (new SendingTurn(time, TimeSpan.FromSeconds(10)), 0);
        await turn.EachAsync(Enumerable.Range(0, 1_000).ToList(), waiting =>
        {
            foreach (var _ in waiting)
            {
                Interlocked.Increment(ref sent);
                time.Pass(TimeSpan.FromSeconds(4));
            }

            return Task.CompletedTask;
        }, Ct);
        Assert.True(turn.IsOver);
        Assert.InRange(sent, 3, SendingTurn.Lines + 3);
    }

    [Theory]
    [InlineData(9, 9)]
    [InlineData(0, 11)]
    public async Task What_only_lacked_time_is_said_to_wait_also_where_the_turn_ended_between_two_batches(int firstSeconds, int secondSeconds)
    {
        var (time, reads, left) = (new SetTime(), 0, Enumerable.Range(0, 60).ToList());
        var turn = new SendingTurn(time, TimeSpan.FromSeconds(10));
        var hasMore = await turn.AllAsync(
            () =>
            {
                // Reading what is due takes time too.
                time.Pass(TimeSpan.FromSeconds(++reads == 1 ? firstSeconds : secondSeconds));
                return Task.FromResult<IReadOnlyList<int>>([.. left.Take(50)]);
            },
            waiting =>
            {
                var mine = waiting.ToList();
                lock (left)
                {
                    left.RemoveAll(mine.Contains);
                }

                return Task.FromResult(mine.Count);
            },
            Ct);
        Assert.True(hasMore);
        Assert.Equal(10, left.Count);
    }

    [Fact]
    public async Task What_nobody_got_a_turn_for_waits_and_what_was_refused_does_not()
    {
        var over = new SetTime();
        var turn = new SendingTurn(over, TimeSpan.FromSeconds(10));
        over.Pass(TimeSpan.FromSeconds(11));
        Assert.True(await turn.AllAsync(() => Task.FromResult<IReadOnlyList<int>>([1]), waiting => Task.FromResult(waiting.Count()), Ct));
        Assert.False(await turn.AllAsync(() => Task.FromResult<IReadOnlyList<int>>([]), waiting => Task.FromResult(waiting.Count()), Ct));
        Assert.False(await new SendingTurn(over, TimeSpan.FromSeconds(10)).AllAsync(() => Task.FromResult<IReadOnlyList<int>>([1, 2]), waiting =>
        {
            Assert.InRange(waiting.Count(), 0, 2);
            over.Pass(TimeSpan.FromSeconds(11));
            return Task.FromResult(0);
        }, Ct));
    }

    private sealed class SetTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        internal void Pass(TimeSpan span) => Interlocked.Add(ref _ticks, span.Ticks);
    }
}
