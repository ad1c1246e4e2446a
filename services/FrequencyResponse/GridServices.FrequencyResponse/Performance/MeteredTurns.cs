namespace GridServices.FrequencyResponse.Performance;

/// <summary>
/// Brings decisions and readings of the same instant together. A reading arrives after the decision that it shows, so a turn waits until a reading
/// covers it, at most <see cref="WaitNanos"/>; what no reading covers then is not measured. A reading that came too late to be set against its
/// own instant shows nothing: what was never scored is not measured.
/// </summary>
/// <param name="shiftNanos">From the grid to the arrival of a frequency sample: a reading belongs to the turn that much later.</param>
internal sealed class MeteredTurns(long shiftNanos)
{
    /// <summary>A reading speaks for the time after it no longer than this.</summary>
    internal const long HoldNanos = 10_000_000_000;

    /// <summary>
    /// A pool's reading is as old as the oldest of its assets' and may be 5 s late on top: of assets that take turns every 10 s it is known
    /// 15 s after its instant. A second more, for the turn that brings it.
    /// </summary>
    internal const long WaitNanos = HoldNanos + 6_000_000_000;

    private const int MostReadings = 1_024;

    /// <summary>Before the first turn nothing was settled; a reading from just before belongs to it.</summary>
    private const long FirstNanos = 1_000_000_000;
    private readonly Queue<AccountTurn> _turns = new(128);
    private readonly Queue<MeasuredPower> _readings = new(MostReadings);
    private MeasuredPower _latest;
    private MeasuredPower _held;
    private long _settledNanos = long.MinValue;

    internal void Enqueue(in AccountTurn turn)
    {
        _turns.Enqueue(turn);
        _settledNanos = _settledNanos == long.MinValue ? turn.NowNanos - FirstNanos : _settledNanos;
        var reading = turn.Measured with { AtNanos = turn.Measured.AtNanos + shiftNanos };
        if (turn.Measured.Known && (!_latest.Known || reading.AtNanos > _latest.AtNanos) && _readings.Count < MostReadings)
        {
            _readings.Enqueue(reading);
            _latest = reading;
        }
    }

    /// <summary>The oldest turn that can be settled now.</summary>
    /// <param name="now">Monotonic; the greatest there is: nothing more is waited for.</param>
    /// <param name="turn">The turn.</param>
    /// <param name="power">What was measured; source None where nothing was.</param>
    /// <param name="fresh">The reading belongs to this very turn; else it is the one before, held.</param>
    internal bool TryTake(long now, out AccountTurn turn, out MeasuredPower power, out bool fresh)
    {
        (power, fresh) = (default, false);
        if (!_turns.TryPeek(out turn) || (!(_latest.Known && _latest.AtNanos >= turn.NowNanos) && now - turn.NowNanos < WaitNanos))
        {
            return false;
        }

        _turns.Dequeue();
        while (_readings.TryPeek(out var reading) && reading.AtNanos <= turn.NowNanos)
        {
            _readings.Dequeue();
            if (reading.AtNanos > _settledNanos)
            {
                (_held, fresh) = (reading, true);
            }
        }

        _settledNanos = turn.NowNanos;
        power = _held.Known && turn.NowNanos - _held.AtNanos <= HoldNanos ? _held : default;
        return true;
    }
}
