using NodaTime;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>A contract's power and frequency at regular instants, over any number of segments of the log.</summary>
/// <remarks>
/// <code>
///   samples    x    x     x  x      (none)          x     x
///   readings   o              o              o            o
///   rows       |    |    |    |    |    |    |    |    |    |     at every whole multiple of the step in [from, until)
/// </code>
/// The rule of each row, and there is no other: the frequency is that of the last sample by then, the metered power that of the last reading by
/// then, each not older than one and a half steps. Nothing is averaged, held longer, or filled in between: where there is none the value is absent
/// and the row is marked. A reading counts at its own instant, also where it arrived up to <see cref="LatenessNanos"/> later. Baseline, command and
/// availability are those of the last turn, not older than one and a half steps or a second.
/// </remarks>
public static class MeteredRows
{
    /// <summary>A reading that arrives later than this after its instant is in the log, and not in the rows before it.</summary>
    public const long LatenessNanos = 16 * Nanos.PerSecond;
    private const long AliveNanos = Nanos.PerSecond;

    /// <summary>A row may stand on what was sampled so long before it: segments from then on are needed for it, wherever it is the first.</summary>
    public static Duration Reach(Duration step) => Duration.Max(step * 3 / 2, Duration.FromNanoseconds(AliveNanos));

    /// <param name="segments">In their order.</param>
    /// <param name="step">Between two rows.</param>
    /// <param name="span">Where rows are; a row at its start, none at its end.</param>
    public static IEnumerable<MeteredRow> Build(IEnumerable<MeteredSegment> segments, Duration step, Interval span)
    {
        ArgumentNullException.ThrowIfNull(segments);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step, Duration.Zero);
        var walk = new Walk(step.ToInt64Nanoseconds(), Nanos.Unix(span.Start), Nanos.Unix(span.End));
        foreach (var segment in segments)
        {
            walk.Add(segment);
            while (walk.TryTake(walk.SettledNanos, out var row))
            {
                yield return row;
            }
        }

        while (walk.TryTake(long.MaxValue, out var row))
        {
            yield return row;
        }
    }

    private sealed class Walk(long step, long from, long until)
    {
        private readonly Queue<MeteredTurn> _turns = new();
        private readonly Queue<MeteredReading> _readings = new();
        private long _at = (from + step - 1) / step * step;
        private long _lastTurn = long.MinValue;
        private long _lastReading = long.MinValue;
        private RowMarks _after = RowMarks.NotRunning;
        private MeteredTurn? _turn;
        private MeteredTurn? _sample;
        private MeteredReading? _reading;

        /// <summary>Rows up to here can't change by what comes later.</summary>
        public long SettledNanos => _lastTurn == long.MinValue ? long.MinValue : _lastTurn - LatenessNanos;

        public void Add(MeteredSegment segment)
        {
            var gap = _after;
            foreach (var turn in segment.Turns)
            {
                // A clock that was set back gives no instant twice.
                if (turn.WallUnixNanos > _lastTurn)
                {
                    _turns.Enqueue(turn.Before == RowMarks.None && gap != RowMarks.NotRunning ? turn with { Before = gap } : turn);
                    (_lastTurn, gap) = (turn.WallUnixNanos, RowMarks.NotRunning);
                }
            }

            foreach (var reading in segment.Readings)
            {
                if (reading.WallUnixNanos > _lastReading)
                {
                    _readings.Enqueue(reading);
                    _lastReading = reading.WallUnixNanos;
                }
            }

            _after = segment.After == RowMarks.None ? RowMarks.NotRunning : segment.After;
        }

        public bool TryTake(long settled, out MeteredRow row)
        {
            row = null!;
            if (_at >= until || _at > settled)
            {
                return false;
            }

            while (_turns.TryPeek(out var turn) && turn.WallUnixNanos <= _at)
            {
                _turn = _turns.Dequeue();
                _sample = double.IsFinite(turn.SampleHz) ? turn : _sample;
            }

            while (_readings.TryPeek(out var reading) && reading.WallUnixNanos <= _at)
            {
                _reading = _readings.Dequeue();
            }

            row = Row();
            _at += step;
            return true;
        }

        private MeteredRow Row()
        {
            var turn = _turn is { } run && _at - run.WallUnixNanos <= Math.Max(step * 3 / 2, AliveNanos) ? _turn : null;
            var sample = _sample is { } taken && _at - taken.WallUnixNanos <= step * 3 / 2 ? _sample : null;
            var reading = _reading is { } read && _at - read.WallUnixNanos <= step * 3 / 2 ? _reading : null;
            return new MeteredRow
            {
                At = Instant.FromUnixTimeTicks(_at / NodaConstants.NanosecondsPerTick),
                FrequencyHz = sample?.SampleHz,
                MeteredW = reading?.PowerW,
                Source = reading?.Source ?? Performance.MeterSource.None,
                BaselineW = turn?.BaselineW,
                CommandedW = turn?.CommandedW,
                ResponseW = turn?.ResponseW,
                Procured = turn?.Procured ?? false,
                Available = turn?.Available ?? false,
                Marks = (sample is null ? RowMarks.NoFrequency : RowMarks.None) | (reading is null ? RowMarks.NoReading : RowMarks.None) | (turn is null ? Gap() : RowMarks.None),
            };
        }

        /// <summary>Why no turn is recent: as the one that comes next says, or the end of what there is.</summary>
        private RowMarks Gap() =>
            !_turns.TryPeek(out var next) ? _turn is null ? RowMarks.NotRunning : _after
            : next.Before == RowMarks.None ? RowMarks.NotRunning
            : next.Before;
    }
}
