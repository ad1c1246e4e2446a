using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Driver;

/// <summary>
/// The machine's time at the start of the process, counted on from there: never jumps. The server's time is followed as an offset to it,
/// so that a person (or NTP) who sets the machine's clock moves no control.
/// </summary>
internal sealed class SteadyClock(IClock machine, TimeProvider time) : IClock
{
    private const double LeastStepS = 1;
    private readonly Lock _gate = new();
    private Duration _step = Duration.Zero;
    private readonly Instant _start = machine.GetCurrentInstant();
    private readonly long _startTicks = time.GetTimestamp();

    public Instant GetCurrentInstant() => _start + Duration.FromTimeSpan(time.GetElapsedTime(_startTicks));

    /// <summary>How far the machine's clock was set, or how long the machine slept, since the start: positive = it is ahead. What two readings differ by anyway is no step.</summary>
    public Duration Step
    {
        get
        {
            lock (_gate)
            {
                var measured = machine.GetCurrentInstant() - GetCurrentInstant();
                if (Math.Abs((measured - _step).TotalSeconds) > LeastStepS)
                {
                    _step = Math.Abs(measured.TotalSeconds) > LeastStepS ? measured : Duration.Zero;
                }

                return _step;
            }
        }
    }
}
