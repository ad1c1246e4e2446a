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
        await Assert.ThrowsAsync<InvalidDataException>(() => turn.EachAsync(Enumerable.Range(0, 1_000).ToList(), async waiting =>
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
                    Interlocked.Increment(ref ended);
                }
            }
            catch (InvalidDataException)
            {
                _ = Task.Run(failed.SetResult, Ct);
                throw;
            }
        }, Ct));
        Assert.InRange(begun, 2, 999);
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

    private sealed class SetTime : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        internal void Pass(TimeSpan span) => Interlocked.Add(ref _ticks, span.Ticks);
    }
}
