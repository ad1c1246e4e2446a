namespace GridServices.Simulators.Grid.Assets;

/// <summary>Commands that take effect a fixed time after they came. Bounded: of too many the oldest is dropped.</summary>
public sealed class DelayLine(double delaySeconds)
{
    private const int Most = 4096;
    private readonly Queue<(double Due, double Value)> _pending = new();

    public void Add(double now, double value)
    {
        if (_pending.Count == Most)
        {
            _pending.Dequeue();
        }

        _pending.Enqueue((now + delaySeconds, value));
    }

    /// <summary>The newest command that has taken effect, or the one before.</summary>
    public double At(double now, double before)
    {
        while (_pending.TryPeek(out var next) && next.Due <= now + 1e-9)
        {
            before = next.Value;
            _pending.Dequeue();
        }

        return before;
    }
}
