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
    private readonly Channel<bool> _bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Func<SiteLimits> _latest;
    private readonly Action<SiteLimits> _handler;
    private readonly Action<string> _tell;
    private readonly Backoff _backoff;
    private readonly TimeProvider _time;
    private readonly SerialRunner _runs;
    private long _busySince;
    private bool _slowTold;

    public LimitsPump(Func<SiteLimits> latest, Action<SiteLimits> handler, Action<string> tell, Backoff backoff, TimeProvider time)
    {
        (_latest, _handler, _tell, _backoff, _time) = (latest, handler, tell, backoff, time);
        _runs = new SerialRunner(RunAsync);
    }

    public Action<SiteLimits> Handler => _handler;

    /// <summary>There is something new to hand on.</summary>
    public void Wake() => _bell.Writer.TryWrite(true);

    /// <summary>Says once when the handler has not come back for long.</summary>
    public void Watch()
    {
        if (Volatile.Read(ref _busySince) is var since and not 0 && _time.GetElapsedTime(since) >= SlowAfter && !_slowTold)
        {
            _slowTold = true;
            _tell($"the LimitsChanged handler has not returned for {SlowAfter.TotalSeconds:0} s; newer limits wait for it");
        }
    }

    /// <summary>Hands over what holds now, and then whenever it is rung, until cancelled.</summary>
    public Task Start(CancellationToken ct) => _runs.Start(ct);

    private async Task RunAsync(CancellationToken ct)
    {
        Wake(); // a controller that sets power here only must obey what it starts with, changed or not
        for (var failures = 0; ;)
        {
            if (failures == 0)
            {
                await _bell.Reader.ReadAsync(ct);
            }

            failures = TryHandOver() ? 0 : failures + 1;
            if (failures > 0)
            {
                await WaitAsync(_backoff.After(failures, 0.5), ct);
            }
        }
    }

    private bool TryHandOver()
    {
        Volatile.Write(ref _busySince, Math.Max(1, _time.GetTimestamp()));
        try
        {
            _handler(_latest());
            return true;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            _tell($"the LimitsChanged handler failed and is called again: {fault.GetType().Name}: {fault.Message}");
            return false;
        }
        finally
        {
            Volatile.Write(ref _busySince, 0);
            _slowTold = false;
        }
    }

    // Newer limits are tried at once.
    private async Task WaitAsync(Duration wait, CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAny(_bell.Reader.WaitToReadAsync(over.Token).AsTask(), Task.Delay(wait.ToTimeSpan(), _time, over.Token));
        await over.CancelAsync();
        ct.ThrowIfCancellationRequested();
        _bell.Reader.TryRead(out _);
    }
}
