using GridServices.FrequencyResponse.Frames;
using GridServices.Simulators.Grid.Assets;
using GridServices.Simulators.Grid.Meters;
using GridServices.Simulators.Grid.Traces;

namespace GridServices.Simulators.Grid;

/// <summary>Grid, meter and assets in one clock. Moves only when told the time; safe from several threads.</summary>
public sealed class GridWorld
{
    /// <summary>Numbers of the assets in set-point frames.</summary>
    public const uint BatteryNumber = 1;

    /// <inheritdoc cref="BatteryNumber"/>
    public const uint ChargersNumber = 2;

    /// <summary>A device that hears nothing goes by its own default after this, whatever the frame says.</summary>
    private const double LongestValidSeconds = 60;
    private readonly Lock _gate = new();
    private readonly double _nominal;
    private GridTrace _trace;
    private double _traceStart;
    private Meter _meter;
    private readonly MeterSpec _meterSpec;
    private double _validUntil = double.NegativeInfinity;
    private long _token;
    private bool _released = true;

    public GridWorld(GridOptions options)
    {
        _nominal = options.NominalHz;
        _trace = options.Play is { } file ? RecordedTrace.Load(file, options.StepSeconds) : Events.Named(options.Event, options.NominalHz);
        _meterSpec = new MeterSpec { Number = options.Number, PeriodSeconds = options.PeriodSeconds, DelaySeconds = options.DelaySeconds };
        _meter = new Meter(_meterSpec, _trace);
        Battery = new Bess("battery", new BessSpec { MaxDischargeW = 1000 * options.BessKw, MaxChargeW = 1000 * options.BessKw, EnergyWh = 2000 * options.BessKw });
        Chargers = new EvPool("chargers", new EvPoolSpec { Chargers = options.Chargers });
    }

    public Bess Battery { get; }

    public EvPool Chargers { get; }

    public MeterRegisters Registers { get; } = new();

    /// <summary>The grid now.</summary>
    public GridMoment Moment { get; private set; }

    public string TraceName => _trace.Name;

    public long SetpointFrames { get; private set; }

    public long RefusedFrames { get; private set; }

    /// <summary>Another event begins at this second.</summary>
    public void Begin(double now, GridTrace trace)
    {
        lock (_gate)
        {
            (_trace, _traceStart) = (trace, now);
            _meter = new Meter(_meterSpec, trace);
        }
    }

    /// <summary>Moves everything to this second and measures; null while the meter is silent.</summary>
    public UdpSampleFrame? Tick(double now, long unixNanos)
    {
        lock (_gate)
        {
            if (_trace.EndSeconds is { } end && now - _traceStart > end)
            {
                (_trace, _traceStart) = (new CalmTrace(_nominal), now);
                _meter = new Meter(_meterSpec, _trace);
            }

            Moment = _trace.At(now - _traceStart);
            if (!_released && now > _validUntil)
            {
                _released = true;
                Battery.Release(now);
                Chargers.Release(now);
            }

            Battery.Advance(now);
            Chargers.Advance(now);
            var sample = _meter.Sample(now - _traceStart, unixNanos);
            if (sample is { } frame)
            {
                Registers.Set(frame.Hz, 230 * frame.VoltagePu);
            }
            else
            {
                Registers.Clear();
            }

            return sample;
        }
    }

    /// <summary>A set-point datagram arrived; false where it is none, or of a writer that was superseded.</summary>
    public bool Command(double now, ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            if (UdpSetpointFrame.TryRead(datagram, out var frame) != FrameFault.None || frame.LeaseToken < _token)
            {
                RefusedFrames++;
                return false;
            }

            SetpointFrames++;
            _token = frame.LeaseToken;
            _validUntil = now + Math.Min(frame.ValidForMs / 1000.0, LongestValidSeconds);
            _released = (frame.Marks & SetpointMarks.DeviceDefault) != SetpointMarks.None;
            Follow(now, datagram, BatteryNumber, Battery);
            Follow(now, datagram, ChargersNumber, Chargers);
            return true;
        }
    }

    private void Follow(double now, ReadOnlySpan<byte> datagram, uint number, AssetModel asset)
    {
        if (_released)
        {
            asset.Release(now);
        }
        else if (UdpSetpointFrame.TrySetpoint(datagram, number, out var watts))
        {
            asset.Command(now, watts);
        }
    }
}
