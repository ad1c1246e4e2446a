using GridServices.Contracts;
using System.Threading.Channels;
using NodaTime;

namespace GridServices.Client;

/// <summary>
/// Hands limits to one handler of the controller, when it begins and when they change, one at a time, always the latest. A handler that throws has not set its power:
/// it is called again, with what holds by then. One that hangs holds up nothing but itself.
/// </summary>
internal sealed class LimitsPump
{
    private static readonly TimeSpan SlowAfter = TimeSpan.FromSeconds(30);
    private readonly Channel<bool> bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Func<SiteLimits> latest;
    private readonly Action<SiteLimits> handler;
    private readonly Action<string> tell;
    private readonly Backoff backoff;
    private readonly TimeProvider time;
    private readonly InTurn runs;
    private long busySince;
    private bool slowTold;

    public LimitsPump(Func<SiteLimits> latest, Action<SiteLimits> handler, Action<string> tell, Backoff backoff, TimeProvider time)
    {
        (this.latest, this.handler, this.tell, this.backoff, this.time) = (latest, handler, tell, backoff, time);
        runs = new InTurn(RunAsync);
    }

    public Action<SiteLimits> Handler => handler;

    /// <summary>There is something new to hand on.</summary>
    public void Ring() => bell.Writer.TryWrite(true);

    /// <summary>Says once when the handler has not come back for long.</summary>
    public void Watch()
    {
        if (Volatile.Read(ref busySince) is var since and not 0 && time.GetElapsedTime(since) >= SlowAfter && !slowTold)
        {
            slowTold = true;
            tell($"the LimitsChanged handler has not returned for {SlowAfter.TotalSeconds:0} s; newer limits wait for it");
        }
    }

    /// <summary>Hands over what holds now, and then whenever it is rung, until cancelled.</summary>
    public Task Start(CancellationToken ct) => runs.Start(ct);

    private async Task RunAsync(CancellationToken ct)
    {
        Ring(); // a controller that sets power here only must obey what it starts with, changed or not
        for (var failures = 0; ;)
        {
            if (failures == 0)
            {
                await bell.Reader.ReadAsync(ct);
            }

            failures = TryHandOver() ? 0 : failures + 1;
            if (failures > 0)
            {
                await WaitAsync(backoff.After(failures, 0.5), ct);
            }
        }
    }

    private bool TryHandOver()
    {
        Volatile.Write(ref busySince, Math.Max(1, time.GetTimestamp()));
        try
        {
            handler(latest());
            return true;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            tell($"the LimitsChanged handler failed and is called again: {fault.GetType().Name}: {fault.Message}");
            return false;
        }
        finally
        {
            Volatile.Write(ref busySince, 0);
            slowTold = false;
        }
    }

    // Newer limits are tried at once.
    private async Task WaitAsync(Duration wait, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(bell.Reader.WaitToReadAsync(over.Token).AsTask(), Task.Delay(wait.ToTimeSpan(), time, over.Token));
        await over.CancelAsync();
        ct.ThrowIfCancellationRequested();
        bell.Reader.TryRead(out _);
    }
}
